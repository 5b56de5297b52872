package dev.unfold.sequence;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Amounts;
import dev.unfold.head.Head;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.head.WeightedTargets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.LiveRows;
import dev.unfold.unroll.rows.PackedRows;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// B sequences of up to T steps with what is to be learnt from them. Nothing is copied: who changes the arrays changes
/// the batch.
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
    Expect.positive("steps", "T", steps);
    Expect.positive("batch", "B", batch);
    int rows = LiveRows.rows(steps, batch);
    Expect.given("inputs", inputs);
    Expect.given("targets", targets);
    Expect.given("present", present);
    expectRows("inputs", rows, inputs.rows());
    expectRows("targets", rows, targets.rows());
    present.ifPresent(all -> expectRows("present", rows, all.length));
  }

  private static void expectRows(String name, int expected, int got) {
    if (got < expected) {
      throw new Refusal(name, "T*B=%d rows".formatted(expected), got);
    }
  }

  /// The sequences of `examples` side by side, with as many steps as the longest has; the shorter ones end before.
  ///
  /// **Errors**: [IllegalArgumentException] if there are none, or if one is not of the kind and width of the first.
  public static Batch of(List<Example> examples) {
    return of(examples, Expect.given("examples", examples).size());
  }

  /// The same with B = `batch` sequences, of which those that `examples` lacks have no steps.
  public static Batch of(List<Example> examples, int batch) {
    if (Expect.given("examples", examples).isEmpty() || examples.size() > batch) {
      throw new Refusal("examples", "1 to B=%d".formatted(batch), examples.size());
    }
    Padding padding = new Padding(examples, batch);
    LiveRows.rows(padding.steps(), batch);
    return new Batch(
        padding.steps(),
        batch,
        padding.inputs(),
        padding.targets(),
        Optional.of(padding.present()));
  }

  /// A batch in which all sequences have T steps.
  public static Batch of(int steps, int batch, Inputs inputs, Targets targets) {
    return new Batch(steps, batch, inputs, targets, Optional.empty());
  }

  /// The same batch with the first `lengths[b]` steps of sequence b.
  ///
  /// **Errors**: [IllegalArgumentException] if there are not B numbers from 0 to T.
  public Batch withLengths(int... lengths) {
    boolean[] all = PackedRows.present(steps, batch, lengths);
    return new Batch(steps, batch, inputs, targets, Optional.of(all));
  }

  /// The same batch, whose losses count as much as `weights` say, that of row t*B + b `weights[t*B + b]`, in the place
  /// of weights that it has.
  ///
  /// @see WeightedTargets
  public Batch weighted(double... weights) {
    return new Batch(
        steps, batch, inputs, new WeightedTargets(targets.plain(), weights, 0), present);
  }

  /// The steps from `from` to `until` - 1 of this batch, without a copy of what they read.
  ///
  /// **Errors**: [IllegalArgumentException] if these are no steps of it.
  public Batch part(int from, int until) {
    if (from < 0 || until > steps || from >= until) {
      throw new Refusal(
          "part", "steps from 0 to T=%d".formatted(steps), "%d to %d".formatted(from, until));
    }
    int first = from * batch;
    int rows = (until - from) * batch;
    return new Batch(
        until - from,
        batch,
        inputs.part(first, rows),
        targets.part(first, rows),
        present.map(all -> Arrays.copyOfRange(all, first, first + rows)));
  }

  /// Checks that the network can learn from all numbers that are there: inputs and distributions are finite, and so
  /// are targets, of which NaN are missing ones.
  ///
  /// **Errors**: [IllegalArgumentException] that names sequence, step and column of the first that is not, or numbers
  /// of another type than the network's.
  public void expectFinite(Kernels kernels) {
    switch (inputs) {
      case Inputs.Vectors all -> expectFinite("inputs", all.values(), false, kernels);
      case Inputs.Columns all ->
          all.numbers().ifPresent(n -> expectFinite("inputs", n, false, kernels));
      case Inputs.Tokens _ -> {}
    }
    expectFinite(targets, kernels);
  }

  private void expectFinite(Targets of, Kernels kernels) {
    switch (of.plain()) {
      case SeveralTargets all -> all.parts().forEach(part -> expectFinite(part, kernels));
      case Targets.Values all -> expectFinite("targets", all.values(), true, kernels);
      case Targets.Distributions all -> expectFinite("targets", all.values(), false, kernels);
      case Targets.Classes _,
          Targets.Sampled _,
          Targets.SmoothedClasses _,
          Targets.Labels _,
          Targets.Tags _,
          WeightedTargets _ -> {}
    }
  }

  /// @param mayLack whether NaN is a number that is missing
  private void expectFinite(String name, Matrix values, boolean mayLack, Kernels kernels) {
    if (values.buffer().type() != kernels.type()) {
      throw new Refusal(name, kernels.type(), values.buffer().type());
    }
    // One pass at the speed of the memory; it may overflow, and rows that are not there may hold
    // anything.
    if (Double.isFinite(kernels.sumOfSquares(values.rows(0, steps * batch)))) {
      return;
    }
    for (int row = 0; row < steps * batch; row++) {
      for (int column = 0; isPresent(row) && column < values.cols(); column++) {
        double number = values.get(row, column);
        if (!Double.isFinite(number) && !(mayLack && Double.isNaN(number))) {
          throw new Refusal(
              name,
              "finite numbers%s".formatted(mayLack ? ", or NaN for a missing target" : ""),
              "%s in sequence %d, step %d, column %d"
                  .formatted(number, row % batch, row / batch, column));
        }
      }
    }
  }

  /// Checks that the right classes of the steps that are there are among those of `head`.
  ///
  /// **Errors**: [IllegalArgumentException] that names class, sequence and step of the first that is not.
  public void expectClasses(Head head) {
    expectClasses(Expect.given("head", head), targets);
  }

  private void expectClasses(Head head, Targets of) {
    switch (of.plain()) {
      case SeveralTargets all when head instanceof SeveralHeads heads && heads.takes(all) -> {
        for (int i = 0; i < all.parts().size(); i++) {
          expectClasses(heads.parts().get(i).head(), all.parts().get(i));
        }
      }
      case Targets.Classes all -> {
        int outputs = head.outputs();
        for (int row = 0; row < steps * batch; row++) {
          int right = all.classes()[all.from() + row];
          if (isPresent(row) && all.has(row) && (right < 0 || right >= outputs)) {
            throw new Refusal(
                "targets",
                "0 to K-1=%d".formatted(outputs - 1),
                "%d in sequence %d, step %d".formatted(right, row % batch, row / batch));
          }
        }
      }
      default -> {}
    }
  }

  /// The b-th sequence alone: a copy.
  ///
  /// **Errors**: [IllegalArgumentException] if there is no such sequence.
  public Batch sequence(int b) {
    if (b < 0 || b >= batch) {
      throw new Refusal("b", "0 to B-1=%d".formatted(batch - 1), b);
    }
    return sequences(b, b + 1);
  }

  /// The sequences from `from` to `until` - 1 alone: a copy. A sample of the classes stays that of the whole batch.
  ///
  /// **Errors**: [IllegalArgumentException] if these are no sequences of it.
  public Batch sequences(int from, int until) {
    if (from < 0 || until > batch || from >= until) {
      throw new Refusal(
          "sequences",
          "some from 0 to B=%d".formatted(batch),
          "those from %d to %d".formatted(from, until));
    }
    int some = until - from;
    int[] rows = new int[LiveRows.rows(steps, some)];
    Arrays.setAll(rows, row -> row / some * batch + from + row % some);
    Optional<boolean[]> there =
        present.map(all -> {
          boolean[] own = new boolean[rows.length];
          for (int row = 0; row < rows.length; row++) {
            own[row] = all[rows[row]];
          }
          return own;
        });
    return new Batch(steps, some, inputs.select(rows), own(targets, from, until, rows), there);
  }

  private Targets own(Targets of, int from, int until, int... rows) {
    return switch (of) {
      case Targets.Labels all ->
          new Targets.Labels(Arrays.copyOfRange(all.labels(), from, until), all.steps());
      case WeightedTargets all ->
          new WeightedTargets(own(all.targets(), from, until, rows), weights(all, rows), 0);
      case SeveralTargets all ->
          new SeveralTargets(
              all.parts().stream().map(part -> own(part, from, until, rows)).toList());
      case Targets other -> select(other, rows);
    };
  }

  private static double[] weights(Targets of, int... rows) {
    return IntStream.of(rows).mapToDouble(of::weight).toArray();
  }

  /// The same with sequences without steps after its own, B = `wider` in all; itself if it has as many.
  public Batch widened(int wider) {
    if (wider <= batch) {
      return this;
    }
    int[] rows = new int[LiveRows.rows(steps, wider)];
    boolean[] all = new boolean[rows.length];
    for (int row = 0; row < rows.length; row++) {
      int own = row / wider * batch;
      boolean has = row % wider < batch;
      rows[row] = has ? own + row % wider : own;
      all[row] = has && isPresent(rows[row]);
    }
    return new Batch(steps, wider, inputs.select(rows), select(targets, rows), Optional.of(all));
  }

  /// `weights` of its sequences, with zeros for those that [#widened] adds: the same array if it adds none.
  public double[] widened(double[] weights, int wider) {
    if (weights.length != batch) {
      throw new Refusal(
          "weights", "one for each of B=%d sequences".formatted(batch), weights.length);
    }
    return wider <= batch ? weights : Arrays.copyOf(weights, wider);
  }

  private Targets select(Targets of, int... rows) {
    return switch (of) {
      case SeveralTargets all ->
          new SeveralTargets(all.parts().stream().map(part -> select(part, rows)).toList());
      case WeightedTargets all ->
          new WeightedTargets(select(all.targets(), rows), weights(all, rows), 0);
      case Targets.Tags all ->
          new Targets.Tags(IntStream.of(rows).map(row -> all.tags()[row]).toArray());
      case Targets.Classes all ->
          new Targets.Classes(
              IntStream.of(rows).map(row -> all.classes()[all.from() + row]).toArray(), 0);
      case Targets.Sampled all ->
          new Targets.Sampled(
              (Targets.Classes) select(all.classes(), rows), all.candidates(), all.corrections());
      case Targets.SmoothedClasses all ->
          new Targets.SmoothedClasses(
              (Targets.Classes) select(all.classes(), rows), all.smoothing());
      case Targets.Distributions all -> new Targets.Distributions(select(all.values(), rows));
      case Targets.Values all -> new Targets.Values(select(all.values(), rows));
      case Targets.Labels all ->
          new Targets.Labels(Arrays.copyOf(all.labels(), rows.length / steps), all.steps());
    };
  }

  /// A copy of the rows `rows`.
  static Matrix select(Matrix values, int... rows) {
    Matrix some = values.alike(rows.length, values.cols());
    for (int i = 0; i < rows.length; i++) {
      some.copyRow(values, rows[i], i);
    }
    return some;
  }

  private boolean isPresent(int row) {
    return present.isEmpty() || present.get()[row];
  }

  /// How many losses there are: one for each step that has a target, or for each sequence of labels or tags.
  public long losses() {
    return Arrays.stream(counts()).asLongStream().sum();
  }

  /// How much these losses count in an average: as many as there are, each by its weight, unless targets lack some of
  /// their numbers.
  ///
  /// @param head of the network
  /// @see Targets#amounts
  public double amount(Head head) {
    return amounts(head).total();
  }

  /// How many losses each sequence has.
  private int[] counts() {
    return targets.counts(steps * batch, batch, this::isPresent);
  }

  /// How much the losses of each sequence count in an average.
  ///
  /// @param head of the network
  public Amounts amounts(Head head) {
    return targets.amounts(head, steps * batch, batch, this::isPresent);
  }
}
