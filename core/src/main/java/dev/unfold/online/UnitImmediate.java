package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.ErrorBundle;
import dev.unfold.layer.UnrolledLayer;
import java.util.ArrayList;
import java.util.List;

/// Adds the immediate influence I(t) of a layer to J where its units are apart within a step: a parameter then moves
/// the states of its own unit alone. For each state and matrix that is a diagonal of blocks, row i of the matrix in row
/// i of the state,
///
///     J[(k, i), (i, m)] += A_k,i u_m
///
/// and a diagonal of blocks is a matrix whose rows lie one column further apart.
///
/// **Threads**: each has its own, for some of the units.
final class UnitImmediate {
  private static final double[] NO_SCALARS = {};

  private final int batch;
  private final int first;
  private final int count;
  private final Matrix all;
  private final int states;
  private final PointwiseKernel addRows;
  private final PointwiseKernel addNumbers;
  private final List<Matrix[]> matrices = new ArrayList<>();
  private final List<Matrix[]> vectors = new ArrayList<>();

  /// What follows the sequence, and by how much.
  private final List<Mover> movers = new ArrayList<>();

  private record Mover(Matrix window, long offset, long step) {
    void move(int b) {
      window.moveTo(offset + b * step);
    }
  }

  /// @param rows where the states are
  /// @param all J of all sequences, S rows and one more for each
  /// @param first the first of the units
  /// @param count how many
  UnitImmediate(
      Kernels kernels,
      UnrolledLayer layer,
      ErrorBundle bundle,
      long[] offsets,
      List<StateRows> rows,
      Matrix all,
      int first,
      int count) {
    this.all = all;
    this.first = first;
    this.count = count;
    batch = layer.live().batch();
    states = rows.stream().mapToInt(StateRows::units).sum();
    addRows = kernels.prepare(program());
    addNumbers = kernels.prepare(Pointwise.of(Op.ADD));
    for (StateRows state : rows) {
      for (int g = 0; g < layer.groups(); g++) {
        Matrix signals = bundle.errorSignals(g);
        Matrix operand = layer.operand(g);
        for (int from = 0; from < signals.cols(); from += state.units()) {
          long column = offsets[layer.weightOf(g)] + (long) from * operand.cols();
          matrices.add(
              new Matrix[] {
                block(state, column, operand.cols()), row(operand), diagonal(state, signals, from)
              });
        }
      }
      for (int v = 0; v < bundle.vectorGradients(); v++) {
        Matrix numbers = bundle.vectorGradient(v);
        for (ErrorBundle.Target target : bundle.vectorTargets(v)) {
          for (int from = 0; from < numbers.cols(); from += state.units()) {
            long column = offsets[target.parameter()] + target.from() + from;
            vectors.add(new Matrix[] {block(state, column, 1), diagonal(state, numbers, from)});
          }
        }
      }
    }
  }

  private static Pointwise program() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot sum = builder.operand();
    Slot operand = builder.operand();
    Slot signals = builder.compute(Op.SPREAD, builder.column());
    builder.emit(Op.ADD, sum, sum, builder.compute(Op.MULTIPLY, signals, operand));
    return builder.build();
  }

  /// The blocks of a state and a matrix of `width` columns, whose first is column `column` of J.
  private Matrix block(StateRows state, long column, int width) {
    long row = (long) state.row() + first;
    long offset = row * all.stride() + column + (long) first * width;
    Matrix window = Matrix.of(all.buffer(), offset, count, width, all.stride() + width);
    movers.add(new Mover(window, offset, (states + 1L) * all.stride()));
    return window;
  }

  private Matrix row(Matrix operand) {
    Matrix window = Matrix.repeated(operand.buffer(), operand.offset(), count, operand.cols());
    movers.add(new Mover(window, operand.offset(), operand.stride()));
    return window;
  }

  /// Of the unit errors of a state the signals of the same units, from column `from` on.
  private Matrix diagonal(StateRows state, Matrix signals, int from) {
    long row = ((long) state.number() + first) * batch;
    long offset = signals.offset() + row * signals.stride() + from + first;
    int stride = Math.multiplyExact(batch, signals.stride()) + 1;
    Matrix window = Matrix.of(signals.buffer(), offset, count, 1, stride);
    movers.add(new Mover(window, offset, signals.stride()));
    return window;
  }

  /// Adds that of sequence b.
  void add(int b) {
    for (int i = 0; i < movers.size(); i++) {
      movers.get(i).move(b);
    }
    for (int i = 0; i < matrices.size(); i++) {
      addRows.run(matrices.get(i), NO_SCALARS);
    }
    for (int i = 0; i < vectors.size(); i++) {
      addNumbers.run(vectors.get(i), NO_SCALARS);
    }
  }
}
