package dev.unfold.cli;

import dev.unfold.net.Engine;
import dev.unfold.net.Truncation;
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
      names = "--batch",
      paramLabel = "B",
      description = "Sequences side by side (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--window",
      paramLabel = "K1",
      description = {
        "Cut the error within a window of T steps, too: the errors of K1 steps at a time are"
            + " followed",
        "back together (default: those of all T)."
      })
  private Integer window;

  @Option(
      names = "--reach",
      paramLabel = "K2",
      description = "Steps that the errors of K1 steps are followed back through (default: K1).")
  private Integer reach;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = {
        "Follow the error back in at most this much memory, such as 64MB or 5% of what keeping all",
        "steps takes: the same parameters bit for bit, in more time."
      })
  private String memory;

  @Option(
      names = EPOCHS,
      paramLabel = "N",
      description =
          "Go through the training data N times (default: ${DEFAULT-VALUE}); of generated data an"
              + " epoch is 100 updates.")
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

  /// What can be told before the network is known: without the memory that [#inMemory] sets.
  ///
  /// @param steps T
  TrainingOptions options(int steps) {
    if (memory != null) {
      MemorySize.parse(memory);
    }
    return new TrainingOptions(steps, batch, engine(), budget(), learningRate, clip, interval);
  }

  /// The same in the memory that the user allows.
  ///
  /// @param whole the bytes that keeping all steps takes
  TrainingOptions inMemory(TrainingOptions options, long whole) {
    return memory == null
        ? options
        : options.withEngine(new Engine.Budgeted(MemorySize.parse(memory).bytes(whole)));
  }

  private Engine engine() {
    if (window == null && reach == null) {
      return new Engine.Full();
    }
    if (memory != null) {
      throw new ParameterException(
          spec.commandLine(), "expected either --memory or --window and --reach, got both");
    }
    if (window == null) {
      throw new ParameterException(spec.commandLine(), "expected --window beside --reach");
    }
    return new Engine.Truncated(new Truncation(window, reach == null ? window : reach));
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
