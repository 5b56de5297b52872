package dev.unfold.run.series;

import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.StaticStart;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.List;
import java.util.Optional;

/// Windows side by side as a batch: row t*B + b is the step o_b - C + t of window b, which is there if its series has
/// begun by then.
final class Windows {
  private final SeriesSpec spec;
  private final int width;
  private final Matrix inputs;
  private final int[][] categories;
  private final Matrix targets;
  private final int steps;
  private final int batch;
  private final double[] row;

  /// Whole windows.
  ///
  /// @param batch B
  Windows(SeriesSpec spec, ElementType type, int batch) {
    this(spec, type, spec.steps(), batch);
  }

  /// Any rows, all zero at first.
  ///
  /// @param steps T
  /// @param batch B
  Windows(SeriesSpec spec, ElementType type, int steps, int batch) {
    this.spec = spec;
    this.steps = steps;
    this.batch = batch;
    width = Window.numbers(spec);
    int rows = Math.multiplyExact(steps, batch);
    inputs = Matrix.allocate(type, rows, width);
    targets = Matrix.allocate(type, rows, 1);
    categories = new int[Window.categories(spec).size()][rows];
    row = new double[width];
  }

  /// What reads such rows.
  static Encoder encoder(SeriesSpec spec) {
    List<Integer> counts = Window.categories(spec);
    int numbers = Window.numbers(spec);
    return counts.isEmpty()
        ? new Encoder.Vectors(numbers)
        : new Encoder.Columns(
            numbers, counts.stream().map(v -> new Encoder.Embedding(v, Encoder.width(v))).toList());
  }

  /// The columns of such rows that never change, which a state may start from; empty if there are none, or if the state
  /// is carried, since windows to learn from begin amid a series then.
  static Optional<StaticStart> start(SeriesSpec spec) {
    List<String> statics = spec.columns().statics();
    int numbers = (int) spec.numbers().stream().filter(statics::contains).count();
    int texts = (int) spec.texts().stream().filter(statics::contains).count();
    boolean isCarried = spec.state() == StateUse.CARRIED;
    return isCarried || statics.isEmpty()
        ? Optional.empty()
        : Optional.of(new StaticStart(2 * numbers, texts));
  }

  /// What a network reads.
  Inputs inputs() {
    return categories.length == 0
        ? new Inputs.Vectors(inputs)
        : new Inputs.Columns(inputs, categories);
  }

  /// The batch of up to B windows; those that lack have no steps.
  Batch of(List<Window> windows) {
    boolean[] present = new boolean[steps * batch];
    for (int b = 0; b < batch; b++) {
      if (b < windows.size()) {
        fill(windows.get(b), b, present);
      }
    }
    return new Batch(steps, batch, inputs(), new Targets.Values(targets), Optional.of(present));
  }

  private void fill(Window window, int b, boolean... present) {
    int start = window.origin() - spec.context();
    for (int t = 0; t < steps; t++) {
      int step = start + t;
      int at = t * batch + b;
      present[at] = step >= 0;
      if (step < 0) {
        targets.set(at, 0, Double.NaN);
        for (int[] each : categories) {
          each[at] = 0;
        }
        continue;
      }
      Window own = window.at(step);
      fill(own, step, t, b);
      targets.set(at, 0, step < window.learned() ? Double.NaN : own.target(step));
    }
  }

  /// Puts what is read at a step into row t*B + b.
  void fill(Window window, int step, int t, int b) {
    int at = t * batch + b;
    window.read(step, row);
    for (int i = 0; i < width; i++) {
      inputs.set(at, i, row[i]);
    }
    window.categories(step, categories, at);
  }
}
