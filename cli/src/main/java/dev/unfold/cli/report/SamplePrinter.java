package dev.unfold.cli.report;

import dev.unfold.data.text.Decoder;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.infer.Sampler;
import dev.unfold.run.task.TextModel;
import java.io.PrintWriter;

/// Prints tokens as they are drawn.
public final class SamplePrinter {
  private final PrintWriter out;
  private final Vocabulary vocabulary;

  public SamplePrinter(PrintWriter out, Vocabulary vocabulary) {
    this.out = out;
    this.vocabulary = vocabulary;
  }

  /// Prints `prompt` and what the network makes of it.
  ///
  /// @param prompt tokens; none stands for the start of a line
  /// @param length tokens to draw; fewer are drawn if nobody reads on
  public void print(Sampler sampler, int[] prompt, int length) {
    Decoder decoder = new Decoder(vocabulary);
    TextModel.begin(sampler, vocabulary, prompt);
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
