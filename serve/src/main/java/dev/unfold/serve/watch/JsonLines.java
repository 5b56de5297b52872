package dev.unfold.serve.watch;

import dev.unfold.argument.Expect;
import dev.unfold.serve.json.JsonBody;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Lines of JSON for who reads a log, each at once and whole.
///
/// @param out where they go
///
/// **Threads**: any number.
public record JsonLines(PrintWriter out) {
  /// Checks that it is there.
  public JsonLines {
    Expect.given("out", out);
  }

  /// Writes one.
  public void write(Map<String, ?> line) {
    String text = new String(JsonBody.bytes(line), StandardCharsets.UTF_8);
    synchronized (out) {
      out.println(text);
      out.flush();
    }
  }
}
