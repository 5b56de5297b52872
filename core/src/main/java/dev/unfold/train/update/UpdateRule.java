package dev.unfold.train.update;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.List;

/// How gradients become changes of the parameters.
///
/// @param optimizer the formula
/// @param learningRate the step size that the schedule starts from
/// @param decay weight decay, decoupled: each parameter loses this share of itself, times the learning rate, at each
///     update
/// @param groups parameters that are treated in another way; the first that a name matches counts
/// @param clip what is done to gradients that are too large
/// @param schedule how the learning rate changes
/// @param accumulation how many batches an update has: its gradient is that of one batch of all their sequences
/// @param averaging whether parameters are averaged over updates
public record UpdateRule(
    OptimizerSpec optimizer,
    double learningRate,
    double decay,
    List<ParameterGroup> groups,
    Clip clip,
    Schedule schedule,
    int accumulation,
    Averaging averaging) {
  /// Checks the ranges.
  public UpdateRule {
    Expect.given("optimizer", optimizer);
    Expect.given("groups", groups);
    Expect.given("clip", clip);
    Expect.given("schedule", schedule);
    Expect.given("averaging", averaging);
    if (!(learningRate > 0 && learningRate < 1e6)) {
      throw new Refusal("lr", "a number above 0 and below 1e6", learningRate);
    }
    if (!(decay >= 0 && decay < 1e6)) {
      throw new Refusal("decay", "a number of 0 or more and below 1e6", decay);
    }
    if (accumulation < 1) {
      throw new Refusal("accumulate", "1 or more", accumulation);
    }
    groups = List.copyOf(groups);
  }

  /// Adam with a learning rate of 0.002, no decay, gradients with a norm of at most 1, a constant rate, each batch an
  /// update, no averages.
  public static UpdateRule defaults() {
    OptimizerSpec adam = new OptimizerSpec.Adam();
    return new UpdateRule(
        adam,
        adam.defaultRate(),
        0,
        List.of(),
        new Clip.Norm(1),
        new Schedule.Constant(),
        1,
        new Averaging.None());
  }

  /// The same with another formula and its usual learning rate.
  public UpdateRule with(OptimizerSpec other) {
    return new UpdateRule(
        Expect.given("optimizer", other),
        other.defaultRate(),
        decay,
        groups,
        clip,
        schedule,
        accumulation,
        averaging);
  }

  /// The same with another learning rate.
  public UpdateRule withRate(double rate) {
    return new UpdateRule(optimizer, rate, decay, groups, clip, schedule, accumulation, averaging);
  }

  /// The same with another weight decay.
  public UpdateRule withDecay(double other) {
    return new UpdateRule(
        optimizer, learningRate, other, groups, clip, schedule, accumulation, averaging);
  }

  /// The same with other groups.
  public UpdateRule with(List<ParameterGroup> others) {
    return new UpdateRule(
        optimizer, learningRate, decay, others, clip, schedule, accumulation, averaging);
  }

  /// The same with another way to clip.
  public UpdateRule with(Clip other) {
    return new UpdateRule(
        optimizer, learningRate, decay, groups, other, schedule, accumulation, averaging);
  }

  /// The same with another schedule.
  public UpdateRule with(Schedule other) {
    return new UpdateRule(
        optimizer, learningRate, decay, groups, clip, other, accumulation, averaging);
  }

  /// The same over `batches` batches for each update.
  public UpdateRule withAccumulation(int batches) {
    return new UpdateRule(
        optimizer, learningRate, decay, groups, clip, schedule, batches, averaging);
  }

  /// The same with other averages.
  public UpdateRule with(Averaging other) {
    return new UpdateRule(
        optimizer, learningRate, decay, groups, clip, schedule, accumulation, other);
  }
}
