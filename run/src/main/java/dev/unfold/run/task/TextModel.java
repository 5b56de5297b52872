package dev.unfold.run.task;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.text.Decoder;
import dev.unfold.data.text.Replaced;
import dev.unfold.data.text.Text;
import dev.unfold.data.text.TextForm;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.infer.Sampler;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.run.output.ModelKind;
import dev.unfold.train.Evaluation;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// A network and the vocabulary of its tokens.
///
/// @param form what the sequences of the text are that it learned from
public record TextModel(Network network, Vocabulary vocabulary, TextForm form) {
  /// One that learned from a stream.
  public TextModel(Network network, Vocabulary vocabulary) {
    this(network, vocabulary, TextForm.STREAM);
  }

  /// Reads a model that was trained on text.
  ///
  /// **Errors**: [FormatException] if the file is none.
  public static TextModel load(Path file, Kernels kernels) {
    return of(file, ModelFile.load(file, kernels));
  }

  /// The same of a model that was read, of any kind.
  ///
  /// **Errors**: as above.
  public static TextModel of(Path file, Model model) {
    if (model instanceof LanguageModel language) {
      return of(file, language);
    }
    throw ModelKind.refusal(file, "a model of texts", model);
  }

  /// The same of a model that was read.
  public static TextModel of(Path file, LanguageModel model) {
    try {
      Vocabulary vocabulary = Vocabulary.of(unit(model.unit()), model.vocabulary());
      TextForm form = form(model.form());
      if (form == TextForm.LINES && vocabulary.endOfLine().isEmpty()) {
        throw new Refusal("tokens", "the end of a line among them", "none");
      }
      return new TextModel(model.network(), vocabulary, form);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": vocabulary: " + e.getMessage(), e);
    }
  }

  /// How well it predicts `text`, which was read in its form: each token from those before it, in a text of lines each
  /// line by itself.
  ///
  /// **Errors**: [DataException] if the text is too short.
  public Evaluation evaluate(Text text, Team team) {
    return switch (form) {
      case STREAM -> Evaluation.of(network, text.requireWindow(1).tokens(), team);
      case LINES -> LineTask.validator(text, vocabulary).evaluate(network, team);
    };
  }

  /// The sequences of a text that was read in its form: of each all tokens but the first are to be predicted.
  public List<int[]> sequences(Text text) {
    return switch (form) {
      case STREAM -> List.of(text.tokens());
      case LINES -> text.lines(vocabulary.endOfLine().orElseThrow());
    };
  }

  /// What writes as it does.
  public TextWriter writer() {
    return new TextWriter(vocabulary, form);
  }

  /// How many tokens the network hesitates between, on average, at each of `text`: exp of the mean of -ln p.
  ///
  /// **Errors**: [IllegalArgumentException] if the text has fewer than 2 tokens.
  public double perplexity(String text) {
    int[] tokens = vocabulary.encode(Expect.given("text", text));
    if (form == TextForm.STREAM) {
      return Evaluation.of(network, tokens, Team.of(1)).perplexity();
    }
    Text lines = new Text("text", tokens, Replaced.NONE, List.of());
    return evaluate(lines, Team.of(1)).perplexity();
  }

  /// What the network writes after `prompt`; of lines, lines that begin with it.
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
    int[] begun = vocabulary.encode(Expect.given("prompt", prompt));
    Sampler sampler = new Sampler(network, temperature, vocabulary.size(), seed);
    StringBuilder text = new StringBuilder();
    if (form == TextForm.LINES) {
      writer().write(sampler, begun, length, piece -> text.append(piece) == text);
      return text.toString();
    }
    vocabulary.standIn().ifPresent(sampler::exclude);
    begin(sampler, vocabulary, begun);
    Decoder decoder = new Decoder(vocabulary);
    for (int i = 0; i < length; i++) {
      text.append(decoder.next(sampler.next()));
    }
    return text.append(decoder.end()).toString();
  }

  /// Lets `sampler` read a prompt, or the start of a line if there is none.
  static void begin(Sampler sampler, Vocabulary vocabulary, int... prompt) {
    for (int token : prompt.length == 0 ? start(vocabulary) : prompt) {
      sampler.read(token);
    }
  }

  private static int[] start(Vocabulary vocabulary) {
    int[] start = vocabulary.encode("\n");
    boolean known = vocabulary.unknown().isEmpty() || start[0] != vocabulary.unknown().getAsInt();
    return known ? start : new int[] {0};
  }

  private static TextForm form(String name) {
    for (TextForm form : TextForm.values()) {
      if (form.name().equals(name)) {
        return form;
      }
    }
    throw new Refusal("form", "one of " + Arrays.toString(TextForm.values()), name);
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
