package dev.unfold.bench.serve;

import dev.unfold.serve.ServeCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Serves a model by Unfold, as its command does.
final class UnfoldServer {
  private UnfoldServer() {}

  /// Runs until it is ended.
  ///
  /// @param args those of `unfold serve`
  public static void main(String[] args) throws Exception {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    System.exit(new ServeCommand().run(List.of(args), out, out));
  }
}
