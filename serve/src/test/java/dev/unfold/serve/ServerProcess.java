package dev.unfold.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server in a process of its own, which may be killed.
final class ServerProcess implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");
  private static final long SECONDS = 60;

  private final Process process;
  private final URI address;

  private ServerProcess(Process process, URI address) {
    this.process = process;
    this.address = address;
  }

  /// What the process runs.
  static final class Main {
    private Main() {}

    public static void main(String[] args) throws Exception {
      PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
      System.exit(new ServeCommand().run(List.of(args), out, out));
    }
  }

  /// Starts one on a port that is free, and waits until it tells which.
  static ServerProcess start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx512m",
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "--port",
            "0"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder all = new StringBuilder();
    Optional<URI> address = Optional.empty();
    String line = lines.readLine();
    while (line != null && address.isEmpty()) {
      all.append(line).append('\n');
      Matcher matcher = ADDRESS.matcher(line);
      address = matcher.find() ? Optional.of(URI.create(matcher.group())) : address;
      line = address.isPresent() ? line : lines.readLine();
    }
    if (address.isEmpty()) {
      process.destroyForcibly();
      throw new IOException("expected a server, got " + all);
    }
    // What it says from here on must not fill the pipe.
    Thread.ofPlatform().daemon().start(() -> lines.lines().forEach(_ -> {}));
    return new ServerProcess(process, address.get());
  }

  URI uri(String path) {
    return address.resolve(path);
  }

  /// As kill -9 does.
  void kill() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(SECONDS, TimeUnit.SECONDS);
  }

  /// Asks it to end.
  ///
  /// @return its exit code
  int stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      return -1;
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    try {
      kill();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
