package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;

/// Other targets, whose losses count more or less than others: that of row r `weights[from + r]` as much, as
/// [Reduction] says. A row whose weight is 0 is one without a target. The losses that are told of single steps are
/// those without their weight.
///
/// What a sequence has one loss of has one weight, at all its steps.
///
/// @param targets without weights
/// @param weights 0 or more
public record WeightedTargets(Targets targets, double[] weights, int from) implements Targets {
  /// Checks that there is one for each row.
  public WeightedTargets {
    Expect.given("targets", targets);
    Expect.given("weights", weights);
    if (targets instanceof WeightedTargets || targets instanceof SeveralTargets) {
      throw new Refusal(
          "targets", "those without weights, of one head", targets.getClass().getSimpleName());
    }
    if (from < 0 || weights.length - from < targets.rows()) {
      throw new Refusal("weights", "T*B=%d".formatted(targets.rows()), weights.length - from);
    }
  }

  @Override
  public int rows() {
    return targets.rows();
  }

  @Override
  public Targets part(int first, int count) {
    return new WeightedTargets(targets.part(first, count), weights, from + first);
  }

  @Override
  public boolean has(int row) {
    return weight(row) > 0 && targets.has(row);
  }

  @Override
  public boolean isOfSteps() {
    return targets.isOfSteps();
  }

  @Override
  public int[] counts(int rows, int batch, IntPredicate present) {
    return targets.counts(rows, batch, row -> present.test(row) && weight(row) > 0);
  }

  @Override
  public IntToDoubleFunction amounts(Head head) {
    IntToDoubleFunction own = targets.amounts(head);
    return row -> weight(row) > 0 ? own.applyAsDouble(row) : 0;
  }

  @Override
  public double weight(int row) {
    return weights[from + row];
  }

  @Override
  public Targets plain() {
    return targets;
  }
}
