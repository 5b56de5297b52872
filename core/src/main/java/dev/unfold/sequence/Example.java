package dev.unfold.sequence;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.head.WeightedTargets;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;

/// One sequence of T steps with what is to be learnt from it; [Batch#of(java.util.List)] puts several side by side.
/// Nothing is copied.
///
/// @param inputs what the network reads, T rows
/// @param targets what its outputs are compared with, T rows of right classes, tags, distributions or values, or the
///     labels of the one sequence
public record Example(Inputs inputs, Targets targets) {
  /// Checks the sizes.
  ///
  /// **Errors**: [IllegalArgumentException] if there are no steps, not as many targets, or targets of another kind.
  public Example {
    Expect.given("inputs", inputs);
    Expect.given("targets", targets);
    if (inputs.rows() < 1) {
      throw new Refusal("inputs", "T of 1 or more rows", inputs.rows());
    }
    Targets plain = targets.plain();
    if (plain instanceof Targets.Sampled || plain instanceof Targets.SmoothedClasses) {
      throw new Refusal(
          "targets",
          "right classes, distributions, values, labels or tags",
          plain.getClass().getSimpleName());
    }
    if (plain instanceof Targets.Labels all && all.labels().length != 1) {
      throw new Refusal("targets", "labels of one sequence", "those of " + all.labels().length);
    }
    if (targets.rows() != inputs.rows()) {
      throw new Refusal("targets", "T=%d rows".formatted(inputs.rows()), targets.rows());
    }
  }

  /// A sequence that is of class `label` as a whole: the one output of a pooled head is compared with it, and of one
  /// with an output at each step that of the last. Layers of both directions have seen the whole sequence there in the
  /// one direction, and its last step alone in the other.
  ///
  /// **Errors**: [IllegalArgumentException] also for a label below 0: -1 would say that there is none.
  public static Example ofClass(Inputs inputs, int label) {
    if (label < 0) {
      throw new Refusal("label", "0 or more", label);
    }
    int[] classes = new int[Expect.given("inputs", inputs).rows()];
    Arrays.fill(classes, Targets.NO_TARGET);
    if (classes.length > 0) {
      classes[classes.length - 1] = label;
    }
    return new Example(inputs, new Targets.Classes(classes, 0));
  }

  /// A sequence that as a whole has this distribution over the classes: compared with what [#ofClass] is.
  ///
  /// @param shares `[1, K]`
  public static Example ofDistribution(Inputs inputs, Matrix shares) {
    return new Example(inputs, new Targets.Distributions(last(inputs, 0, "shares", shares)));
  }

  /// A sequence that as a whole has these values, NaN for one that is missing: compared with what [#ofClass] is.
  ///
  /// @param values `[1, N]`
  public static Example ofValues(Inputs inputs, Matrix values) {
    return new Example(inputs, new Targets.Values(last(inputs, Double.NaN, "values", values)));
  }

  /// `row` at the last step, and `none` at the others.
  private static Matrix last(Inputs inputs, double none, String name, Matrix row) {
    int steps = Expect.given("inputs", inputs).rows();
    if (Expect.given(name, row).rows() != 1) {
      throw new Refusal(name, "one row for the sequence", row.rows());
    }
    Matrix rows = row.alike(steps, row.cols());
    for (int t = 0; t < steps; t++) {
      for (int n = 0; n < row.cols(); n++) {
        rows.set(t, n, t == steps - 1 ? row.get(0, n) : none);
      }
    }
    return rows;
  }

  /// A sequence with a tag for each step, for a head of [dev.unfold.head.Head.Tags]; [Targets#NO_TARGET] at all steps
  /// for a sequence without a loss.
  public static Example ofTags(Inputs inputs, int... tags) {
    return new Example(inputs, new Targets.Tags(Expect.given("tags", tags)));
  }

  /// A sequence with a class for each step, [Targets#NO_TARGET] for none.
  public static Example ofClasses(Inputs inputs, int... classes) {
    return new Example(inputs, new Targets.Classes(Expect.given("classes", classes), 0));
  }

  /// A sequence with labels that stand for it in their order, at steps that nobody knows.
  public static Example ofLabels(Inputs inputs, int... labels) {
    int steps = Expect.given("inputs", inputs).rows();
    return new Example(
        inputs, new Targets.Labels(new int[][] {Expect.given("labels", labels)}, steps));
  }

  /// A sequence of vectors `[T + 1, I]`, each to be foreseen from those before it.
  ///
  /// **Errors**: [IllegalArgumentException] if it has not two steps.
  public static Example ofNext(Matrix sequence) {
    int steps = Expect.given("sequence", sequence).rows() - 1;
    if (steps < 1) {
      throw new Refusal("sequence", "two steps or more", sequence.rows());
    }
    return new Example(
        new Inputs.Vectors(sequence.rows(0, steps)), new Targets.Values(sequence.rows(1, steps)));
  }

  /// The same sequence, whose losses all count `weight` times: as much as if it were there as often.
  ///
  /// @param weight 0 or more, in the place of weights that it has
  public Example weighted(double weight) {
    double[] all = new double[steps()];
    Arrays.fill(all, weight);
    return weightedSteps(all);
  }

  /// The same sequence, of which the loss of step t counts `weights[t]`; for targets of steps alone.
  ///
  /// @param weights T of 0 or more, in the place of weights that it has
  public Example weightedSteps(double... weights) {
    return new Example(inputs, new WeightedTargets(targets.plain(), weights, 0));
  }

  /// The same sequence, of which the loss of a step counts as much as its right class does; for right classes alone.
  ///
  /// @param weights of class k at k, 0 or more, in the place of weights that it has
  public Example weightedClasses(double... weights) {
    if (!(targets.plain() instanceof Targets.Classes all)) {
      throw new Refusal(
          "targets", "right classes, to weigh them", targets.plain().getClass().getSimpleName());
    }
    double[] own = new double[steps()];
    for (int t = 0; t < own.length; t++) {
      int right = all.classes()[all.from() + t];
      if (right >= weights.length) {
        throw new Refusal("weights", "one for class %d".formatted(right), weights.length);
      }
      own[t] = all.has(t) ? weights[right] : 1;
    }
    return weightedSteps(own);
  }

  /// T
  public int steps() {
    return inputs.rows();
  }
}
