package dev.unfold.cli;

import dev.unfold.train.Budget;
import dev.unfold.train.TrainingOptions;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options that say how a network is trained. Their defaults are those of [TrainingOptions].
final class TrainingArguments {
  private static final String EPOCHS = "--epochs";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--steps",
      paramLabel = "T",
      description =
          "Steps of a window: the error is followed back through as many (default:"
              + " ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--batch",
      paramLabel = "B",
      description = "Sequences side by side (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = EPOCHS,
      paramLabel = "N",
      description = "Go through the training text N times (default: ${DEFAULT-VALUE}).")
  private Integer epochs;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      description = "Train for M minutes instead; fractions are welcome.")
  private Double minutes;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description = "Adam's learning rate (default: ${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--clip",
      paramLabel = "X",
      description = "Largest norm of the gradient (default: ${DEFAULT-VALUE}).")
  private double clip;

  @Option(
      names = "--interval",
      paramLabel = "N",
      description =
          "Validate every N updates, too; 0: after each epoch only (default: ${DEFAULT-VALUE}).")
  private int interval;

  TrainingOptions options() {
    return new TrainingOptions(steps, batch, budget(), learningRate, clip, interval);
  }

  private Budget budget() {
    if (minutes == null) {
      return epochs == null ? TrainingOptions.defaults().budget() : new Budget.Epochs(epochs);
    }
    if (spec.commandLine().getParseResult().hasMatchedOption(EPOCHS)) {
      throw new ParameterException(
          spec.commandLine(), "expected either --epochs or --minutes, got both");
    }
    return new Budget.Minutes(minutes);
  }

  /// The defaults by option.
  static final class Defaults implements IDefaultValueProvider {
    @Override
    public String defaultValue(ArgSpec argument) {
      TrainingOptions defaults = TrainingOptions.defaults();
      return switch (argument instanceof OptionSpec option ? option.longestName() : "") {
        case "--steps" -> Integer.toString(defaults.steps());
        case "--batch" -> Integer.toString(defaults.batch());
        case EPOCHS ->
            defaults.budget() instanceof Budget.Epochs budget
                ? Integer.toString(budget.count())
                : null;
        case "--lr" -> Double.toString(defaults.learningRate());
        case "--clip" -> Double.toString(defaults.clip());
        case "--interval" -> Integer.toString(defaults.interval());
        default -> null;
      };
    }
  }
}
