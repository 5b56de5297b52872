package dev.unfold.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// The command line in a process of its own, as a user starts it.
final class UnfoldProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final Path err;
  private final StringBuilder printed = new StringBuilder();

  private UnfoldProcess(Process process, Path err) {
    this.process = process;
    this.err = err;
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  /// Starts it.
  ///
  /// @param folder for what it leaves
  /// @param home the Spark
  static UnfoldProcess start(Path folder, Path home, List<String> arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "--add-modules", "jdk.incubator.vector"));
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.unfold.cli.Main"));
    command.addAll(arguments);
    Path err = Files.createTempFile(folder, "err", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(folder.toFile()).redirectError(err.toFile());
    ClusterProcess.environment(builder, home, folder);
    return new UnfoldProcess(builder.start(), err);
  }

  /// Waits for a line of its output.
  void await(Predicate<String> wanted) throws IOException {
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      printed.append(line).append('\n');
      if (wanted.test(line)) {
        return;
      }
    }
    throw new IllegalStateException("it ended without such a line: " + told());
  }

  /// Sends it a signal, as `TERM`.
  void signal(String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  /// It and all that it started: the driver next, and executors after that.
  List<ProcessHandle> all() {
    List<ProcessHandle> all = new ArrayList<>(List.of(process.toHandle()));
    all.addAll(process.descendants().filter(UnfoldProcess::isJava).toList());
    return all;
  }

  private static boolean isJava(ProcessHandle each) {
    return each.info().command().filter(name -> name.endsWith("java")).isPresent();
  }

  /// Sends a signal to all of them, as a terminal does.
  void signalAll(String name) throws Exception {
    List<String> command = new ArrayList<>(List.of("kill", "-" + name));
    all().forEach(each -> command.add(Long.toString(each.pid())));
    new ProcessBuilder(command).start().waitFor();
  }

  /// Waits for the end.
  int exitCode() throws Exception {
    out.lines().forEach(line -> printed.append(line).append('\n'));
    if (!process.waitFor(5, TimeUnit.MINUTES)) {
      throw new IllegalStateException("it does not end: " + told());
    }
    return process.exitValue();
  }

  /// What it printed.
  String out() {
    return printed.toString();
  }

  /// Its own messages, without those of Spark and Java.
  List<String> messages() throws IOException {
    return Files.readAllLines(err).stream().filter(line -> line.startsWith("unfold: ")).toList();
  }

  /// All that it said.
  String told() {
    try {
      return printed + Files.readString(err);
    } catch (IOException e) {
      return printed + " " + e;
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> all = process.descendants().toList();
    process.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
