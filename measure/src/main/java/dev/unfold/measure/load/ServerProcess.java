package dev.unfold.measure.load;

import dev.unfold.argument.Expect;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A server in a process of its own, on this Java and with this class path, which may be killed.
///
/// @param process that it is
/// @param address at which it listens
public record ServerProcess(Process process, URI address) implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("http://127\\.0\\.0\\.1:\\d+");
  private static final long SECONDS = 60;

  /// Checks that both are there.
  public ServerProcess {
    Expect.given("process", process);
    Expect.given("address", address);
  }

  /// Starts one, and waits until it tells where it is: the first address of this machine in what it prints.
  ///
  /// @param flags of its virtual machine, beside what kernels need
  /// @param main what it runs
  /// @param arguments of that
  ///
  /// @throws IOException with all that it has said if it ends before
  public static ServerProcess start(List<String> flags, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.addAll(
        List.of(
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

  /// The address of a path.
  public URI uri(String path) {
    return address.resolve(path);
  }

  /// As kill -9 does.
  public void kill() throws InterruptedException {
    process.destroyForcibly();
    boolean _ = process.waitFor(SECONDS, TimeUnit.SECONDS);
  }

  /// Asks it to end.
  ///
  /// @return its exit code; -1 if it had to be killed
  public int stop() throws InterruptedException {
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
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
