package dev.unfold.run.learn;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.gradient.Engine;
import dev.unfold.train.update.Averaging;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.UpdateRule;

/// How a copy learns while a model is served.
///
/// @param engine how gradients are found: [#BPTT], back-propagation through the steps of a segment, or the name of an
///     online rule, whose influence goes on from segment to segment
/// @param rule how parameters follow them, once a segment
/// @param segment k, the labelled steps of a session that are learned together; errors go back as far
/// @param contest when a copy takes the place of another
/// @param limits of memory and time
public record LearnOptions(
    String engine, UpdateRule rule, int segment, ContestOptions contest, LearnLimits limits) {
  /// Back-propagation through time.
  public static final String BPTT = "bptt";

  private static final int MOST_STEPS = 10_000;

  /// Checks what can be checked without a network.
  public LearnOptions {
    Expect.given("engine", engine);
    Expect.given("rule", rule);
    Expect.given("contest", contest);
    Expect.given("limits", limits);
    if (segment < 1 || segment > MOST_STEPS) {
      throw new Refusal("segment", "1 to %d steps".formatted(MOST_STEPS), segment);
    }
    if (!engine.equals(BPTT)) {
      expectRule(engine, segment);
    }
    if (rule.accumulation() > 1) {
      throw new Refusal(
          "accumulate", "1: updates come once a segment of a stream", rule.accumulation());
    }
    if (!(rule.averaging() instanceof Averaging.None)) {
      throw new Refusal("average", "none: a stream has no end to average for", rule.averaging());
    }
    if (!(rule.schedule() instanceof Schedule.Constant)) {
      throw new Refusal("schedule", "constant: a stream has no epochs", rule.schedule());
    }
  }

  private static void expectRule(String engine, int segment) {
    try {
      new Engine.Online(engine, segment);
    } catch (Refusal refused) {
      throw new Refusal("engine", BPTT + ", or " + refused.expected(), engine, refused);
    }
  }

  /// Back-propagation through segments of 20 steps, gradient descent with a rate of 0.05 and norms of at most 1.
  public static LearnOptions defaults() {
    return new LearnOptions(
        BPTT,
        UpdateRule.defaults().with(OptimizerSpec.parse("sgd")).withRate(0.05),
        20,
        ContestOptions.defaults(),
        LearnLimits.defaults());
  }

  /// The same with gradients found otherwise.
  public LearnOptions withEngine(String other) {
    return new LearnOptions(other, rule, segment, contest, limits);
  }

  /// The same with other updates.
  public LearnOptions with(UpdateRule other) {
    return new LearnOptions(engine, other, segment, contest, limits);
  }

  /// The same with segments of k steps.
  public LearnOptions withSegment(int steps) {
    return new LearnOptions(engine, rule, steps, contest, limits);
  }

  /// The same with another contest.
  public LearnOptions with(ContestOptions other) {
    return new LearnOptions(engine, rule, segment, other, limits);
  }

  /// The same with other limits.
  public LearnOptions with(LearnLimits other) {
    return new LearnOptions(engine, rule, segment, contest, other);
  }
}
