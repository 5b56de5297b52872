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
public record OwnOptions(
    DynamicRule rule, Learned learned, int segment, int waiting, int sessions) {
  /// Checks the ranges.
  public OwnOptions {
    Expect.given("rule", rule);
    Expect.given("learned", learned);
    expect("segment", segment);
    expect("waiting", waiting);
    expect("sessions", sessions);
  }

  private static void expect(String name, int value) {
    if (value < 1) {
      throw new Refusal(name, "1 or more", value);
    }
  }

  /// Gradient descent with a rate of 0.05, all parameters, 20 steps, 256 rows that wait, 100 sessions.
  public static OwnOptions defaults() {
    return new OwnOptions(new DynamicRule.Sgd(0.05, 0), Learned.ALL, 20, 256, 100);
  }

  /// The same with another rule.
  public OwnOptions with(DynamicRule other) {
    return new OwnOptions(other, learned, segment, waiting, sessions);
  }

  /// The same for other parameters.
  public OwnOptions with(Learned others) {
    return new OwnOptions(rule, others, segment, waiting, sessions);
  }

  /// The same with segments of n steps.
  public OwnOptions withSegment(int steps) {
    return new OwnOptions(rule, learned, steps, waiting, sessions);
  }

  /// The same for other numbers of rows and sessions.
  public OwnOptions withLimits(int rows, int most) {
    return new OwnOptions(rule, learned, segment, rows, most);
  }
}
