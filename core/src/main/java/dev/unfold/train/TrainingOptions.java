package dev.unfold.train;

import dev.unfold.net.Engine;

/// What a training run is told, apart from network and data.
///
/// @param steps T, the length of a window: the error is followed back through at most T steps
/// @param batch B, the number of sequences side by side
/// @param engine how the error is followed back within a window
/// @param budget how long to train
/// @param learningRate the optimizer's step size
/// @param clip the largest gradient norm; longer gradients are scaled down to it
/// @param interval updates between validations, besides those at the ends of epochs; 0 for none
public record TrainingOptions(
    int steps,
    int batch,
    Engine engine,
    Budget budget,
    double learningRate,
    double clip,
    int interval) {

  /// Checks the ranges.
  public TrainingOptions {
    expect(steps >= 1, "steps", "T of 1 or more", steps);
    expect(batch >= 1, "batch", "B of 1 or more", batch);
    expect(
        learningRate > 0 && learningRate < 1e6,
        "lr",
        "a number above 0 and below 1e6",
        learningRate);
    expect(clip > 0, "clip", "a number above 0", clip);
    expect(interval >= 0, "interval", "0 or more", interval);
  }

  /// T = 64, B = 32, full back-propagation, 10 epochs, learning rate 0.002, gradient norm at most 1, validation every epoch.
  public static TrainingOptions defaults() {
    return new TrainingOptions(64, 32, new Engine.Full(), new Budget.Epochs(10), 0.002, 1.0, 0);
  }

  /// The same with windows of T = `steps`.
  public TrainingOptions withSteps(int steps) {
    return new TrainingOptions(steps, batch, engine, budget, learningRate, clip, interval);
  }

  /// The same with B = `batch` sequences side by side.
  public TrainingOptions withBatch(int batch) {
    return new TrainingOptions(steps, batch, engine, budget, learningRate, clip, interval);
  }

  /// The same with another way to follow the error back.
  public TrainingOptions withEngine(Engine engine) {
    return new TrainingOptions(steps, batch, engine, budget, learningRate, clip, interval);
  }

  /// The same with another budget.
  public TrainingOptions withBudget(Budget budget) {
    return new TrainingOptions(steps, batch, engine, budget, learningRate, clip, interval);
  }

  /// The same with another learning rate.
  public TrainingOptions withLearningRate(double learningRate) {
    return new TrainingOptions(steps, batch, engine, budget, learningRate, clip, interval);
  }

  /// The same with another largest gradient norm.
  public TrainingOptions withClip(double clip) {
    return new TrainingOptions(steps, batch, engine, budget, learningRate, clip, interval);
  }

  /// The same with a validation every `interval` updates.
  public TrainingOptions withInterval(int interval) {
    return new TrainingOptions(steps, batch, engine, budget, learningRate, clip, interval);
  }

  private static void expect(boolean holds, String name, String expected, Number got) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": expected " + expected + ", got " + got);
    }
  }
}
