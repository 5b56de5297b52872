package dev.unfold.run.learn;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.train.dynamic.DynamicRule;
import dev.unfold.train.dynamic.Learned;

/// How sessions learn that have weights of their own.
///
/// @param rule how parameters follow gradients, and are drawn back to those that are served
/// @param learned which parameters change
/// @param segment n, the steps that are learned together; errors go back as far
/// @param waiting rows that wait for what was right, at most; the oldest is given up for one more
/// @param sessions that have weights of their own, at most: each takes their memory some four times
/// @param guard when weights are given up: if they are worse by its share `fall` than those that they began with, after
///     a quarter of its window, then for twice as long, and so on
public record OwnOptions(
    DynamicRule rule,
    Learned learned,
    int segment,
    int waiting,
    int sessions,
    ContestOptions guard) {
  /// Checks the ranges.
  public OwnOptions {
    Expect.given("rule", rule);
    Expect.given("learned", learned);
    Expect.given("guard", guard);
    expect("segment", segment);
    expect("waiting", waiting);
    expect("sessions", sessions);
  }

  private static void expect(String name, int value) {
    if (value < 1) {
      throw new Refusal(name, "1 or more", value);
    }
  }

  /// Gradient descent with a rate of 0.05, all parameters, 20 steps, 256 rows that wait, 100 sessions, and
  /// the usual contest.
  public static OwnOptions defaults() {
    return new OwnOptions(
        new DynamicRule.Sgd(0.05, 0), Learned.ALL, 20, 256, 100, ContestOptions.defaults());
  }

  /// The same with another rule.
  public OwnOptions with(DynamicRule other) {
    return new OwnOptions(other, learned, segment, waiting, sessions, guard);
  }

  /// The same for other parameters.
  public OwnOptions with(Learned others) {
    return new OwnOptions(rule, others, segment, waiting, sessions, guard);
  }

  /// The same with segments of n steps.
  public OwnOptions withSegment(int steps) {
    return new OwnOptions(rule, learned, steps, waiting, sessions, guard);
  }

  /// The same for other numbers of rows and sessions.
  public OwnOptions withLimits(int rows, int most) {
    return new OwnOptions(rule, learned, segment, rows, most, guard);
  }

  /// The same with another guard.
  public OwnOptions with(ContestOptions other) {
    return new OwnOptions(rule, learned, segment, waiting, sessions, other);
  }
}
