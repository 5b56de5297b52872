package dev.unfold.cli.option;

import dev.unfold.run.label.LabelOptions;
import dev.unfold.train.Budget;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The defaults of commands that learn labels: those of [LabelOptions], and for all else those of
/// [TrainingArguments.Defaults].
public abstract class LabelDefaults implements IDefaultValueProvider {
  private final LabelOptions usual;

  private LabelDefaults(LabelOptions usual) {
    this.usual = usual;
  }

  /// Those of a classifier.
  public static final class OfClassifier extends LabelDefaults {
    OfClassifier() {
      super(LabelOptions.ofClassifier());
    }
  }

  /// Those of a tagger.
  public static final class OfTagger extends LabelDefaults {
    OfTagger() {
      super(LabelOptions.ofTagger());
    }
  }

  @Override
  public final String defaultValue(ArgSpec argument) {
    return switch (argument instanceof OptionSpec option ? option.longestName() : "") {
      case "--cell" -> usual.cell().name();
      case "--hidden" -> Integer.toString(usual.hidden());
      case "--layers" -> Integer.toString(usual.layers());
      case "--dropout" -> usual.noise().text();
      case "--embedding" -> Integer.toString(usual.embedding());
      case "--min-count" -> Integer.toString(usual.least());
      case "--pooling" -> usual.pooling().text();
      case "--batch" -> Integer.toString(usual.training().batch());
      case "--epochs" ->
          usual.training().budget() instanceof Budget.Epochs epochs
              ? Integer.toString(epochs.count())
              : null;
      case "--schedule" -> usual.training().rule().schedule().text();
      case "--average" -> usual.training().rule().averaging().text();
      case "--lr" -> Double.toString(usual.training().rule().learningRate());
      case "--decay" -> Double.toString(usual.training().rule().decay());
      case "--patience" -> Integer.toString(usual.training().patience());
      default -> new TrainingArguments.Defaults().defaultValue(argument);
    };
  }
}
