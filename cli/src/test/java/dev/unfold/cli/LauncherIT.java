package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.output.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs copies of the launcher and of what was packaged, in a folder without sources, so that nothing
/// here can start a build of the repository.
final class LauncherIT {
  private static final Path REPOSITORY = Path.of("..").toAbsolutePath().normalize();
  private static final Path JDK = Path.of(System.getProperty("java.home"));

  @TempDir private Path temporary;
  private Path home;
  private Path launcher;

  private record Outcome(int exitCode, String out, List<String> err) {}

  @BeforeEach
  void install() throws IOException {
    home = temporary.resolve("a folder with spaces");
    Path app = home.resolve("cli/target/app");
    Files.createDirectories(app);
    try (Stream<Path> jars = Files.list(REPOSITORY.resolve("cli/target/app"))) {
      for (Path jar : jars.toList()) {
        Files.copy(jar, app.resolve(jar.getFileName()));
      }
    }
    launcher = home.resolve("unfold");
    Files.copy(REPOSITORY.resolve("unfold"), launcher, StandardCopyOption.COPY_ATTRIBUTES);
  }

  @Test
  void launcher_version_isTheBuilds() throws Exception {
    Outcome outcome = run(temporary, launcher, Map.of("JAVA_HOME", JDK.toString()), "--version");

    assertEquals(0, outcome.exitCode, outcome::toString);
    assertEquals(Version.line() + "\n", outcome.out);
    assertTrue(outcome.out.matches("unfold \\d+\\.\\d+\\.\\d+.*\\n"), outcome.out);
  }

  /// The module of queries and its driver, which have a folder of their own.
  @Test
  void launcher_ofAQuery_addsItsModule() throws Exception {
    Files.createDirectories(home.resolve("sql/target"));
    Files.createSymbolicLink(home.resolve("sql/target/app"), REPOSITORY.resolve("sql/target/app"));
    Map<String, String> java = Map.of("JAVA_HOME", JDK.toString());

    Outcome outcome =
        run(temporary, launcher, java, "look", "--sql", "select range a, 'x' b from range(3)");

    assertEquals(0, outcome.exitCode, outcome::toString);
    assertTrue(outcome.out.startsWith("query: 3 rows, 2 columns"), outcome.out);
    assertFalse(outcome.err.toString().contains("restricted"), outcome::toString);
  }

  @Test
  void launcher_throughSymbolicLinks_findsItsFolder() throws Exception {
    Path bin = Files.createDirectories(temporary.resolve("some bin"));
    Path first = Files.createSymbolicLink(home.resolve("relative"), Path.of("unfold"));
    Path second = Files.createSymbolicLink(bin.resolve("linked"), first);

    Outcome outcome = run(bin, second, Map.of("JAVA_HOME", JDK.toString()), "--version");

    assertEquals(0, outcome.exitCode, outcome::toString);
  }

  @Test
  void launcher_javaOnPath_isFoundThroughALink() throws Exception {
    Path bin = Files.createDirectories(temporary.resolve("bin"));
    Path link = Files.createSymbolicLink(bin.resolve("java"), JDK.resolve("bin/java"));

    Outcome outcome = run(temporary, launcher, Map.of("PATH", bin + ":/usr/bin:/bin"), "--version");
    Files.delete(link);

    assertEquals(0, outcome.exitCode, outcome::toString);
  }

  /// Through a script, since this JVM may itself be unable to pass such an argument. No machine has a locale `xx_YY`.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "LC_ALL=",
        "LC_ALL=C",
        "LANG=POSIX",
        "LC_ALL=xx_YY.UTF-8",
        "LANG=xx_YY.UTF-8",
        "LC_CTYPE=UTF-8",
        "LC_CTYPE=C.UTF-8 LANG=xx_YY.UTF-8",
        "LC_MESSAGES=xx_YY.UTF-8 LANG=C.UTF-8",
        "LC_ALL=C.UTF-8",
        "LC_ALL=xx_YY.UTF-8 PATH=tools"
      })
  void launcher_whateverTheLocale_passesAllCharacters(String locale) throws Exception {
    Path script = temporary.resolve("script");
    String variables = locale.replace("PATH=tools", "PATH='" + folderOfTools() + "'");
    write(script, variables + " exec '" + launcher + "' eval 'mödel日.safetensors' text");

    Outcome outcome = run(temporary, script, Map.of("JAVA_HOME", JDK.toString()));

    assertEquals(2, outcome.exitCode, outcome::toString);
    assertEquals("unfold: mödel日.safetensors: expected a file, found none", outcome.err.getLast());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a'b\"c",
        "100%20",
        "#1",
        "what?",
        "*",
        "back\\slash",
        "a;b&c",
        "$HOME",
        "`id`",
        "-x",
        "[a]{b}",
        "a\nb",
        "end\n",
        "a\tb",
        "in!side",
        "a+b@c=d~",
        "ö日"
      })
  void launcher_inAFolderOfAnOddName_works(String name) throws Exception {
    Outcome outcome = inFolder(name, "doctor", "--json");

    assertEquals(0, outcome.exitCode, outcome::toString);
    assertTrue(outcome.out.contains("\"backend\":\""), outcome.out);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a:b", ":", "end!", "end!/x"})
  void launcher_inAFolderThatJavaCannotLoadFrom_saysSoInOneLine(String name) throws Exception {
    Outcome outcome = inFolder(name, "--version");

    assertEquals(2, outcome.exitCode, outcome::toString);
    assertEquals(1, outcome.err.size(), outcome::toString);
    assertTrue(outcome.err.getFirst().startsWith("unfold: expected a folder "), outcome::toString);
    assertTrue(outcome.err.getFirst().endsWith("/" + name + "/"), outcome::toString);
  }

  /// Moves the installation there and runs it through a script, since this JVM may be unable to pass the name.
  private Outcome inFolder(String name, String... arguments) throws Exception {
    Path script = temporary.resolve("script");
    String odd = "'" + name.replace("'", "'\\''") + "'";
    write(
        script,
        "mkdir -p -- ./"
            + odd
            + " && cp -R -- '"
            + home
            + "'/. ./"
            + odd
            + " && exec ./"
            + odd
            + "/unfold \"$@\"");
    return run(
        temporary, script, Map.of("JAVA_HOME", JDK.toString(), "LC_ALL", "C.UTF-8"), arguments);
  }

  @Test
  void launcher_interruptedBuild_isNotTakenForABuild() throws Exception {
    Outcome outcome = buildWith("kill -TERM $PPID; sleep 1");

    assertNotEquals(0, outcome.exitCode, outcome::toString);
    assertFalse(Files.exists(home.resolve("cli/target/app/unfold-cli.jar")));
  }

  @Test
  void launcher_unknownOption_passesTheExitCode() throws Exception {
    Outcome outcome = run(temporary, launcher, Map.of("JAVA_HOME", JDK.toString()), "--nonsense");

    assertEquals(2, outcome.exitCode, outcome::toString);
    assertTrue(outcome.err.toString().contains("--nonsense"), outcome::toString);
  }

  @Test
  void launcher_noNewEnoughJdk_saysSoInOneLine() throws Exception {
    String script = Files.readString(launcher);
    String demanding = script.replace("minimum=25", "minimum=999");
    assertNotEquals(script, demanding);
    Files.writeString(launcher, demanding);

    Outcome outcome = run(temporary, launcher, Map.of("JAVA_HOME", JDK.toString()), "--version");

    assertEquals(2, outcome.exitCode, outcome::toString);
    assertEquals(1, outcome.err.size(), outcome::toString);
    assertTrue(
        outcome.err.getFirst().startsWith("unfold: no JDK 999 or newer: looked at JAVA_HOME"),
        outcome::toString);
    assertEquals("", outcome.out);
  }

  /// The module path finds the provider, since the descriptor of `cli` says that it uses such.
  @Test
  void launcher_besideAModuleWithACommand_runsAndListsIt() throws Exception {
    Path app = home.resolve("cli/target/app");
    Path descriptor = temporary.resolve("module-info.java");
    Files.writeString(
        descriptor,
        """
        module greetings {
          requires dev.unfold.kernels;
          provides dev.unfold.argument.ModuleCommand with greetings.Greet;
        }
        """);
    Path command = temporary.resolve("Greet.java");
    Files.writeString(
        command,
        """
        package greetings;

        import java.io.PrintWriter;
        import java.util.List;

        public final class Greet implements dev.unfold.argument.ModuleCommand {
          @Override
          public String name() {
            return "greet";
          }

          @Override
          public String summary() {
            return "Greets.";
          }

          @Override
          public int run(List<String> arguments, PrintWriter out, PrintWriter err) {
            out.println(arguments);
            return 3;
          }
        }
        """);
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-p",
                app.toString(),
                "-d",
                app.resolve("greetings").toString(),
                descriptor.toString(),
                command.toString());
    assertEquals(0, compiled);
    Map<String, String> environment = Map.of("JAVA_HOME", JDK.toString());

    Outcome greeted = run(temporary, launcher, environment, "greet", "--help", "me");
    Outcome help = run(temporary, launcher, environment, "--help");

    assertEquals(3, greeted.exitCode, greeted::toString);
    assertEquals("[--help, me]\n", greeted.out);
    assertEquals(0, help.exitCode, help::toString);
    assertTrue(help.out.contains("  greet      Greets.\n"), help.out);
  }

  @Test
  void launcher_noMaven_saysSoInOneLine() throws Exception {
    Files.delete(home.resolve("cli/target/app/unfold-cli.jar"));
    Map<String, String> environment =
        Map.of("JAVA_HOME", JDK.toString(), "PATH", folderOfTools().toString());

    Outcome outcome = run(temporary, launcher, environment, "--version");

    assertEquals(2, outcome.exitCode, outcome::toString);
    assertEquals(1, outcome.err.size(), outcome::toString);
    assertTrue(outcome.err.getFirst().contains("mvn is not on the PATH"), outcome::toString);
  }

  @Test
  void launcher_failedBuild_showsMavensOutput() throws Exception {
    Outcome outcome = buildWith("echo the reason; exit 1");

    assertEquals(2, outcome.exitCode, outcome::toString);
    assertTrue(outcome.err.contains("the reason"), outcome::toString);
    assertEquals("unfold: the build failed, see above", outcome.err.getLast());
  }

  @Test
  void launcher_newerSources_buildsOnce() throws Exception {
    Outcome first = buildWith("echo built >>calls");
    Outcome second = run(temporary, launcher, withTools(), "--version");

    assertEquals(0, first.exitCode, first::toString);
    assertTrue(first.err.getFirst().startsWith("unfold: building"), first::toString);
    assertEquals(0, second.exitCode, second::toString);
    assertEquals(List.of("built"), Files.readAllLines(home.resolve("calls")));
  }

  @Test
  void launcher_benchPeers_buildsItsModuleAndSaysThatItDownloads() throws Exception {
    write(folderOfTools().resolve("mvn"), "echo \"$@\" >calls; exit 1");

    Outcome outcome = run(temporary, launcher, withTools(), "bench", "peers");

    assertEquals(2, outcome.exitCode, outcome::toString);
    assertTrue(outcome.err.getFirst().contains("downloads"), outcome::toString);
    String call = Files.readString(home.resolve("calls"));
    assertTrue(call.contains("-Pbench -pl bench"), call);
  }

  /// Runs the launcher with a source that is newer than the jar and with a script in Maven's place.
  private Outcome buildWith(String script) throws Exception {
    Path source = Files.createDirectories(home.resolve("cli/src/main")).resolve("Some.java");
    Files.writeString(source, "");
    Path jar = home.resolve("cli/target/app/unfold-cli.jar");
    Files.setLastModifiedTime(jar, FileTime.from(Instant.EPOCH));
    write(folderOfTools().resolve("mvn"), script);
    return run(temporary, launcher, withTools(), "--version");
  }

  private Map<String, String> withTools() throws IOException {
    return Map.of("JAVA_HOME", JDK.toString(), "PATH", folderOfTools().toString());
  }

  /// A folder with the commands that the launcher uses, and no Maven.
  private Path folderOfTools() throws IOException {
    Path tools = temporary.resolve("tools");
    if (!Files.exists(tools)) {
      Files.createDirectory(tools);
      for (String tool :
          List.of(
              "cat",
              "dirname",
              "find",
              "head",
              "mkdir",
              "readlink",
              "rm",
              "sed",
              "sleep",
              "touch")) {
        write(tools.resolve(tool), "PATH=/usr/bin:/bin exec " + tool + " \"$@\"");
      }
    }
    return tools;
  }

  private static void write(Path command, String script) throws IOException {
    Files.writeString(command, "#!/bin/sh\n" + script + "\n");
    assertTrue(command.toFile().setExecutable(true));
  }

  private static Outcome run(
      Path folder, Path command, Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> line = new ArrayList<>(List.of(command.toString()));
    line.addAll(List.of(arguments));
    Path out = Files.createTempFile(folder, "out", ".txt");
    Path err = Files.createTempFile(folder, "err", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(line)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", "/usr/bin:/bin");
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the launcher did not end");
    } finally {
      process.destroyForcibly();
    }
    return new Outcome(
        process.exitValue(),
        Files.readString(out),
        Files.readAllLines(err, StandardCharsets.UTF_8));
  }
}
