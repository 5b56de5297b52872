package dev.unfold.cli.report;

import dev.unfold.data.text.Decoder;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.infer.Sampler;
import java.io.PrintWriter;

/// Prints tokens as they are drawn.
public final class SamplePrinter {
  private final PrintWriter out;
  private final Vocabulary vocabulary;

  public SamplePrinter(PrintWriter out, Vocabulary vocabulary) {
    this.out = out;
    this.vocabulary = vocabulary;
  }

  /// The tokens of the start of a line: what a sample without a prompt goes on from.
  int[] start() {
    int[] start = vocabulary.encode("\n");
    boolean known = vocabulary.unknown().isEmpty() || start[0] != vocabulary.unknown().getAsInt();
    return known ? start : new int[] {0};
  }

  /// Prints `prompt` and what the network makes of it.
  ///
  /// @param prompt tokens; none stands for the start of a line
  /// @param length tokens to draw; fewer are drawn if nobody reads on
  public void print(Sampler sampler, int[] prompt, int length) {
    Decoder decoder = new Decoder(vocabulary);
    vocabulary.standIn().ifPresent(sampler::exclude);
    for (int token : prompt.length == 0 ? start() : prompt) {
      sampler.read(token);
    }
    for (int token : prompt) {
      out.print(decoder.next(token));
    }
    // A check flushes, too.
    for (int i = 0; i < length && !out.checkError(); i++) {
      out.print(decoder.next(sampler.next()));
    }
    out.println(decoder.end());
    out.flush();
  }
}
