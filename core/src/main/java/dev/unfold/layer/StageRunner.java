package dev.unfold.layer;

import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.layer.LayerMemory.Cursor;
import dev.unfold.plan.Place;
import dev.unfold.plan.Stage;
import dev.unfold.plan.walk.HeadLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// Runs stages on one part's share of the rows or units. All windows are made beforehand: running allocates
/// nothing.
final class StageRunner {
  private final Kernels kernels;
  private final Share share;
  private final List<Cursor> cursors = new ArrayList<>();
  private final List<Runnable> actions = new ArrayList<>();
  private final List<Kind> kinds = new ArrayList<>();
  private Cursor[] cursorArray;
  private Runnable[] actionArray;

  /// What an action does.
  private enum Kind {
    PRODUCT,
    POINTWISE
  }

  private StageRunner(Layer layer, Share share) {
    kernels = layer.kernels();
    this.share = share;
  }

  /// How a thread sees places and matrices.
  private record View(
      Function<Place, Matrix> operand,
      Function<Place, Matrix> own,
      Function<PackedMatrix, PackedMatrix> packed) {}

  /// Runs `stages` on `share` of the rows or units of a step, or of the rows of many steps.
  static StageRunner ofShare(Layer layer, LayerMemory memory, List<Stage> stages, Share share) {
    StageRunner runner = new StageRunner(layer, share);
    View view =
        new View(
            place -> runner.follow(memory.cursor(place)),
            place -> runner.follow(share.own(memory, place)),
            share::own);
    for (Stage stage : stages) {
      runner.add(layer, stage, view);
    }
    return runner.finish();
  }

  /// Runs `stages` on the matrices that `windows` gives for the places.
  static StageRunner of(Layer layer, List<Stage> stages, Function<Place, Matrix> windows) {
    StageRunner runner = new StageRunner(layer, Share.Rows.ALL);
    View view = new View(windows, windows, packed -> packed);
    stages.forEach(stage -> runner.add(layer, stage, view));
    return runner.finish();
  }

  /// Runs the stages on the share of the `rows` rows from step `t` on.
  void run(int t, int rows) {
    if (moveTo(t, rows)) {
      run();
    }
  }

  /// Runs the stages.
  void run() {
    for (Runnable action : actionArray) {
      action.run();
    }
  }

  /// The same as [#run(int, int)], with the time of the products and of the pointwise programs counted.
  void run(int t, int rows, PhaseClock clock, Phase product, Phase pointwise) {
    if (!moveTo(t, rows)) {
      return;
    }
    for (int i = 0; i < actionArray.length; i++) {
      actionArray[i].run();
      switch (kinds.get(i)) {
        case PRODUCT -> clock.end(product);
        case POINTWISE -> clock.end(pointwise);
      }
    }
  }

  /// Whether the share has any rows.
  private boolean moveTo(int t, int rows) {
    int first = share.firstRow(rows);
    int count = share.rowCount(rows);
    if (count == 0) {
      return false;
    }
    for (Cursor cursor : cursorArray) {
      cursor.moveTo(t, first, count);
    }
    return true;
  }

  private void add(Kind kind, Runnable action) {
    actions.add(action);
    kinds.add(kind);
  }

  private Matrix follow(Cursor cursor) {
    cursors.add(cursor);
    return cursor.window;
  }

  private void add(Layer layer, Stage stage, View view) {
    for (Stage.Product product : stage.products()) {
      List<PackedMatrix> packed = layer.packed(product);
      Factor[] factors = new Factor[packed.size()];
      for (int i = 0; i < factors.length; i++) {
        Stage.Term term = product.terms().get(i);
        Matrix target = view.own().apply(term.target());
        Matrix base = term.base() == null ? null : view.own().apply(term.base());
        factors[i] = new Factor(view.packed().apply(packed.get(i)), base, target);
      }
      Matrix operand = view.operand().apply(product.operand());
      add(Kind.PRODUCT, () -> kernels.multiply(operand, factors));
    }
    for (Stage.Fused fused : stage.pointwise()) {
      Matrix[] operands = fused.operands().stream().map(view.own()).toArray(Matrix[]::new);
      add(Kind.POINTWISE, HeadLoop.of(kernels, fused.program(), fused.heads(), operands));
    }
  }

  private StageRunner finish() {
    cursorArray = cursors.toArray(Cursor[]::new);
    actionArray = actions.toArray(Runnable[]::new);
    return this;
  }
}
