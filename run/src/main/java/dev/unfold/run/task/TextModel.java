package dev.unfold.run.task;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.text.Decoder;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.infer.Sampler;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.train.Evaluation;
import java.nio.file.Path;
import java.util.Arrays;

/// A network and the vocabulary of its tokens.
public record TextModel(Network network, Vocabulary vocabulary) {
  /// Reads a model that was trained on text.
  ///
  /// **Errors**: [FormatException] if the file is none.
  public static TextModel load(Path file, Kernels kernels) {
    return of(file, ModelFile.loadLanguage(file, kernels));
  }

  /// The same of a model that was read.
  public static TextModel of(Path file, LanguageModel model) {
    try {
      Vocabulary vocabulary = Vocabulary.of(unit(model.unit()), model.vocabulary());
      return new TextModel(model.network(), vocabulary);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": vocabulary: " + e.getMessage(), e);
    }
  }

  /// How many tokens the network hesitates between, on average, at each of `text`: exp of the mean of -ln p.
  ///
  /// **Errors**: [IllegalArgumentException] if the text has fewer than 2 tokens.
  public double perplexity(String text) {
    int[] tokens = vocabulary.encode(Expect.given("text", text));
    return Evaluation.of(network, tokens, Team.of(1)).perplexity();
  }

  /// What the network writes after `prompt`.
  ///
  /// @param prompt what it goes on from; the start of a line if it is empty
  /// @param length tokens to draw, 0 or more
  /// @param temperature as of a [Sampler]
  /// @param seed the same one gives the same text
  ///
  /// **Errors**: [IllegalArgumentException] for what cannot be used; [ArithmeticException] as [Sampler#draw].
  public String generate(String prompt, int length, double temperature, long seed) {
    if (length < 0) {
      throw new Refusal("length", "0 or more", length);
    }
    Sampler sampler = new Sampler(network, temperature, vocabulary.size(), seed);
    begin(sampler, vocabulary, vocabulary.encode(Expect.given("prompt", prompt)));
    Decoder decoder = new Decoder(vocabulary);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(decoder.next(sampler.next()));
    }
    return text.append(decoder.end()).toString();
  }

  /// Lets `sampler` read a prompt, or the start of a line if there is none; it draws no token that only stands in for
  /// others.
  public static void begin(Sampler sampler, Vocabulary vocabulary, int... prompt) {
    vocabulary.standIn().ifPresent(sampler::exclude);
    for (int token : prompt.length == 0 ? start(vocabulary) : prompt) {
      sampler.read(token);
    }
  }

  private static int[] start(Vocabulary vocabulary) {
    int[] start = vocabulary.encode("\n");
    boolean known = vocabulary.unknown().isEmpty() || start[0] != vocabulary.unknown().getAsInt();
    return known ? start : new int[] {0};
  }

  private static Unit unit(String name) {
    for (Unit unit : Unit.values()) {
      if (unit.name().equals(name)) {
        return unit;
      }
    }
    throw new Refusal("unit", "one of " + Arrays.toString(Unit.values()), name);
  }

  /// What to say of a model whose parameters are numbers, but too large to compute with.
  public static FormatException overflow(Path file, ArithmeticException cause) {
    return new FormatException(
        file + ": expected parameters that can be computed with: " + cause.getMessage(), cause);
  }
}
