package dev.unfold.run.task;

import dev.unfold.argument.Refusal;
import dev.unfold.data.text.Decoder;
import dev.unfold.data.text.TextForm;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.infer.Sampler;
import java.util.function.Predicate;

/// Writes as a network goes on: after a prompt, or line by line, each of which begins with the prompt.
///
/// @param vocabulary of its tokens
/// @param form of the text that it learned from
public record TextWriter(Vocabulary vocabulary, TextForm form) {
  /// Whether it writes one text, and not line by line.
  public boolean isStream() {
    return form == TextForm.STREAM;
  }

  /// Writes piece by piece. A token that only stands in for others is never drawn.
  ///
  /// @param prompt tokens; of a stream none stands for the start of a line
  /// @param length tokens to draw
  /// @param sink is given each piece of text, and tells whether somebody reads on
  ///
  /// **Errors**: [IllegalArgumentException] for a prompt of several lines where each line is a sequence of its own.
  public void write(Sampler sampler, int[] prompt, int length, Predicate<String> sink) {
    vocabulary.standIn().ifPresent(sampler::exclude);
    switch (form) {
      case STREAM -> stream(sampler, prompt, length, sink);
      case LINES -> lines(sampler, prompt, length, sink);
    }
  }

  private void stream(Sampler sampler, int[] prompt, int length, Predicate<String> sink) {
    Decoder decoder = new Decoder(vocabulary);
    TextModel.begin(sampler, vocabulary, prompt);
    boolean goesOn = true;
    for (int token : prompt) {
      goesOn = sink.test(decoder.next(token));
    }
    for (int i = 0; i < length && goesOn; i++) {
      goesOn = sink.test(decoder.next(sampler.next()));
    }
    // Nothing comes behind it, whatever the sink wants.
    boolean _ = sink.test(decoder.end());
  }

  private void lines(Sampler sampler, int[] prompt, int length, Predicate<String> sink) {
    int end = vocabulary.endOfLine().orElseThrow();
    for (int token : prompt) {
      if (token == end) {
        throw new Refusal("prompt", "the beginning of one line", "more than one");
      }
    }
    int written = 0;
    boolean goesOn = true;
    while (written < length && goesOn) {
      Decoder decoder = new Decoder(vocabulary);
      sampler.restart();
      sampler.read(end);
      for (int token : prompt) {
        sampler.read(token);
        goesOn = sink.test(decoder.next(token));
      }
      int token = -1;
      while (token != end && written < length && goesOn) {
        token = sampler.next();
        goesOn = sink.test(decoder.next(token));
        written++;
      }
      goesOn &= sink.test(decoder.end());
    }
  }
}
