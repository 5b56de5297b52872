package dev.unfold.run.learn;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The last rows of a session, until it is known what was right at each, or given up; then they are cut into segments
/// of k steps, in their order, each row in one.
///
/// **Memory**: up to `waiting` rows, and those of a segment.
///
/// **Threads**: one at a time.
final class LabelledRows {
  private final LabelKind kind;
  private final int segment;
  private final int waiting;
  private final List<Row> rows = new ArrayList<>();

  /// The step of the oldest row.
  private long first;

  /// A row that was read.
  private static final class Row {
    private final Inputs inputs;

    /// Null as long as nothing is known.
    private Targets targets;

    Row(Inputs inputs) {
      this.inputs = inputs;
    }
  }

  /// @param next the step of the row that comes first
  LabelledRows(LabelKind kind, int segment, int waiting, long next) {
    this.kind = kind;
    this.segment = segment;
    this.waiting = waiting;
    first = next;
  }

  /// The step of the row that comes next.
  long next() {
    return first + rows.size();
  }

  /// How many rows are kept.
  int size() {
    return rows.size();
  }

  /// Tells that `token` comes next, before it is read.
  ///
  /// @return how many steps that labels
  ///
  /// **Errors**: [Refusal] for no token of the model.
  int foretell(int token) {
    if (!kind.isNext() || rows.isEmpty() || rows.getLast().targets != null) {
      return 0;
    }
    kind.expectToken(token);
    rows.getLast().targets = new Targets.Classes(new int[] {token}, 0);
    return 1;
  }

  /// Takes rows that a client gave. Of text each is what was right at the row before.
  ///
  /// @return how many steps that labels
  int read(Inputs given) {
    int labelled = 0;
    for (int r = 0; r < given.rows(); r++) {
      Inputs row = row(given, r);
      if (row instanceof Inputs.Tokens one) {
        labelled += foretell(one.tokens()[one.from()]);
      }
      add(row);
    }
    return labelled;
  }

  /// Takes rows that the model wrote: nobody said that they were right.
  void wrote(Inputs written) {
    for (int r = 0; r < written.rows(); r++) {
      if (kind.isNext() && !rows.isEmpty() && rows.getLast().targets == null) {
        rows.getLast().targets = kind.none();
      }
      add(row(written, r));
    }
  }

  private void add(Inputs row) {
    rows.add(new Row(row));
    if (rows.size() > waiting) {
      Row oldest = rows.get(rows.size() - 1 - waiting);
      oldest.targets = oldest.targets == null ? kind.none() : oldest.targets;
    }
  }

  /// Takes what was right at rows from step `step` on.
  ///
  /// @return how many steps that labels
  ///
  /// **Errors**: [Refusal] for rows that are not kept any more, not read yet, or labelled before;
  /// [IllegalArgumentException] for what is no target of them. Nothing was taken then.
  int label(long step, Targets targets) {
    int count = targets.rows();
    if (step < first || count > next() - step || count < 1) {
      throw new Refusal(
          "step",
          rows.isEmpty()
              ? "a row that waits for its target; none does"
              : "rows of %d to %d, which wait for their targets".formatted(first, next() - 1),
          count == 1 ? step : "%d to %d".formatted(step, step + count - 1));
    }
    kind.check(targets);
    int from = Math.toIntExact(step - first);
    int labelled = 0;
    for (int i = 0; i < count; i++) {
      Row row = rows.get(from + i);
      if (row.targets != null) {
        throw new Refusal("step", "one that has no target yet", step + i);
      }
    }
    for (int i = 0; i < count; i++) {
      Targets own = part(targets, i);
      labelled += own.has(0) ? 1 : 0;
      rows.get(from + i).targets = own;
    }
    return labelled;
  }

  /// A copy of one row, in the heap: there may be many, and not for long.
  private static Inputs row(Inputs given, int row) {
    return switch (given) {
      case Inputs.Tokens tokens -> tokens.select(row);
      case Inputs.Vectors vectors -> new Inputs.Vectors(row(vectors.values(), row));
      case Inputs.Columns columns -> {
        int[][] categories = new int[columns.categories().length][];
        Arrays.setAll(categories, c -> new int[] {columns.categories()[c][columns.from() + row]});
        yield new Inputs.Columns(columns.numbers().map(all -> row(all, row)), categories, 0);
      }
    };
  }

  private static Matrix row(Matrix values, int row) {
    Matrix copy = Matrix.onHeap(values.buffer().type(), 1, values.cols());
    copy.copyRow(values, row, 0);
    return copy;
  }

  private static Targets part(Targets targets, int row) {
    if (targets instanceof Targets.Values all) {
      return new Targets.Values(row(all.values(), row));
    }
    // That of a sequence beside others, whatever they read.
    int count = targets.rows();
    return Batch.of(1, count, new Inputs.Tokens(new int[count], 0), targets)
        .sequence(row)
        .targets();
  }

  /// The oldest k rows, if all that can be known of them is.
  Optional<Batch> take() {
    for (int i = 0; i < segment; i++) {
      if (i >= rows.size() || rows.get(i).targets == null) {
        return Optional.empty();
      }
    }
    return Optional.of(cut(segment));
  }

  /// The oldest rows of which all is known, fewer than k; the others are forgotten.
  Optional<Batch> takeRest() {
    int known = 0;
    while (known < rows.size() && rows.get(known).targets != null) {
      known++;
    }
    Optional<Batch> rest = known == 0 ? Optional.empty() : Optional.of(cut(known));
    first = next();
    rows.clear();
    return rest;
  }

  private Batch cut(int steps) {
    List<Row> oldest = rows.subList(0, steps);
    // Side by side they are a step of k sequences, whose rows are those of k steps of one.
    Batch side =
        Batch.of(oldest.stream().map(row -> new Example(row.inputs, row.targets)).toList());
    oldest.clear();
    first += steps;
    return Batch.of(steps, 1, side.inputs(), side.targets());
  }
}
