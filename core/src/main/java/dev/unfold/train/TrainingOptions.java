package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.gradient.Engine;
import dev.unfold.model.NetworkSpec;
import dev.unfold.train.data.AdaptiveText;
import dev.unfold.train.data.PiecesOfBatches;
import dev.unfold.train.data.SampledClasses;
import dev.unfold.train.data.TextData;
import dev.unfold.train.data.TrainingData;
import dev.unfold.train.data.Windows;
import dev.unfold.train.update.UpdateRule;

/// What a training run is told, apart from network and data.
///
/// @param windows T, the length of a window: the error is followed back through at most T steps
/// @param batch B, the number of sequences side by side
/// @param engine how the error is followed back within a window
/// @param budget how long to train
/// @param rule how gradients become changes of the parameters
/// @param interval updates between validations, besides those at the ends of epochs; 0 for none
/// @param patience the run ends after more validations in a row than this that are not the best so far; 0 for never
/// @param sampled classes that are drawn for each update beside the right ones ([SampledClasses]); 0 for the full
///     softmax
/// @param blocks N, into how many blocks of sequences a batch is cut, each with a gradient of its own, which are then
///     added up in their order: so the sum is the same bits whatever number of processes has them ([Workers]); 1 for
///     one gradient of all
public record TrainingOptions(
    Windows windows,
    int batch,
    Engine engine,
    Budget budget,
    UpdateRule rule,
    int interval,
    int patience,
    int sampled,
    int blocks) {
  /// More would add up for longer than they compute.
  private static final int MOST_BLOCKS = 1 << 16;

  /// Checks the ranges.
  public TrainingOptions {
    Expect.given("windows", windows);
    Expect.given("engine", engine);
    Expect.given("budget", budget);
    Expect.given("rule", rule);
    expect(batch >= 1, "batch", "B of 1 or more", batch);
    expect(interval >= 0, "interval", "0 or more", interval);
    expect(patience >= 0, "patience", "0 or more", patience);
    expect(sampled >= 0, "sampled", "0 or more", sampled);
    expect(blocks >= 1 && blocks <= MOST_BLOCKS, "blocks", "1 to " + MOST_BLOCKS, blocks);
    if (engine instanceof Engine.Online) {
      int batches = rule.accumulation();
      expect(
          batches == 1, "accumulate", "1 with an online engine, which has update-every", batches);
      expect(blocks == 1, "blocks", "1 with an online engine", blocks);
      expect(!windows.isAdaptive(), "steps", "a number with an online engine", windows.most());
    }
  }

  /// T = 64, B = 32, full back-propagation, 10 epochs, [UpdateRule#defaults], validation every epoch, no early end, the
  /// full softmax.
  public static TrainingOptions defaults() {
    return new TrainingOptions(
        Windows.of(64),
        32,
        new Engine.Full(),
        new Budget.Epochs(10),
        UpdateRule.defaults(),
        0,
        0,
        0,
        1);
  }

  /// T, the most steps of a window.
  public int steps() {
    return windows.most();
  }

  /// The same with windows of T = `steps`.
  public TrainingOptions withSteps(int steps) {
    return with(Windows.of(steps));
  }

  /// The same with other windows.
  public TrainingOptions with(Windows windows) {
    return new TrainingOptions(
        windows, batch, engine, budget, rule, interval, patience, sampled, blocks);
  }

  /// The same with B = `batch` sequences side by side.
  public TrainingOptions withBatch(int batch) {
    return new TrainingOptions(
        windows, batch, engine, budget, rule, interval, patience, sampled, blocks);
  }

  /// The same with another way to follow the error back.
  public TrainingOptions withEngine(Engine engine) {
    return new TrainingOptions(
        windows, batch, engine, budget, rule, interval, patience, sampled, blocks);
  }

  /// The same with another budget.
  public TrainingOptions withBudget(Budget budget) {
    return new TrainingOptions(
        windows, batch, engine, budget, rule, interval, patience, sampled, blocks);
  }

  /// The same with another rule for updates.
  public TrainingOptions withRule(UpdateRule rule) {
    return new TrainingOptions(
        windows, batch, engine, budget, rule, interval, patience, sampled, blocks);
  }

  /// The same with a validation every `interval` updates.
  public TrainingOptions withInterval(int interval) {
    return new TrainingOptions(
        windows, batch, engine, budget, rule, interval, patience, sampled, blocks);
  }

  /// The same with another patience.
  public TrainingOptions withPatience(int patience) {
    return new TrainingOptions(
        windows, batch, engine, budget, rule, interval, patience, sampled, blocks);
  }

  /// The same with `sampled` classes drawn for each update.
  public TrainingOptions withSampled(int sampled) {
    return new TrainingOptions(
        windows, batch, engine, budget, rule, interval, patience, sampled, blocks);
  }

  /// The same with batches of `blocks` blocks.
  public TrainingOptions withBlocks(int blocks) {
    return new TrainingOptions(
        windows, batch, engine, budget, rule, interval, patience, sampled, blocks);
  }

  /// A text as training on it reads it: [AdaptiveText] if the windows follow the reach, else [TextData], in
  /// [SampledClasses] if a sample is wanted.
  ///
  /// @param classes K, how many different tokens there are
  /// @param seed of the samples
  ///
  /// **Errors**: [IllegalArgumentException] if it is shorter than a window, or a token is none of the K.
  public TrainingData dataOf(int[] text, int classes, long seed) {
    Expect.given("text", text);
    TrainingData data =
        windows.isAdaptive()
            ? new AdaptiveText(text, windows, batch)
            : new TextData(text, steps(), batch);
    return sampled == 0
        ? data
        : new SampledClasses(data, SampledClasses.counts(text, classes), sampled, seed);
  }

  /// Data as training on them goes through them: with an online rule, in as many steps as an update has.
  TrainingData cut(TrainingData data) {
    return engine instanceof Engine.Online online
        ? new PiecesOfBatches(data, online.updateEvery())
        : data;
  }

  /// Checks that a network of `spec` can be trained so.
  ///
  /// **Errors**: [IllegalArgumentException] that names what does not go together.
  void expectUsable(NetworkSpec spec) {
    engine.expectUsable(spec);
    if (sampled > 0 && spec.factored().isPresent()) {
      throw new Refusal("sampled", "0 for a factored softmax", sampled);
    }
    if (sampled > 0 && spec.head().pooled().isPresent()) {
      throw new Refusal("sampled", "0 for one output a sequence", sampled);
    }
    if (sampled > 0 && engine instanceof Engine.Online) {
      throw new Refusal("sampled", "0 with an online engine", sampled);
    }
    if (sampled > 0 && engine instanceof Engine.Budgeted) {
      throw new Refusal(
          "sampled",
          "0 beside a budget of memory, since a sample of the classes needs all steps kept",
          sampled);
    }
  }

  /// The most sequences of a block: those that one network is unrolled for.
  ///
  /// @param batch B
  public int sequences(int batch) {
    return Math.ceilDiv(batch, blocks);
  }

  /// Checks that so many workers can train so.
  ///
  /// **Errors**: [IllegalArgumentException] that names what cannot be.
  void expectUsable(int workers) {
    if (workers > 1 && budget instanceof Budget.Minutes minutes) {
      throw new Refusal(
          "minutes", "epochs for several workers, whose clocks differ", minutes.count());
    }
    expect(
        blocks >= workers, "blocks", "1 or more for each of %d workers".formatted(workers), blocks);
  }

  private static void expect(boolean holds, String name, String expected, Number got) {
    if (!holds) {
      throw new Refusal(name, expected, got);
    }
  }
}
