package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;

/// What a network's output at each step of a batch is compared with; by which loss says its [Head]. Row t*B + b belongs
/// to step t of sequence b; a step without a target has no loss.
public sealed interface Targets
    permits Targets.Classes,
        Targets.Distributions,
        Targets.Labels,
        Targets.Sampled,
        Targets.SmoothedClasses,
        Targets.Tags,
        Targets.Values,
        SeveralTargets,
        WeightedTargets {
  /// The target of a step that has none.
  int NO_TARGET = -1;

  /// How many rows there are.
  int rows();

  /// The rows from `first` on: `count` of them, or, of right classes, as many as the array has.
  Targets part(int first, int count);

  /// Whether a row has a target.
  boolean has(int row);

  /// Whether each step has a loss of its own; else a sequence has one, and can't be cut.
  default boolean isOfSteps() {
    return true;
  }

  /// How many losses each of B sequences has.
  ///
  /// @param rows T*B
  /// @param present whether a row is there
  default int[] counts(int rows, int batch, IntPredicate present) {
    int[] counts = new int[batch];
    for (int row = 0; row < rows; row++) {
      counts[row % batch] += present.test(row) && has(row) ? 1 : 0;
    }
    return counts;
  }

  /// One loss for each sequence that has any.
  private static int[] ofSequences(int... counts) {
    return Arrays.stream(counts).map(count -> Math.min(1, count)).toArray();
  }

  /// How much the losses of each of B sequences count in an average: as many as there are, each by its weight, unless
  /// targets lack some of their numbers.
  ///
  /// @param head of the network
  /// @param rows T*B
  /// @param present whether a row is there
  default Amounts amounts(Head head, int rows, int batch, IntPredicate present) {
    double[] sums = new double[batch];
    double[] plain = new double[batch];
    IntToDoubleFunction amounts = amounts(head);
    for (int row = 0; row < rows; row++) {
      double own = present.test(row) ? amounts.applyAsDouble(row) : 0;
      int b = row % batch;
      if (isOfSteps()) {
        sums[b] += weight(row) * own;
        plain[b] += own;
      } else if (own != 0) {
        sums[b] = weight(row);
        plain[b] = 1;
      }
    }
    return new Amounts(sums, plain);
  }

  /// How much a row counts in an average, but for its weight.
  ///
  /// @param head of the network
  default IntToDoubleFunction amounts(Head head) {
    return row -> has(row) ? 1 : 0;
  }

  /// How much the loss of a row counts, that of others being 1.
  default double weight(int row) {
    return 1;
  }

  /// The same without weights.
  default Targets plain() {
    return this;
  }

  /// The right class of each row, that of row r at `classes[from + r]`, for the softmax cross-entropy
  /// `E_t = -ln o_z(t)`; [#NO_TARGET] for none.
  record Classes(int[] classes, int from) implements Targets {
    /// Checks that `from` is in the array.
    public Classes {
      Expect.given("targets", classes);
      if (from < 0 || from > classes.length) {
        throw new Refusal("targets", "a start from 0 to " + classes.length, from);
      }
    }

    @Override
    public int rows() {
      return classes.length - from;
    }

    @Override
    public Targets part(int first, int count) {
      return new Classes(classes, from + first);
    }

    @Override
    public boolean has(int row) {
      return classes[from + row] != NO_TARGET;
    }
  }

  /// The right classes, their softmax cross-entropy estimated from a sample of the classes: with z the right class of a
  /// row and pi_c the probability that class c is in the sample,
  ///
  ///     E_t = -net_z + ln(exp(net_z) + sum_{c in sample, c != z} exp(net_c) / pi_c)
  ///
  /// whose sum over classes is that of the full softmax on average. To train with; evaluation is by [Classes].
  ///
  /// @param classes the right classes
  /// @param candidates the sample: all right classes, and others; what fills it up is a class that it has, with
  ///     [#NOTHING] as correction
  /// @param corrections ln pi_c for each of them
  ///
  /// **Source**: S. Jean, K. Cho, R. Memisevic and Y. Bengio, On using very large target vocabulary for neural machine
  /// translation, ACL 2015, for the sample with all right classes of a batch; D. Horvitz and D. Thompson, A
  /// generalization of sampling without replacement from a finite universe, 1952, for the weights.
  record Sampled(Classes classes, int[] candidates, double[] corrections) implements Targets {
    /// The correction with which a class counts nothing, whatever its net input is.
    public static final double NOTHING = Double.POSITIVE_INFINITY;

    /// Checks that there is a correction for each.
    public Sampled {
      Expect.given("classes", classes);
      Expect.given("candidates", candidates);
      Expect.given("corrections", corrections);
      if (candidates.length == 0 || corrections.length != candidates.length) {
        throw new Refusal(
            "corrections",
            "one for each of %d candidates".formatted(candidates.length),
            corrections.length);
      }
    }

    @Override
    public int rows() {
      return classes.rows();
    }

    @Override
    public Targets part(int first, int count) {
      return new Sampled((Classes) classes.part(first, count), candidates, corrections);
    }

    @Override
    public boolean has(int row) {
      return classes.has(row);
    }
  }

  /// The right classes with label smoothing: the softmax cross-entropy with `1 - smoothing` for the right class and
  /// `smoothing` spread evenly over all K.
  ///
  /// **Source**: C. Szegedy et al., Rethinking the Inception architecture, CVPR 2016.
  record SmoothedClasses(Classes classes, double smoothing) implements Targets {
    /// Checks the number.
    public SmoothedClasses {
      Expect.given("classes", classes);
      if (!(smoothing >= 0 && smoothing < 1)) {
        throw new Refusal("smoothing", "0 or more and below 1", smoothing);
      }
    }

    @Override
    public int rows() {
      return classes.rows();
    }

    @Override
    public Targets part(int first, int count) {
      return new SmoothedClasses((Classes) classes.part(first, count), smoothing);
    }

    @Override
    public boolean has(int row) {
      return classes.has(row);
    }
  }

  /// A distribution over the classes for each row `[T*B, K]`, for the softmax cross-entropy
  /// `E_t = -sum_k z_k ln o_k(t)`; zeros for none.
  record Distributions(Matrix values) implements Targets {
    /// Checks that there are any.
    public Distributions {
      Expect.given("targets", values);
    }

    @Override
    public int rows() {
      return values.rows();
    }

    @Override
    public Targets part(int first, int count) {
      return new Distributions(values.rows(first, count));
    }

    @Override
    public boolean has(int row) {
      for (int k = 0; k < values.cols(); k++) {
        if (values.get(row, k) != 0) {
          return true;
        }
      }
      return false;
    }
  }

  /// The labels of whole sequences, without the steps at which they are: connectionist temporal classification, one
  /// loss `-ln p(labels)` for each sequence, summed over all ways to spread its labels over its steps.
  ///
  /// @param labels those of each of the B sequences, classes other than the blank of [Head.Labels]; null for a sequence
  ///     without a loss
  /// @param steps T
  ///
  /// **Source**: A. Graves, S. Fernandez, F. Gomez and J. Schmidhuber, Connectionist temporal classification, ICML
  /// 2006.
  record Labels(int[][] labels, int steps) implements Targets {
    /// Checks that there are any.
    public Labels {
      Expect.given("targets", labels);
      Expect.positive("steps", "T", steps);
    }

    @Override
    public int rows() {
      return steps * labels.length;
    }

    /// All of it, or nothing of it.
    @Override
    public Targets part(int first, int count) {
      if (first != 0 || count != rows()) {
        throw new Refusal(
            "targets",
            "a loss of each step, so that a batch can be cut",
            "labels of whole sequences");
      }
      return this;
    }

    @Override
    public boolean has(int row) {
      return labels[row % labels.length] != null;
    }

    @Override
    public boolean isOfSteps() {
      return false;
    }

    @Override
    public int[] counts(int rows, int batch, IntPredicate present) {
      return ofSequences(Targets.super.counts(rows, batch, present));
    }
  }

  /// The tags of whole sequences, one for each step that they have: a conditional random field, one loss `-ln p(tags)`
  /// for each sequence ([LinearChain]).
  ///
  /// @param tags that of each row; [#NO_TARGET] at all steps of a sequence without a loss. One that lacks a tag at some
  ///     of its steps is refused
  ///
  /// **Source**: J. Lafferty, A. McCallum and F. Pereira, Conditional random fields, ICML 2001.
  record Tags(int... tags) implements Targets {
    @Override
    public int rows() {
      return tags.length;
    }

    /// All of it, or nothing of it.
    @Override
    public Targets part(int first, int count) {
      if (first != 0 || count != rows()) {
        throw new Refusal(
            "targets",
            "a loss of each step, so that a batch can be cut",
            "tags of whole sequences");
      }
      return this;
    }

    @Override
    public boolean has(int row) {
      return tags[row] != NO_TARGET;
    }

    @Override
    public boolean isOfSteps() {
      return false;
    }

    @Override
    public int[] counts(int rows, int batch, IntPredicate present) {
      return ofSequences(Targets.super.counts(rows, batch, present));
    }
  }

  /// N numbers for each row `[T*B, N]`, which the network's output itself is compared with. A NaN is a number that is
  /// missing: the loss has no term for it, its outputs get a slope of exactly 0, and the other numbers of the row are
  /// what they would be with it. A row of NaN alone has no loss.
  ///
  /// In averages over steps an error counts the share of its numbers that are there, so that the average is that over
  /// all numbers that are there. A likelihood, which is a sum over the numbers, counts as one.
  ///
  /// @param values the numbers, none of them infinite
  record Values(Matrix values) implements Targets {
    /// Checks that there are any.
    public Values {
      Expect.given("targets", values);
    }

    @Override
    public int rows() {
      return values.rows();
    }

    @Override
    public Targets part(int first, int count) {
      return new Values(values.rows(first, count));
    }

    @Override
    public boolean has(int row) {
      for (int n = 0; n < values.cols(); n++) {
        if (!Double.isNaN(values.get(row, n))) {
          return true;
        }
      }
      return false;
    }

    @Override
    public IntToDoubleFunction amounts(Head head) {
      return head.valueLoss().map(ValueLoss::isLikelihood).orElse(true)
          ? Targets.super.amounts(head)
          : this::share;
    }

    /// How many of a row's numbers are there, of all of them.
    private double share(int row) {
      int missing = 0;
      for (int n = 0; n < values.cols(); n++) {
        missing += Double.isNaN(values.get(row, n)) ? 1 : 0;
      }
      return (double) (values.cols() - missing) / values.cols();
    }
  }
}
