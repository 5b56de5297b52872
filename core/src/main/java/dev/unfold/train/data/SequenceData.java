package dev.unfold.train.data;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.LiveRows;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;

/// Sequences of vectors, each to be foreseen from those before it, B whole sequences at a time: at step t the network reads
/// x(t), and its output is compared with x(t + 1). Losses are averaged over the steps of a batch.
///
/// The sequences of an epoch come in an order of its own, which follows from a seed and the epoch's number. In the last batch of
/// an epoch there may be fewer: then the others of its B have no steps.
public final class SequenceData implements TrainingData {
  private final List<Matrix> sequences;
  private final ValueLoss loss;
  private final int batch;
  private final OptionalLong seed;
  private final int steps;
  private final int width;
  private final int[] order;

  /// The epoch that `order` is of; -1 before there is one.
  private long ordered = -1;

  /// @param sequences of vectors `[T, I]`, T their own and I that of all; NaN in the last vector is a missing target
  /// @param loss that compares the output with the vector that follows
  /// @param batch B
  /// @param seed of the orders; empty for the order that is given, in all epochs
  ///     <br>**Errors**: [IllegalArgumentException] if B is below 1, vectors differ in width, no sequence has two steps, or a
  ///     number is not finite: it names the first by sequence, step and column
  public SequenceData(List<Matrix> sequences, ValueLoss loss, int batch, OptionalLong seed) {
    this.loss = Expect.given("loss", loss);
    this.seed = Expect.given("seed", seed);
    if (batch < 1) {
      throw new Refusal("batch", "B of 1 or more", batch);
    }
    for (int s = 0; s < Expect.given("sequences", sequences).size(); s++) {
      expectFinite(s, Expect.given("sequences[" + s + "]", sequences.get(s)));
    }
    this.sequences = sequences.stream().filter(sequence -> sequence.rows() > 1).toList();
    if (this.sequences.isEmpty()) {
      throw new Refusal("sequences", "one of two steps or more", "none");
    }
    this.batch = Math.min(batch, this.sequences.size());
    steps = this.sequences.stream().mapToInt(Matrix::rows).max().orElseThrow() - 1;
    width = this.sequences.getFirst().cols();
    for (Matrix sequence : this.sequences) {
      if (sequence.cols() != width) {
        throw new Refusal("sequences", "I=%d in all".formatted(width), sequence.cols());
      }
    }
    LiveRows.rows(steps, this.batch);
    order = new int[this.sequences.size()];
  }

  private static void expectFinite(int s, Matrix sequence) {
    for (int t = 0; t < sequence.rows(); t++) {
      for (int i = 0; i < sequence.cols(); i++) {
        double number = sequence.get(t, i);
        boolean isMissing = Double.isNaN(number) && t == sequence.rows() - 1;
        if (!Double.isFinite(number) && !isMissing) {
          throw new Refusal(
              "sequences[%d]".formatted(s),
              "finite numbers",
              "%s at step %d, column %d".formatted(number, t, i));
        }
      }
    }
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public int updatesPerEpoch() {
    return Math.ceilDiv(order.length, batch);
  }

  @Override
  public Batch batch(long update) {
    arrange(update / updatesPerEpoch());
    int first = (int) (update % updatesPerEpoch()) * batch;
    int count = Math.min(batch, order.length - first);
    int longest = 0;
    for (int b = 0; b < count; b++) {
      longest = Math.max(longest, sequences.get(order[first + b]).rows() - 1);
    }
    Matrix inputs = Matrix.allocate(sequences.getFirst().buffer().type(), longest * batch, width);
    Matrix targets = Matrix.allocate(inputs.buffer().type(), longest * batch, width);
    boolean[] present = new boolean[longest * batch];
    for (int b = 0; b < count; b++) {
      Matrix sequence = sequences.get(order[first + b]);
      for (int t = 0; t < sequence.rows() - 1; t++) {
        int row = t * batch + b;
        present[row] = true;
        for (int i = 0; i < width; i++) {
          inputs.set(row, i, sequence.get(t, i));
          targets.set(row, i, sequence.get(t + 1, i));
        }
      }
    }
    return new Batch(
        longest,
        batch,
        new Inputs.Vectors(inputs),
        new Targets.Values(targets, loss),
        Optional.of(present));
  }

  private void arrange(long epoch) {
    if (ordered == epoch) {
      return;
    }
    Arrays.setAll(order, i -> i);
    if (seed.isPresent()) {
      long mixed = new SplittableRandom(seed.getAsLong()).nextLong();
      SplittableRandom random = new SplittableRandom(mixed + epoch);
      for (int i = order.length - 1; i > 0; i--) {
        int other = random.nextInt(i + 1);
        int own = order[i];
        order[i] = order[other];
        order[other] = own;
      }
    }
    ordered = epoch;
  }

  @Override
  public boolean goesOn(long update) {
    return false;
  }

  @Override
  public Reduction reduction() {
    return Reduction.MEAN;
  }
}
