package dev.unfold.flow;

import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.layer.ErrorBundle;
import dev.unfold.layer.UnrolledLayer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What is written down of the error flow through one layer in one direction.
///
/// **Threads**: several at once, for different errors.
final class LayerFlow {
  private final Kernels kernels;
  private final UnrolledLayer layer;
  private final String name;
  private final boolean isReverse;
  private final int steps;
  private final int batch;
  private final List<Weight> weights = new ArrayList<>();
  private int[] times;

  /// delta(t, t) of each error, at any scale.
  private Matrix own;

  private double[] ownNorms;
  private double[][] norms;
  private double[][] cosines;
  private double[][][] units;

  /// For each matrix, error and lag the share.
  private double[][][] shares;

  /// A matrix with the gradient G and the products G a for all steps, in the layer's own order. Of several heads G is
  /// laid out a head of a slice at a time.
  private record Weight(
      String name, int group, Matrix gradient, List<PackedMatrix> packed, Matrix products) {}

  /// @param suffix of the layer's parameters, such as `_l0_reverse`
  /// @param gradients of its parameters
  LayerFlow(
      Kernels kernels,
      UnrolledLayer layer,
      String suffix,
      List<String> parameters,
      List<Matrix> gradients,
      boolean isReverse) {
    this.kernels = kernels;
    this.layer = layer;
    this.isReverse = isReverse;
    name = suffix.substring(1);
    steps = layer.live().capacity();
    batch = layer.live().batch();
    for (int g = 0; g < layer.groups(); g++) {
      Matrix gradient = gradients.get(layer.weightOf(g));
      // A head has as many rows in a slice as columns.
      int rows = layer.heads(g) == 1 ? gradient.rows() : gradient.cols();
      List<PackedMatrix> packed = new ArrayList<>();
      for (int row = 0; row < gradient.rows(); row += rows) {
        packed.add(kernels.allocatePacked(gradient.cols(), rows));
      }
      weights.add(
          new Weight(
              parameters.get(layer.weightOf(g)) + suffix,
              g,
              gradient,
              packed,
              kernels.allocate(steps * batch, gradient.rows())));
    }
  }

  /// Makes ready for the errors of the steps `times`, after the whole gradient was computed.
  void start(int[] times, boolean hasUnits) {
    this.times = times;
    int width = layer.errorSignals(0).width();
    own = kernels.allocate(times.length * batch, width);
    ownNorms = new double[times.length];
    norms = new double[times.length][steps];
    cosines = new double[times.length][steps];
    units = hasUnits ? new double[times.length][steps][width] : new double[0][][];
    shares = new double[weights.size()][times.length][steps];
    weights.forEach(this::multiply);
  }

  private void multiply(Weight weight) {
    Matrix operand = layer.operand(weight.group);
    int row = 0;
    for (PackedMatrix packed : weight.packed) {
      kernels.packTransposed(weight.gradient.rows(row, packed.cols()), packed);
      // A head's rows read its own part of the operand.
      Matrix read = operand.columns(row % operand.cols(), packed.rows());
      Matrix products = weight.products.columns(row, packed.cols());
      kernels.multiply(read, Factor.of(packed, products));
      row += packed.cols();
    }
  }

  /// Writes down delta(t, t) for the errors of step t.
  ///
  /// @param first the first of the bundle's errors that is there
  /// @param errors which errors these are
  void addOwn(ErrorBundle bundle, int t, int first, int[] errors) {
    for (int e = 0; e < errors.length; e++) {
      if (times[errors[e]] == t) {
        Matrix delta = rows(bundle.errorSignals(0), first + e);
        for (int b = 0; b < batch; b++) {
          own.copyRow(delta, b, errors[e] * batch + b);
        }
        ownNorms[errors[e]] = Math.sqrt(kernels.sumOfSquares(delta));
      }
    }
  }

  /// Writes down what the errors send to step t, after [#addOwn] for them.
  ///
  /// @param exponents powers p of two: the signals of the bundle's error e are 2^-p times what it has
  void add(ErrorBundle bundle, int t, int first, int[] errors, int[] exponents) {
    Matrix deltas = bundle.errorSignals(0);
    for (int e = 0; e < errors.length; e++) {
      int i = errors[e];
      Matrix delta = rows(deltas, first + e);
      double norm = Math.sqrt(kernels.sumOfSquares(delta));
      norms[i][t] = Math.scalb(norm, -exponents[first + e]);
      double scale = norm * ownNorms[i];
      cosines[i][t] = scale == 0 ? 0 : kernels.sumOfProducts(delta, rows(own, i)) / scale;
      if (units.length > 0) {
        addUnits(delta, units[i][t], exponents[first + e]);
      }
    }
    for (int g = 0; g < weights.size(); g++) {
      Matrix signals = bundle.errorSignals(weights.get(g).group);
      Matrix products = rows(weights.get(g).products, isReverse ? steps - 1 - t : t);
      for (int e = 0; e < errors.length; e++) {
        double share = kernels.sumOfProducts(rows(signals, first + e), products);
        shares[g][errors[e]][Math.abs(times[errors[e]] - t)] +=
            Math.scalb(share, -exponents[first + e]);
      }
    }
  }

  private void addUnits(Matrix of, double[] norms, int exponent) {
    Matrix delta = of.toHost();
    for (int n = 0; n < norms.length; n++) {
      double square = 0;
      for (int b = 0; b < batch; b++) {
        square += delta.get(b, n) * delta.get(b, n);
      }
      norms[n] = Math.scalb(Math.sqrt(square), -exponent);
    }
  }

  /// The rows of all sequences.
  private Matrix rows(Matrix of, int index) {
    return of.rows(index * batch, batch);
  }

  ErrorFlow.Layer layer() {
    List<Integer> list = Arrays.stream(times).boxed().toList();
    List<ErrorFlow.Share> all = new ArrayList<>();
    for (int g = 0; g < weights.size(); g++) {
      double[] byLag = new double[steps];
      for (double[] ofTime : shares[g]) {
        Arrays.setAll(byLag, k -> byLag[k] + ofTime[k]);
      }
      all.add(new ErrorFlow.Share(weights.get(g).name, Arrays.stream(byLag).sum(), byLag));
    }
    return new ErrorFlow.Layer(name, list, norms, cosines, all, units);
  }
}
