package dev.unfold.unroll.head;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.head.WeightedTargets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.NetworkHead;
import dev.unfold.unroll.rows.PackedRows;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.DoublePredicate;

/// The targets of the rows of a batch, how much each row's loss counts, and the sum of the losses.
public final class Losses {
  private final PackedRows packedRows;
  private final Kernels kernels;
  private final int batch;
  private final int capacity;
  private final Head head;
  private final double headWeight;
  private final int outputs;
  private final double[] scales;
  private final int[] classes;

  /// The rows of each sequence from its first step to its last; null until there are labels.
  private int[][] sequences;

  /// How many steps each sequence has.
  private final int[] lengths;

  /// How much of a right class is spread over all.
  private double smoothing;

  /// Targets of K numbers, in the order of the rows; null until there are any.
  private Matrix values;

  /// @param packedRows those of the outputs
  /// @param own what the outputs mean
  Losses(PackedRows packedRows, Kernels kernels, NetworkHead own) {
    this.packedRows = packedRows;
    this.kernels = kernels;
    head = own.head();
    headWeight = own.weight();
    outputs = own.outputs();
    batch = packedRows.live.batch();
    capacity = packedRows.live.capacity() * batch;
    scales = new double[capacity];
    classes = new int[capacity];
    lengths = new int[batch];
  }

  /// What each row's loss counts: 0 if it has none.
  double[] scales() {
    return scales;
  }

  /// The class of each row that has one.
  int[] classes() {
    return classes;
  }

  /// The K numbers of each row, zeros if it has none.
  Matrix values() {
    return values.rows(0, packedRows.rows());
  }

  /// Takes the targets of the rows that are there; those of sequence b count `weights[b]`, times their own weight.
  void take(Targets targets, double... weights) {
    head.check(targets);
    for (int row = 0; row < packedRows.rows(); row++) {
      int own = packedRows.given(row);
      double weight = weight(targets, own);
      scales[row] = targets.has(own) ? weights[own % batch] * weight * headWeight : 0;
    }
    switch (targets.plain()) {
      case WeightedTargets all -> throw new AssertionError(all);
      case SeveralTargets all -> throw new AssertionError(all);
      case Targets.Classes all -> takeClasses(all);
      case Targets.Sampled all -> takeClasses(all.classes());
      case Targets.Labels all -> {
        label(all);
        expectOneWeight(targets);
      }
      case Targets.Tags all -> {
        tag(all);
        expectOneWeight(targets);
      }
      case Targets.SmoothedClasses all -> {
        takeClasses(all.classes());
        smoothing = all.smoothing();
        expectClasses();
      }
      case Targets.Distributions all -> {
        arrange(all.values(), "K", outputs);
        expect("finite numbers", this::areAllFinite, Double::isFinite);
      }
      case Targets.Values all -> {
        ValueLoss loss = head.valueLoss().orElseThrow();
        int perNumber = loss.outputsPerNumber();
        arrange(all.values(), perNumber == 1 ? "K" : "K/" + perNumber, outputs / perNumber);
        boolean isCount = loss.isOfCounts();
        expect(
            isCount
                ? "finite counts of 0 or more, or NaN for a missing target"
                : "finite numbers, or NaN for a missing target",
            () -> !isCount && areAllFinite(),
            z -> Double.isNaN(z) || loss.takes(z));
      }
    }
  }

  private double weight(Targets targets, int given) {
    double weight = targets.weight(given);
    if (!(weight >= 0 && weight < Double.POSITIVE_INFINITY)) {
      throw new Refusal(
          "weights",
          "finite numbers of 0 or more",
          "%s in sequence %d, step %d".formatted(weight, given % batch, given / batch));
    }
    return weight;
  }

  /// Checks that the steps of a sequence all have the weight of its one loss.
  private void expectOneWeight(Targets targets) {
    for (int b = 0; b < batch; b++) {
      for (int t = 1; t < lengths[b]; t++) {
        double first = targets.weight(packedRows.given(sequences[b][0]));
        double own = targets.weight(packedRows.given(sequences[b][t]));
        if (own != first) {
          throw severalWeights(head, first, own, b);
        }
      }
    }
  }

  /// @param b whose steps have two
  static Refusal severalWeights(Head head, double one, double other, int b) {
    return new Refusal(
        "weights",
        "one for all steps of a sequence, as a head of %s has one loss of it"
            .formatted(head.text()),
        "%s and %s in sequence %d".formatted(one, other, b));
  }

  private void takeClasses(Targets.Classes all) {
    for (int row = 0; row < packedRows.rows(); row++) {
      int target = all.classes()[all.from() + packedRows.given(row)];
      classes[row] = scales[row] == 0 ? 0 : target;
    }
  }

  private void label(Targets.Labels all) {
    if (all.labels().length != batch) {
      throw new Refusal(
          "targets", "labels of B=%d sequences".formatted(batch), all.labels().length);
    }
    takeSequences();
    for (int b = 0; b < batch; b++) {
      if (all.labels()[b] != null) {
        check(all, b);
      }
    }
  }

  private void takeSequences() {
    if (sequences == null) {
      sequences = new int[batch][capacity / batch];
    }
    Arrays.fill(lengths, 0);
    for (int row = 0; row < packedRows.rows(); row++) {
      int b = packedRows.given(row) % batch;
      sequences[b][lengths[b]] = row;
      lengths[b]++;
    }
  }

  private void tag(Targets.Tags all) {
    takeSequences();
    for (int b = 0; b < batch; b++) {
      int known = 0;
      int lacking = 0;
      for (int t = 0; t < lengths[b]; t++) {
        int given = packedRows.given(sequences[b][t]);
        int tag = all.tags()[given];
        classes[sequences[b][t]] = all.has(given) ? tag : 0;
        if (all.has(given)) {
          expectClass("targets", tag);
          known++;
        } else {
          lacking = given / batch;
        }
      }
      if (known > 0 && known < lengths[b]) {
        throw new Refusal(
            "targets",
            "a tag for each step of a sequence, or for none",
            "none at step %d of sequence %d".formatted(lacking, b));
      }
    }
  }

  private void check(Targets.Labels all, int b) {
    for (int label : all.labels()[b]) {
      expectClass("targets", label);
      if (label == blank()) {
        throw new Refusal(
            "targets",
            "classes other than the blank, %d".formatted(label),
            "it in sequence %d".formatted(b));
      }
    }
    int least = Ctc.leastSteps(all.labels()[b]);
    if (lengths[b] < least) {
      throw new Refusal(
          "targets",
          "a sequence of at least %d steps for %d labels".formatted(least, all.labels()[b].length),
          "%d in sequence %d".formatted(lengths[b], b));
    }
  }

  private int blank() {
    return ((Head.Labels) head).blank();
  }

  private void expectClass(String name, int got) {
    if (got < 0 || got >= outputs) {
      throw new Refusal(name, "0 to K-1=%d".formatted(outputs - 1), got);
    }
  }

  /// The rows of sequence `b` from its first step to its last, the first [#length] of which count.
  int[] rowsOf(int b) {
    return sequences[b];
  }

  /// How many steps sequence `b` has.
  int length(int b) {
    return lengths[b];
  }

  private void expectClasses() {
    for (int row = 0; row < packedRows.rows(); row++) {
      expectClass("targets", classes[row]);
    }
  }

  /// Sets the values of all rows to smoothed classes.
  void smooth() {
    allocate(outputs);
    smooth(0, values());
  }

  /// Fills `target` with the smoothed classes of as many rows from `from` on; zeros for a row without a loss.
  void smooth(int from, Matrix target) {
    Matrix smoothed = target.toHost();
    double share = smoothing / outputs;
    for (int row = 0; row < target.rows(); row++) {
      boolean counts = scales[from + row] != 0;
      for (int k = 0; k < outputs; k++) {
        smoothed.set(row, k, counts ? share : 0);
      }
      if (counts) {
        smoothed.set(row, classes[from + row], share + 1 - smoothing);
      }
    }
    target.copy(smoothed);
  }

  private void allocate(int numbers) {
    if (values == null || values.cols() != numbers) {
      values = kernels.allocate(capacity, numbers);
    }
  }

  /// @param letter what the number of columns is called
  /// @param numbers how many there have to be
  private void arrange(Matrix source, String letter, int numbers) {
    if (source.cols() != numbers) {
      throw new Refusal("targets", "%s=%d".formatted(letter, numbers), source.cols());
    }
    allocate(numbers);
    if (packedRows.rows() > 0) {
      kernels.gather(source, packedRows.given(), 0, values());
    }
    for (int row = 0; row < packedRows.rows(); row++) {
      if (scales[row] == 0) {
        values.buffer().clear((long) row * values.cols(), values.cols());
      }
    }
  }

  private boolean areAllFinite() {
    return Double.isFinite(kernels.sumOfSquares(values()));
  }

  /// Checks each number of the rows that count.
  ///
  /// @param expected what they have to be
  /// @param areSound may say at once that all are
  private void expect(String expected, BooleanSupplier areSound, DoublePredicate isSound) {
    if (packedRows.rows() == 0 || areSound.getAsBoolean()) {
      return;
    }
    Matrix numbers = values().toHost();
    for (int row = 0; row < packedRows.rows(); row++) {
      for (int n = 0; scales[row] != 0 && n < numbers.cols(); n++) {
        double number = numbers.get(row, n);
        if (!isSound.test(number)) {
          int own = packedRows.given(row);
          throw new Refusal(
              "targets",
              expected,
              "%s in sequence %d, step %d, column %d"
                  .formatted(number, own % batch, own / batch, n));
        }
      }
    }
  }

  /// `start` and the sum of all losses times what each counts, from those of the rows: block by block from the last to
  /// the first, as all sums over time. Adds each loss to the caller's row of `given`, as much of it as the head's
  /// count.
  double sum(double[] ofRows, double start, double[] given) {
    double total = start;
    int blockSteps = packedRows.live.blockSteps();
    for (int step = packedRows.lastBlock(); step >= 0; step -= blockSteps) {
      double sum = 0;
      int until = packedRows.firstRow(step + blockSteps);
      for (int row = packedRows.firstRow(step); row < until; row++) {
        if (scales[row] != 0) {
          sum += ofRows[row] * scales[row];
          given[packedRows.given(row)] += headWeight * ofRows[row];
        }
      }
      total += sum;
    }
    return total;
  }
}
