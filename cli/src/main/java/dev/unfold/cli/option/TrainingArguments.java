package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.gradient.Engine;
import dev.unfold.online.OnlineRule;
import dev.unfold.run.output.MemorySize;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.Windows;
import dev.unfold.train.update.Averaging;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.ParameterGroup;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.UpdateRule;
import java.util.List;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options that say how a network is trained. Their defaults are those of [TrainingOptions].
public final class TrainingArguments {
  private static final String EPOCHS = "--epochs";
  private static final String UPDATE_EVERY = "--update-every";
  private static final String BPTT = "bptt";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = ConfigFile.OPTION,
      paramLabel = "FILE",
      description =
          "Options from a file, a line NAME = VALUE for each option --NAME; those on the command"
              + " line count more. A run's folder has such a file, config.txt.")
  void config(String file) {
    // The options of the file are in the place of this one before the command line is parsed.
  }

  @Mixin private final BatchOption batch = new BatchOption(TrainingOptions.defaults().batch());

  @Option(
      names = "--window",
      paramLabel = "K1",
      description =
          "Cut the error within a window of T steps, too: the errors of K1 steps at a time are"
              + " followed back together (default: those of all T).")
  private Integer window;

  @Option(
      names = "--reach",
      paramLabel = "K2",
      description = "Steps that the errors of K1 steps are followed back through (default: K1).")
  private Integer reach;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description =
          "Follow the error back in at most this much memory, such as 64MB or 5%% of what keeping"
              + " all steps takes: the same parameters bit for bit, in more time.")
  private String memory;

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "How gradients are found: bptt, or an online rule, which carries them forward with the"
              + " steps: rtrl, rtrl-layerwise, snap1, snap1-strict, eprop, rflo, immediate, uoro,"
              + " kf-rtrl (default: ${DEFAULT-VALUE}).")
  private String engine;

  @Option(
      names = UPDATE_EVERY,
      paramLabel = "K",
      description = "Of online rules only: change the parameters after every K steps (default: 1).")
  private Integer updateEvery;

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
      names = "--optimizer",
      paramLabel = "NAME",
      description =
          "adam, sgd, adagrad or rmsprop, with numbers by name such as sgd,momentum=0.9,nesterov=1"
              + " (default: ${DEFAULT-VALUE}).")
  private String optimizer;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description =
          "The learning rate (default: 0.002 with adam, 1 with sgd, 0.01 with adagrad, 0.001 with"
              + " rmsprop).")
  private Double learningRate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description =
          "How the learning rate changes: constant; step,every=1,factor=0.5,from=0 (epochs);"
              + " exponential,factor=0.95 (an epoch); cosine,to=0,warmup=0; linear,to=0,warmup=0;"
              + " one-cycle,start=0.04,up=0.3,end=0; plateau,factor=0.5,patience=2; halve,by=0.003"
              + " (halved from the first validation on that is not better by as much) (default:"
              + " ${DEFAULT-VALUE}).")
  private String schedule;

  @Option(
      names = "--decay",
      paramLabel = "X",
      description = "Weight decay, decoupled from the gradient (default: ${DEFAULT-VALUE}).")
  private double decay;

  @Option(
      names = "--group",
      paramLabel = "NAMES,rate=X,decay=X",
      description =
          "Another learning rate and decay, as multiples, for the parameters whose names match the"
              + " regular expression; may be given several times. Example: --group bias.*,decay=0")
  private List<String> groups = List.of();

  @Option(
      names = "--clip",
      paramLabel = "X",
      description =
          "Largest norm of the gradient, or value=X for each number of it, or none (default:"
              + " ${DEFAULT-VALUE}).")
  private String clip;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description =
          "Batches of an update: its gradient is that of one batch with all their sequences"
              + " (default: ${DEFAULT-VALUE}).")
  private int accumulation;

  @Option(
      names = "--blocks",
      paramLabel = "N",
      description =
          "Cut each batch into N blocks of sequences whose gradients are added up in their order:"
              + " the same numbers however many processes share them (default:"
              + " ${DEFAULT-VALUE}).")
  private int blocks;

  @Option(
      names = "--average",
      paramLabel = "WHAT",
      description =
          "Keep the average of the parameters over updates: none; always,from=0; triggered,memory=5"
              + " (once the validation is worse than the best but for the last 5) (default:"
              + " ${DEFAULT-VALUE}).")
  private String averaging;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description =
          "End after more than N validations in a row that are not the best so far; 0: never"
              + " (default: ${DEFAULT-VALUE}).")
  private int patience;

  @Option(
      names = "--interval",
      paramLabel = "N",
      description =
          "Validate every N updates, too; 0: after each epoch only (default: ${DEFAULT-VALUE}).")
  private int interval;

  /// What can be told before the network is known: without the memory that [#inMemory] sets.
  ///
  /// @param windows T
  public TrainingOptions options(Windows windows) {
    if (memory != null) {
      MemorySize.parse(memory);
    }
    if (windows.isAdaptive() && window != null) {
      throw new Refusal("window", "none beside --steps auto", window);
    }
    return new TrainingOptions(
        windows, batch.count(), engine(), budget(), rule(), interval, patience, 0, blocks);
  }

  /// The same for windows of T = `steps`.
  public TrainingOptions options(int steps) {
    return options(Windows.of(steps));
  }

  /// The same in the memory that the user allows.
  ///
  /// @param whole the bytes that keeping all steps takes
  public TrainingOptions inMemory(TrainingOptions options, long whole) {
    return memory == null
        ? options
        : options.withEngine(new Engine.Budgeted(MemorySize.parse(memory).bytes(whole)));
  }

  private UpdateRule rule() {
    OptimizerSpec formula = OptimizerSpec.parse(optimizer);
    return new UpdateRule(
        formula,
        learningRate == null ? formula.defaultRate() : learningRate,
        decay,
        groups.stream().map(ParameterGroup::parse).toList(),
        Clip.parse(clip),
        Schedule.parse(schedule),
        accumulation,
        Averaging.parse(averaging));
  }

  /// Steps after which parameters change, if that is said by an online rule; else 0.
  public int updateEvery() {
    return engine() instanceof Engine.Online online ? online.updateEvery() : 0;
  }

  private Engine online() {
    if (memory != null || window != null || reach != null) {
      throw new ParameterException(
          spec.commandLine(),
          "expected neither --memory, --window nor --reach beside --engine " + engine);
    }
    if (!OnlineRule.names().contains(engine)) {
      throw new Refusal("engine", BPTT + ", " + OnlineRule.NAMES, engine);
    }
    return new Engine.Online(engine, updateEvery == null ? 1 : updateEvery);
  }

  private Engine engine() {
    if (!engine.equals(BPTT)) {
      return online();
    }
    if (updateEvery != null) {
      throw new ParameterException(
          spec.commandLine(), "expected --engine with an online rule beside " + UPDATE_EVERY);
    }
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
  public static final class Defaults implements IDefaultValueProvider {
    @Override
    public String defaultValue(ArgSpec argument) {
      TrainingOptions defaults = TrainingOptions.defaults();
      return switch (argument instanceof OptionSpec option ? option.longestName() : "") {
        case "--steps" -> Integer.toString(defaults.steps());
        case EPOCHS ->
            defaults.budget() instanceof Budget.Epochs budget
                ? Integer.toString(budget.count())
                : null;
        case "--engine" -> BPTT;
        case "--optimizer" -> defaults.rule().optimizer().text();
        case "--schedule" -> defaults.rule().schedule().text();
        case "--decay" -> Double.toString(defaults.rule().decay());
        case "--clip" -> defaults.rule().clip().text();
        case "--accumulate" -> Integer.toString(defaults.rule().accumulation());
        case "--blocks" -> Integer.toString(defaults.blocks());
        case "--average" -> defaults.rule().averaging().text();
        case "--patience" -> Integer.toString(defaults.patience());
        case "--interval" -> Integer.toString(defaults.interval());
        default -> null;
      };
    }
  }
}
