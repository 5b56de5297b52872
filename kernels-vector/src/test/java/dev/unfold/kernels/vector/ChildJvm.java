package dev.unfold.kernels.vector;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A second JVM with other flags, on the class path of the tests.
public final class ChildJvm {
  /// How the process ended, and all that it printed.
  public record Result(int status, String output) {}

  private ChildJvm() {}

  /// Runs the main method of `main` with `flags`.
  public static Result run(Class<?> main, String... flags)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(flags));
    String classPath = System.getProperty("java.class.path");
    command.add("-cp");
    command.add(System.getProperty("surefire.test.class.path", classPath));
    command.add(main.getName());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroy();
      throw new IOException("the child JVM does not end: " + output);
    }
    return new Result(process.exitValue(), output);
  }
}
