package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.text.Text;
import dev.unfold.run.task.TextLearning;
import dev.unfold.run.task.TextLearning.Rule;
import dev.unfold.run.task.TextModel;
import dev.unfold.train.dynamic.Learned;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/// The options that say how a model of texts learns while it is evaluated.
public final class LearnArguments {
  private static final String RATE = "--learn-rate";
  private static final String DECAY = "--learn-decay";
  private static final String ONLY = "--learn-only";
  private static final String SEGMENT = "--learn-segment";
  private static final String TUNE = "--learn-tune";
  private static final String FROM = "--learn-from";
  private static final List<String> OTHERS = List.of(RATE, DECAY, ONLY, SEGMENT, FROM);

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--learn",
      paramLabel = "RULE",
      description =
          "Of texts: let the model learn from each segment after it was predicted, and tell the"
              + " loss without and with that: sgd, or rms, where steps are measured by how large"
              + " gradients are. The model's file stays as it is. What is not given by numbers is"
              + " chosen on the first half of the data, and the second half is told.")
  private String rule;

  @Option(
      names = "--cache",
      paramLabel = "N",
      description =
          "Of texts: remember what followed the last N outputs, and mix that in where outputs are"
              + " alike; tells the loss without and with it. How much it counts is chosen on"
              + " the text of --learn-tune, or on the first half of the data, and then the second"
              + " half is told.")
  private Integer cache;

  @Option(
      names = RATE,
      paramLabel = "X",
      description = "The step size of --learn (default: chosen).")
  private Double rate;

  @Option(
      names = DECAY,
      paramLabel = "X",
      description =
          "Which share of what was learned is forgotten at each segment, 0 to 1 (default: none"
              + " with sgd, chosen with rms).")
  private Double decay;

  @Option(
      names = ONLY,
      paramLabel = "PART",
      description = "Let the readout alone learn: readout (default: all parameters).")
  private String only;

  @Option(
      names = SEGMENT,
      paramLabel = "N",
      defaultValue = "20",
      description = "Tokens of a segment (default: ${DEFAULT-VALUE}).")
  private int segment;

  @Option(
      names = TUNE,
      paramLabel = "FILE",
      description = "A text to choose on, so that all of the data is told.")
  private Path tune;

  @Option(
      names = FROM,
      paramLabel = "FILE",
      description =
          "The text that gradients are measured on for rms, such as what the model was trained on"
              + " (default: the first half of what is chosen on).")
  private Path from;

  /// How it learns; empty if it does not.
  ///
  /// **Errors**: [IllegalArgumentException] for what cannot be used.
  public Optional<TextLearning.Options> options() {
    if (rule == null) {
      ParseResult parsed = spec.commandLine().getParseResult();
      for (String name : OTHERS) {
        if (parsed.hasMatchedOption(name)) {
          throw new Refusal(name.substring(2), "--learn beside it", "none");
        }
      }
      if (tune != null && cache == null) {
        throw new Refusal("learn-tune", "--learn or --cache beside it", "none");
      }
      return Optional.empty();
    }
    Rule own =
        switch (rule) {
          case "sgd" -> Rule.SGD;
          case "rms" -> Rule.RMS;
          default -> throw new Refusal("learn", "sgd or rms", rule);
        };
    if (rate != null && !(rate > 0 && rate < 1e6)) {
      throw new Refusal("learn-rate", "a number above 0 and below 1e6", rate);
    }
    if (decay != null && !(decay >= 0 && decay <= 1)) {
      throw new Refusal("learn-decay", "a number from 0 to 1", decay);
    }
    if (segment < 1) {
      throw new Refusal("learn-segment", "1 or more", segment);
    }
    if (only != null && !only.equals("readout")) {
      throw new Refusal("learn-only", "readout", only);
    }
    TextLearning.Options options =
        new TextLearning.Options(
            own,
            optional(rate),
            optional(decay),
            only == null ? Learned.ALL : Learned.READOUT,
            segment,
            cache != null);
    expectUsed(options);
    return Optional.of(options);
  }

  /// N of the cache; empty for none.
  public OptionalInt cache() {
    return cache == null ? OptionalInt.empty() : OptionalInt.of(cache);
  }

  /// The text to choose on, if there is one.
  public Optional<Text> tuning(TextModel model) {
    return read(model, tune);
  }

  private void expectUsed(TextLearning.Options options) {
    if (from != null && options.rule() != Rule.RMS) {
      throw new Refusal("learn-from", "--learn rms beside it", rule);
    }
    if (tune != null && !TextLearning.needsTuning(options, from != null)) {
      throw new Refusal("learn-tune", "something to choose", "all numbers");
    }
  }

  private static OptionalDouble optional(Double number) {
    return number == null ? OptionalDouble.empty() : OptionalDouble.of(number);
  }

  /// `data` with the texts that the options name.
  public TextLearning.Texts texts(TextModel model, Text data) {
    return new TextLearning.Texts(data, read(model, tune), read(model, from));
  }

  private static Optional<Text> read(TextModel model, Path file) {
    return Optional.ofNullable(file)
        .map(path -> Text.read(model.vocabulary(), model.form(), List.of(path)));
  }

  /// What the rates were chosen on.
  public Optional<Path> tuning() {
    return Optional.ofNullable(tune);
  }
}
