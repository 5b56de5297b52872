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
/// **Memory**: up to `waiting` rows, those of a segment, and those that are read at once.
///
/// **Threads**: one at a time.
final class LabelledRows {
  private final LabelKind kind;
  private final int segment;
  private final int waiting;
  private final List<Row> rows = new ArrayList<>();

  /// Rows at the front that are cut already: they are taken away when they are half of all, so that each is moved once.
  private int taken;

  /// How many of the oldest rows are known for sure to be known.
  private int known;

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
    return first + size();
  }

  /// How many rows are kept.
  int size() {
    return rows.size() - taken;
  }

  private Row row(int index) {
    return rows.get(taken + index);
  }

  /// Whether nothing is known of the newest row.
  private boolean isOpen() {
    return size() > 0 && rows.getLast().targets == null;
  }

  /// Tells that `token` comes next, before it is read.
  ///
  /// @return how many steps that labels
  ///
  /// **Errors**: [Refusal] for no token of the model.
  int foretell(int token) {
    if (!kind.isNext() || !isOpen()) {
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
    return read(given, 0, given.rows());
  }

  /// The same of rows from `from` up to `to`.
  int read(Inputs given, int from, int to) {
    int labelled = 0;
    for (int r = from; r < to; r++) {
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
    wrote(written, 0, written.rows());
  }

  /// The same of rows from `from` up to `to`.
  void wrote(Inputs written, int from, int to) {
    for (int r = from; r < to; r++) {
      if (kind.isNext() && isOpen()) {
        rows.getLast().targets = kind.none();
      }
      add(row(written, r));
    }
  }

  private void add(Inputs row) {
    rows.add(new Row(row));
    if (size() > waiting) {
      Row oldest = row(size() - 1 - waiting);
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
          size() == 0
              ? "a row that waits for its target; none does"
              : "rows of %d to %d, which wait for their targets".formatted(first, next() - 1),
          count == 1 ? step : "%d to %d".formatted(step, step + count - 1));
    }
    kind.check(targets);
    int from = Math.toIntExact(step - first);
    int labelled = 0;
    for (int i = 0; i < count; i++) {
      Row row = row(from + i);
      if (row.targets != null) {
        throw new Refusal("step", "one that has no target yet", step + i);
      }
    }
    for (int i = 0; i < count; i++) {
      Targets own = part(targets, i);
      labelled += own.has(0) ? 1 : 0;
      row(from + i).targets = own;
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
    return known() < segment ? Optional.empty() : Optional.of(cut(segment));
  }

  /// How many of the oldest rows are known, one after the other; beyond k nobody asks.
  private int known() {
    while (known < Math.min(segment, size()) && row(known).targets != null) {
      known++;
    }
    return known;
  }

  /// The oldest rows of which all is known, fewer than k; the others are forgotten.
  Optional<Batch> takeRest() {
    int rest = known();
    Optional<Batch> last = rest == 0 ? Optional.empty() : Optional.of(cut(rest));
    first = next();
    rows.clear();
    taken = 0;
    known = 0;
    return last;
  }

  private Batch cut(int steps) {
    List<Row> oldest = rows.subList(taken, taken + steps);
    // Side by side they are a step of k sequences, whose rows are those of k steps of one.
    Batch side =
        Batch.of(oldest.stream().map(row -> new Example(row.inputs, row.targets)).toList());
    taken += steps;
    known -= steps;
    first += steps;
    if (taken * 2 > rows.size()) {
      rows.subList(0, taken).clear();
      taken = 0;
    }
    return Batch.of(steps, 1, side.inputs(), side.targets());
  }
}
