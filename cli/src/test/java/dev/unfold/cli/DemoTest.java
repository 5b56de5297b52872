package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cli.command.Project;
import dev.unfold.formats.model.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The demonstration, in a small clone.
final class DemoTest {
  private static final String INSTANT = "0.02";

  @TempDir private Path clone;

  @BeforeEach
  void makeClone() throws IOException {
    for (String name : List.of("core/src/B.java", "core/src/A.java", "docs/a.md", "README.md")) {
      Path file = clone.resolve(name);
      Files.createDirectories(file.getParent());
      Texts.write(file, 200);
    }
    for (String name : List.of("CONTRIBUTING.md", "docs/a.zh.md", ".git/B.md", "target/C.java")) {
      Path file = clone.resolve(name);
      Files.createDirectories(file.getParent());
      Texts.write(file, 200);
    }
    Files.writeString(clone.resolve("unfold"), "the launcher");
    Files.writeString(clone.resolve("pom.xml"), "the build");
  }

  private Spawned start(Path folder, Object... arguments) throws IOException {
    List<String> launcher = List.of("-Dunfold.home=" + clone, "-Dunfold.command=unfold");
    return Spawned.start(folder, launcher, arguments);
  }

  @Test
  void texts_ofAClone_areItsSourcesInOrder() {
    List<String> names =
        Project.ofClone(clone).texts().stream()
            .map(file -> clone.relativize(file.toAbsolutePath()).toString())
            .toList();

    assertEquals(
        List.of("CONTRIBUTING.md", "README.md", "core/src/A.java", "core/src/B.java", "docs/a.md"),
        names);
  }

  /// An installation may be in a folder that nobody can write to.
  @Test
  void project_ofAnInstallation_readsItsSourcesAndWritesHere() throws IOException {
    Path home = clone.resolve("installation");
    Path source = home.resolve("share/sources/core/A.java");
    Files.createDirectories(source.getParent());
    Texts.write(source, 200);

    Project project = Project.ofInstallation(home);

    assertEquals(List.of(source), project.texts());
    assertEquals(Path.of("").toAbsolutePath(), project.made());
    assertEquals(home.resolve("bin/unfold"), project.launcher());
  }

  /// From a folder of the clone, so that paths have to lead there.
  @Test
  void demo_inAClone_endsWithCommandsThatWork() throws Exception {
    Path docs = clone.resolve("docs");
    List<String> lines;
    try (Spawned demo = start(docs, "demo", "--minutes", INSTANT)) {
      lines = demo.rest();
      assertEquals(0, demo.exitCode(), () -> String.join("\n", lines));
    }

    assertTrue(ModelFile.isModel(clone.resolve("target/demo.safetensors")));
    List<String> next = lines.subList(lines.indexOf("Next") + 1, lines.size());
    assertEquals(3, next.size(), next::toString);
    assertTrue(next.get(1).contains("eval ../target/demo.safetensors ../README.md"), next.get(1));
    for (String command : next) {
      assertWorks(docs, command.strip().replace("--minutes 1 ", "--minutes " + INSTANT + " "));
    }
  }

  /// Runs a command, its words cut as a shell does.
  private void assertWorks(Path folder, String command) throws Exception {
    assertTrue(command.startsWith("unfold "), command);
    String[] words = command.substring("unfold ".length()).split(" (?=([^\"]*\"[^\"]*\")*[^\"]*$)");
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i].replace("\"", "");
    }
    try (Spawned spawned = start(folder, (Object[]) words)) {
      List<String> out = spawned.rest();
      assertEquals(0, spawned.exitCode(), () -> command + "\n" + out);
    }
  }
}
