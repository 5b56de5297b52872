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
  private record View(Function<Place, Matrix> whole, Function<Place, Matrix> own) {}

  /// Runs `stages` on `share` of the rows or units of a step, or of the rows of many steps.
  static StageRunner ofShare(Layer layer, LayerMemory memory, List<Stage> stages, Share share) {
    StageRunner runner = new StageRunner(layer, share);
    View view =
        new View(
            place -> runner.follow(memory.cursor(place)),
            place -> runner.follow(share.own(memory, place)));
    for (Stage stage : stages) {
      runner.add(layer, stage, view);
    }
    return runner.finish();
  }

  /// Runs `stages` on the matrices that `windows` gives for the places.
  static StageRunner of(Layer layer, List<Stage> stages, Function<Place, Matrix> windows) {
    StageRunner runner = new StageRunner(layer, Share.Rows.ALL);
    View view = new View(windows, windows);
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
      List<List<PackedMatrix>> packed = layer.packed(product);
      List<Stage.Block> blocks = product.blocks();
      for (int b = 0; b < blocks.size(); b++) {
        add(blocks.get(b), packed.get(b), view);
      }
    }
    for (Stage.Fused fused : stage.pointwise()) {
      Matrix[] operands = fused.operands().stream().map(view.own()).toArray(Matrix[]::new);
      add(Kind.POINTWISE, HeadLoop.of(kernels, fused.program(), fused.heads(), operands));
    }
  }

  /// The share of one block; of a head that is another part's there is none.
  private void add(Stage.Block block, List<PackedMatrix> packed, View view) {
    List<Factor> factors = new ArrayList<>();
    for (int i = 0; i < packed.size(); i++) {
      Stage.Term term = block.terms().get(i);
      Share.Span span = share.own(term.target().width(), block.first(), packed.get(i).cols());
      if (span.count() > 0) {
        PackedMatrix own = packed.get(i).columns(span.from() - block.first(), span.count());
        Matrix base =
            term.base() == null
                ? null
                : view.whole().apply(term.base().slice(span.from(), span.count()));
        Matrix target = view.whole().apply(term.target().slice(span.from(), span.count()));
        factors.add(new Factor(own, base, target));
      }
    }
    if (!factors.isEmpty()) {
      Matrix operand = view.whole().apply(block.operand());
      Factor[] all = factors.toArray(Factor[]::new);
      add(Kind.PRODUCT, () -> kernels.multiply(operand, all));
    }
  }

  private StageRunner finish() {
    cursorArray = cursors.toArray(Cursor[]::new);
    actionArray = actions.toArray(Runnable[]::new);
    return this;
  }
}
