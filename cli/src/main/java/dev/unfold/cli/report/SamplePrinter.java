package dev.unfold.cli.report;

import dev.unfold.infer.Sampler;
import dev.unfold.run.task.TextWriter;
import java.io.PrintWriter;

/// Prints tokens as they are drawn.
public final class SamplePrinter {
  private final PrintWriter out;
  private final TextWriter writer;

  public SamplePrinter(PrintWriter out, TextWriter writer) {
    this.out = out;
    this.writer = writer;
  }

  /// Prints `prompt` and what the network makes of it.
  ///
  /// @param prompt tokens; none stands for the start of a line
  /// @param length tokens to draw; fewer are drawn if nobody reads on
  public void print(Sampler sampler, int[] prompt, int length) {
    boolean[] isInLine = {writer.isStream()};
    writer.write(
        sampler,
        prompt,
        length,
        piece -> {
          out.print(piece);
          isInLine[0] =
              writer.isStream() || (piece.isEmpty() ? isInLine[0] : !piece.endsWith("\n"));
          // A check flushes, too.
          return !out.checkError();
        });
    if (isInLine[0]) {
      out.println();
    }
    out.flush();
  }
}
