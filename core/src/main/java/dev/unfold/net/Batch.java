package dev.unfold.net;

import java.util.Arrays;
import java.util.Optional;

/// B sequences of up to T steps with what is to be learnt from them. Nothing is copied: who changes the arrays changes the
/// batch.
///
/// @param steps T
/// @param batch B
/// @param inputs what the network reads
/// @param targets what its outputs are compared with
/// @param present for row t*B + b whether sequence b has a step t; empty if all are there
public record Batch(
    int steps, int batch, Inputs inputs, Targets targets, Optional<boolean[]> present) {
  /// Checks the sizes.
  public Batch {
    NetworkSpec.expectPositive("steps", "T", steps);
    NetworkSpec.expectPositive("batch", "B", batch);
    int rows = Math.multiplyExact(steps, batch);
    expectRows("inputs", rows, inputs.rows());
    expectRows("targets", rows, targets.rows());
    present.ifPresent(all -> expectRows("present", rows, all.length));
  }

  private static void expectRows(String name, int expected, int got) {
    if (got < expected) {
      throw new IllegalArgumentException(
          "%s: expected T*B=%d rows, got %d".formatted(name, expected, got));
    }
  }

  /// A batch in which all sequences have T steps.
  public static Batch of(int steps, int batch, Inputs inputs, Targets targets) {
    return new Batch(steps, batch, inputs, targets, Optional.empty());
  }

  /// The same batch with the first `lengths[b]` steps of sequence b.
  ///
  /// **Errors**: [IllegalArgumentException] if there are not B numbers from 0 to T.
  public Batch withLengths(int... lengths) {
    boolean[] all = Arrangement.present(steps, batch, lengths);
    return new Batch(steps, batch, inputs, targets, Optional.of(all));
  }

  /// The steps from `from` to `until` - 1 of this batch, without a copy of what they read.
  public Batch part(int from, int until) {
    int first = from * batch;
    int rows = (until - from) * batch;
    return new Batch(
        until - from,
        batch,
        inputs.part(first, rows),
        targets.part(first, rows),
        present.map(all -> Arrays.copyOfRange(all, first, first + rows)));
  }

  /// How many losses there are: one for each step that has a target, or for each sequence of labels.
  public long losses() {
    return Arrays.stream(counts()).asLongStream().sum();
  }

  /// How much these losses count in an average: as many as there are, unless targets lack some of their numbers.
  ///
  /// @see Targets#amounts
  public double amount() {
    return Arrays.stream(amounts()).sum();
  }

  /// How many losses each sequence has.
  private int[] counts() {
    return targets.counts(steps * batch, batch, this::isPresent);
  }

  /// How much the losses of each sequence count in an average.
  double[] amounts() {
    return targets.amounts(steps * batch, batch, this::isPresent);
  }

  private boolean isPresent(int row) {
    return present.isEmpty() || present.get()[row];
  }
}
