package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.session.SessionOptions;
import dev.unfold.serve.http.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The page in a Chromium, driven by playwright-core. Without one, or without Node.js and npm, the test is skipped, and
/// says so. Pictures lie in `target/pages` then.
final class PageBrowserTest {
  private static final long SECONDS = 180;
  private static final Path SCRIPT = Path.of("src", "test", "browser", "page.mjs");

  /// What the page of `unfold inspect` is looked at with.
  private static final Path PACKAGES = Path.of("..", "cli", "src", "test", "browser");

  private static final Path FOLDER = Path.of("target", "browser");

  @TempDir private Path folder;

  @Test
  void page_usedAsPeopleDo_doesWhatItShows() throws Exception {
    Optional<Path> chromium =
        Stream.of("chromium", "chromium-browser", "google-chrome")
            .flatMap(name -> onPath(name).stream())
            .findFirst();
    Optional<Path> node = onPath("node");
    Optional<Path> npm = onPath("npm");
    boolean isThere = chromium.isPresent() && node.isPresent() && npm.isPresent();
    if (!isThere || !install(npm.orElseThrow())) {
      String why = "there is no Chromium, or no Node.js with npm, to look at the page with";
      System.out.println("PageBrowserTest: 1 skipped: " + why);
      Assumptions.abort(why);
    }
    Path pictures = Files.createDirectories(Path.of("target", "pages").toAbsolutePath());
    Path table = Files.writeString(folder.resolve("shops.csv"), Predictors.shops());
    try (Running server =
        Running.of(
            SessionOptions.defaults(),
            Limits.defaults(),
            LearningTest.learning(),
            Fixtures.text(folder, "poem", 1),
            Fixtures.values(folder, "values", 2),
            Predictors.shops(folder),
            Predictors.questions(folder),
            Predictors.words(folder))) {
      String said =
          run(
              List.of(
                  node.orElseThrow().toString(),
                  "page.mjs",
                  chromium.orElseThrow().toString(),
                  server.uri("/").toString(),
                  table.toString(),
                  pictures.toString()));

      assertEquals("", said.strip());
    }
  }

  private static Optional<Path> onPath(String name) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .map(each -> Path.of(each, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static boolean install(Path npm) throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    Files.copy(SCRIPT, FOLDER.resolve("page.mjs"), StandardCopyOption.REPLACE_EXISTING);
    boolean isThere =
        Files.exists(FOLDER.resolve("package-lock.json"))
            && Files.isDirectory(FOLDER.resolve("node_modules").resolve("playwright-core"));
    for (String file : List.of("package.json", "package-lock.json")) {
      Files.copy(PACKAGES.resolve(file), FOLDER.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    if (isThere) {
      return true;
    }
    Process install =
        new ProcessBuilder(npm.toString(), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .redirectOutput(FOLDER.resolve("npm.log").toFile())
            .start();
    return install.waitFor(SECONDS, TimeUnit.SECONDS) && install.exitValue() == 0;
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    Path log = FOLDER.resolve("page.log");
    Path said = FOLDER.resolve("page.out");
    Process process =
        new ProcessBuilder(command)
            .directory(FOLDER.toFile())
            .redirectOutput(said.toFile())
            .redirectError(log.toFile())
            .start();
    boolean ended = process.waitFor(SECONDS, TimeUnit.SECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
    assertTrue(ended && process.exitValue() == 0, () -> "see " + log.toAbsolutePath());
    return Files.readString(said);
  }
}
