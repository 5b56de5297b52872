package dev.unfold.online;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.ErrorBundle;
import dev.unfold.layer.UnrolledLayer;
import java.util.List;

/// What the parameters of a layer owe to errors within one step, an error and sequence at a time:
///
///     dE/dW += delta(t) operand(t)^T       dE/db += delta(t)
///
/// For the unit errors of all states that is the immediate influence I(t). Most of its numbers are zero: a row is
/// written where its error signal is not.
final class ImmediateInfluence {
  private final Matrix[] operands;
  private final Matrix[] signals;
  private final int[] heads;
  private final int units;
  private final long[] weightOffsets;
  private final Matrix[] vectors;
  private final long[][] vectorOffsets;

  /// @param bundle the errors
  /// @param offsets the first column of each parameter of the layer
  ImmediateInfluence(UnrolledLayer layer, ErrorBundle bundle, long[] offsets) {
    int groups = layer.groups();
    operands = new Matrix[groups];
    signals = new Matrix[groups];
    weightOffsets = new long[groups];
    heads = new int[groups];
    units = layer.initialState(0).cols();
    for (int g = 0; g < groups; g++) {
      operands[g] = layer.operand(g);
      signals[g] = bundle.errorSignals(g);
      heads[g] = layer.heads(g);
      weightOffsets[g] = offsets[layer.weightOf(g)];
    }
    vectors = new Matrix[bundle.vectorGradients()];
    vectorOffsets = new long[vectors.length][];
    for (int v = 0; v < vectors.length; v++) {
      vectors[v] = bundle.vectorGradient(v);
      List<ErrorBundle.Target> targets = bundle.vectorTargets(v);
      vectorOffsets[v] =
          targets.stream().mapToLong(t -> offsets[t.parameter()] + t.from()).toArray();
    }
  }

  /// Adds that of row `error` of the errors, of sequence b, to row `row` of `to`, times `factor`.
  void add(int error, int b, Matrix to, int row, double factor) {
    for (int g = 0; g < signals.length; g++) {
      Matrix operand = operands[g];
      int width = operand.cols() / heads[g];
      for (int r = 0; r < signals[g].cols(); r++) {
        double delta = factor * signals[g].get(error, r);
        if (delta != 0) {
          // Of a matrix with heads a row reads its own head of the operand; it is from H units to
          // H.
          int first = heads[g] == 1 ? 0 : r % units / width * width;
          int column = Math.toIntExact(weightOffsets[g] + (long) r * width);
          for (int c = 0; c < width; c++) {
            to.set(row, column + c, to.get(row, column + c) + delta * operand.get(b, first + c));
          }
        }
      }
    }
    for (int v = 0; v < vectors.length; v++) {
      for (int c = 0; c < vectors[v].cols(); c++) {
        double delta = factor * vectors[v].get(error, c);
        if (delta != 0) {
          for (long offset : vectorOffsets[v]) {
            int column = Math.toIntExact(offset + c);
            to.set(row, column, to.get(row, column) + delta);
          }
        }
      }
    }
  }
}
