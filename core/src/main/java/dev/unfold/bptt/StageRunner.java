package dev.unfold.bptt;

import dev.unfold.bptt.LayerMemory.Cursor;
import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.PackedMatrix;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.plan.Place;
import dev.unfold.plan.Stage;
import java.util.ArrayList;
import java.util.List;

/// Runs stages on one thread's share of the rows. All windows are made beforehand: running allocates
/// nothing.
final class StageRunner {
  private static final double[] NO_SCALARS = {};

  private final Kernels kernels;
  private final List<Cursor> cursors = new ArrayList<>();
  private final List<Runnable> actions = new ArrayList<>();
  private Cursor[] cursorArray;
  private Runnable[] actionArray;

  private StageRunner(Layer layer) {
    kernels = layer.kernels();
  }

  /// Runs `stages` at one step on `count` rows of the batch from `from` on.
  static StageRunner ofStep(
      Layer layer, LayerMemory memory, List<Stage> stages, int from, int count) {
    StageRunner runner = new StageRunner(layer);
    List<Stage> work = count == 0 ? List.of() : stages;
    runner.add(layer, work, place -> runner.follow(memory.cursor(place, from, count)));
    return runner;
  }

  /// Runs `stages` on `count` of all T*B rows from `from` on.
  static StageRunner ofRows(
      Layer layer, LayerMemory memory, List<Stage> stages, int from, int count) {
    StageRunner runner = new StageRunner(layer);
    List<Stage> work = count == 0 ? List.of() : stages;
    runner.add(layer, work, place -> memory.whole(place).rows(from, count));
    return runner;
  }

  /// Runs the stages at step `t`.
  void runStep(int t) {
    for (Cursor cursor : cursorArray) {
      cursor.moveTo(t);
    }
    run();
  }

  /// Runs the stages.
  void run() {
    for (Runnable action : actionArray) {
      action.run();
    }
  }

  private Matrix follow(Cursor cursor) {
    cursors.add(cursor);
    return cursor.window;
  }

  private interface Windows {
    Matrix at(Place place);
  }

  private void add(Layer layer, List<Stage> stages, Windows windows) {
    for (Stage stage : stages) {
      for (Stage.Product product : stage.products()) {
        PackedMatrix packed =
            switch (product.direction()) {
              case FORWARD -> layer.forward(product.group());
              case BACK -> layer.back(product.group());
            };
        Matrix operand = windows.at(product.operand());
        Matrix target = windows.at(product.target());
        Factor[] factors = {Factor.of(packed, target)};
        actions.add(() -> kernels.multiply(operand, factors));
      }
      for (Stage.Fused fused : stage.pointwise()) {
        PointwiseKernel kernel = kernels.prepare(fused.program());
        Matrix[] operands = fused.operands().stream().map(windows::at).toArray(Matrix[]::new);
        actions.add(() -> kernel.run(operands, NO_SCALARS));
      }
    }
    cursorArray = cursors.toArray(Cursor[]::new);
    actionArray = actions.toArray(Runnable[]::new);
  }
}
