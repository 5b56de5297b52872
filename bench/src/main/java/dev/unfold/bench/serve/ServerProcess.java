package dev.unfold.bench.serve;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server in a process of its own.
record ServerProcess(Process process, URI address) implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");

  /// Starts one, and waits until it tells where it is.
  static ServerProcess start(Class<?> main, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            // With the usual stack, ONNX Runtime's library ends the process as it is loaded.
            "-Xss4m",
            "-XX:+UseSerialGC",
            "-XX:MaxNewSize=64m",
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName()));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    StringBuilder all = new StringBuilder();
    Optional<URI> address = Optional.empty();
    String line = lines.readLine();
    while (line != null && address.isEmpty()) {
      all.append(line).append(' ');
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

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
