package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// The command line in a process of its own, with the classes of this test run.
final class Spawned implements AutoCloseable {
  private static final long SECONDS = 120;

  private final Process process;
  private final BufferedReader out;
  private final Path err;

  private Spawned(Process process, Path err) {
    this.process = process;
    this.err = err;
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /// Starts it in a folder.
  ///
  /// @param jvm options for the JVM
  static Spawned start(Path folder, List<String> jvm, Object... arguments) throws IOException {
    List<String> options = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector"));
    options.addAll(jvm);
    return startWithoutVectors(folder, options, arguments);
  }

  /// Starts it in a folder without the module that the vector backend needs.
  static Spawned startWithoutVectors(Path folder, List<String> jvm, Object... arguments)
      throws IOException {
    return start(folder, line(jvm, arguments));
  }

  private static List<String> line(List<String> jvm, Object... arguments) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("--enable-native-access=ALL-UNNAMED");
    line.addAll(jvm);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    Stream.of(arguments).map(Object::toString).forEach(line::add);
    return line;
  }

  private static Spawned start(Path folder, List<String> line) throws IOException {
    Path err = Files.createTempFile("err", ".txt");
    Process process =
        new ProcessBuilder(line).directory(folder.toFile()).redirectError(err.toFile()).start();
    return new Spawned(process, err);
  }

  /// Starts it in a folder, where it may write no file of more than `kibibytes`.
  static Spawned startLimited(Path folder, long kibibytes, Object... arguments) throws IOException {
    List<String> line =
        new ArrayList<>(List.of("bash", "-c", "ulimit -f " + kibibytes + "; exec \"$@\"", "bash"));
    line.addAll(line(List.of("--add-modules", "jdk.incubator.vector"), arguments));
    return start(folder, line);
  }

  /// Waits for a line of its output.
  String await(Predicate<String> wanted) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (wanted.test(line)) {
        return line;
      }
    }
    throw new AssertionError("no such line; errors: " + errors());
  }

  /// Sends it a signal, as the command `kill` does.
  void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  void kill() {
    process.destroyForcibly();
  }

  /// The rest of its output, when it has closed it.
  List<String> rest() {
    return out.lines().toList();
  }

  int exitCode() throws InterruptedException {
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "the process did not end");
    return process.exitValue();
  }

  /// The lines on its error stream, but for what the JVM says about its incubator modules.
  List<String> errors() throws IOException {
    return Files.readAllLines(err).stream()
        .filter(line -> !line.startsWith("WARNING: Using incubator modules"))
        .toList();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    Files.deleteIfExists(err);
  }
}
