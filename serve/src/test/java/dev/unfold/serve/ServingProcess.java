package dev.unfold.serve;

import dev.unfold.measure.load.ServerProcess;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/// `unfold serve` in a process of its own, on a port that is free.
final class ServingProcess {
  private ServingProcess() {}

  public static void main(String[] args) throws Exception {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(new ServeCommand().run(List.of(args), out, out));
  }

  /// Starts one, and waits until it tells where it is.
  static ServerProcess start(String... arguments) throws IOException {
    return ServerProcess.start(
        List.of("-Xmx512m"),
        ServingProcess.class,
        Stream.concat(Stream.of("--port", "0"), Stream.of(arguments)).toArray(String[]::new));
  }
}
