package dev.unfold.net;

import dev.unfold.kernels.Matrix;
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

  /// The b-th sequence alone: a copy.
  ///
  /// **Errors**: [IllegalArgumentException] if there is no such sequence.
  public Batch sequence(int b) {
    if (b < 0 || b >= batch) {
      throw new IllegalArgumentException("b: expected 0 to B-1=%d, got %d".formatted(batch - 1, b));
    }
    int[] rows = new int[steps];
    Arrays.setAll(rows, t -> t * batch + b);
    Optional<boolean[]> there =
        present.map(all -> {
          boolean[] own = new boolean[steps];
          for (int t = 0; t < steps; t++) {
            own[t] = all[rows[t]];
          }
          return own;
        });
    return new Batch(steps, 1, inputs.select(rows), sequence(targets, b, rows), there);
  }

  private static Targets sequence(Targets of, int b, int... rows) {
    return switch (of) {
      case Targets.Classes all -> select(all, rows);
      case Targets.Sampled all ->
          new Targets.Sampled(select(all.classes(), rows), all.candidates(), all.corrections());
      case Targets.SmoothedClasses all ->
          new Targets.SmoothedClasses(select(all.classes(), rows), all.smoothing());
      case Targets.Distributions all -> new Targets.Distributions(select(all.values(), rows));
      case Targets.Values all -> new Targets.Values(select(all.values(), rows), all.loss());
      case Targets.Labels all ->
          new Targets.Labels(new int[][] {all.labels()[b]}, all.blank(), all.steps());
    };
  }

  private static Targets.Classes select(Targets.Classes all, int... rows) {
    int[] classes = Arrays.stream(rows).map(row -> all.classes()[all.from() + row]).toArray();
    return new Targets.Classes(classes, 0);
  }

  private static Matrix select(Matrix values, int... rows) {
    return new Inputs.Vectors(values).select(rows).values();
  }

  /// How many losses there are: one for each step that has a target, or for each sequence of labels.
  public long losses() {
    return Arrays.stream(counts()).asLongStream().sum();
  }

  /// How many losses each sequence has.
  int[] counts() {
    return targets.counts(steps * batch, batch, row -> present.isEmpty() || present.get()[row]);
  }
}
