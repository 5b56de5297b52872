package dev.unfold.kernels.scalar;

import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import java.util.Arrays;
import java.util.Locale;

/// The scalar backend: plain loops, the executable specification of [Kernels].
///
/// Every formula is computed in double, in both precisions; the precision only says how operands and
/// results are kept, so a float result is the double result rounded once. Functions come from
/// [StrictMath]: the same bits on every machine.
final class ScalarKernels implements Kernels {
  private final Precision precision;
  private final ThreadLocal<double[]> sums = ThreadLocal.withInitial(() -> new double[0]);

  public ScalarKernels(Precision precision) {
    this.precision = precision;
  }

  /// Row k, column n is at `from + k * stride + n`: a row of it is added to a row of sums without a stride.
  private record Packed(
      WeightFormat format, int rows, int cols, int from, int stride, double[] values)
      implements PackedMatrix {
    static Packed allocate(int rows, int cols, WeightFormat format) {
      double[] values = new double[Math.multiplyExact(rows, cols)];
      return new Packed(format, rows, cols, 0, cols, values);
    }

    @Override
    public PackedMatrix columns(int first, int count) {
      PackedMatrix.expectColumns(this, first, count, 1);
      return new Packed(format, rows, count, from + first, stride, values);
    }

    int at(int k, int n) {
      return from + k * stride + n;
    }
  }

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public String description() {
    return "plain loops, computed in double, kept in "
        + precision.toString().toLowerCase(Locale.ROOT);
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public Buffer allocate(long length) {
    return HostBuffer.allocate(precision.type(), length);
  }

  @Override
  public PackedMatrix allocatePacked(int k, int n, WeightFormat format) {
    return Packed.allocate(k, n, format);
  }

  @Override
  public void pack(Matrix source, PackedMatrix target) {
    Packed packed = (Packed) target;
    for (int k = 0; k < target.rows(); k++) {
      for (int n = 0; n < target.cols(); n++) {
        packed.values()[packed.at(k, n)] = source.get(k, n);
      }
    }
  }

  @Override
  public void packTransposed(Matrix source, PackedMatrix target) {
    Packed packed = (Packed) target;
    for (int n = 0; n < target.cols(); n++) {
      float scale = packed.format().scale(source, n);
      for (int k = 0; k < target.rows(); k++) {
        packed.values()[packed.at(k, n)] = packed.format().round(source.get(n, k), scale);
      }
    }
  }

  @Override
  public int alignment() {
    return 1;
  }

  @Override
  public void multiply(Matrix a, Factor... factors) {
    for (Factor factor : factors) {
      Matrix target = factor.target();
      double[] sums = sums(target.cols());
      for (int m = 0; m < target.rows(); m++) {
        Arrays.fill(sums, 0, target.cols(), 0);
        addRowProduct(a, m, (Packed) factor.b(), sums);
        for (int n = 0; n < target.cols(); n++) {
          double base = factor.onto() == null ? 0 : factor.onto().get(m, n);
          target.set(m, n, base + sums[n]);
        }
      }
    }
  }

  /// Room for `count` sums, which the thread keeps, since a step of inference allocates nothing.
  private double[] sums(int count) {
    double[] kept = sums.get();
    if (kept.length < count) {
      kept = new double[count];
      sums.set(kept);
    }
    return kept;
  }

  private static void addRowProduct(Matrix a, int m, Packed b, double[] sums) {
    for (int k = 0; k < b.rows(); k++) {
      addScaled(sums, b.cols(), a.get(m, k), b.values(), b.at(k, 0));
    }
  }

  /// sums(n) = sums(n) + factor values(from + n)
  private static void addScaled(
      double[] sums, int count, double factor, double[] values, int from) {
    for (int n = 0; n < count; n++) {
      sums[n] += factor * values[from + n];
    }
  }

  @Override
  public void multiplyTransposedAdd(Matrix a, Matrix b, Matrix c) {
    double[] right = new double[Math.multiplyExact(b.rows(), b.cols())];
    for (int r = 0; r < b.rows(); r++) {
      for (int n = 0; n < b.cols(); n++) {
        right[r * b.cols() + n] = b.get(r, n);
      }
    }
    double[] sums = new double[c.cols()];
    for (int m = 0; m < c.rows(); m++) {
      Arrays.fill(sums, 0);
      for (int r = 0; r < a.rows(); r++) {
        addScaled(sums, b.cols(), a.get(r, m), right, r * b.cols());
      }
      for (int n = 0; n < c.cols(); n++) {
        c.set(m, n, c.get(m, n) + sums[n]);
      }
    }
  }

  @Override
  public PointwiseKernel prepare(Pointwise program) {
    return new ScalarPointwise(program);
  }

  @Override
  public void sumRowsAdd(Matrix source, Matrix... targets) {
    for (int n = 0; n < source.cols(); n++) {
      double sum = 0;
      for (int r = 0; r < source.rows(); r++) {
        sum += source.get(r, n);
      }
      for (Matrix target : targets) {
        target.set(0, n, target.get(0, n) + sum);
      }
    }
  }

  @Override
  public void gather(Matrix table, int[] indices, int from, Matrix target) {
    for (int r = 0; r < target.rows(); r++) {
      for (int n = 0; n < target.cols(); n++) {
        target.set(r, n, table.get(indices[from + r], n));
      }
    }
  }

  @Override
  public void scatterAdd(Matrix source, int[] indices, int from, Matrix table) {
    for (int r = 0; r < source.rows(); r++) {
      int row = indices[from + r];
      for (int n = 0; n < source.cols(); n++) {
        table.set(row, n, table.get(row, n) + source.get(r, n));
      }
    }
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, int[] targets, int from, double[] scales, Matrix gradient, double[] losses) {
    double[] outputs = new double[logits.cols()];
    for (int r = 0; r < logits.rows(); r++) {
      double scale = scales[from + r];
      if (scale == 0) {
        losses[from + r] = 0;
        clearRow(gradient, r);
        continue;
      }
      Exponentials of = softmax(logits, r, outputs);
      int target = targets[from + r];
      losses[from + r] = of.minusLogarithm(logits, r, target);
      for (int k = 0; k < outputs.length; k++) {
        double right = k == target ? 1 : 0;
        gradient.set(r, k, scale * of.difference(k, outputs[k], 1, right));
      }
    }
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, Matrix targets, int from, double[] scales, Matrix gradient, double[] losses) {
    double[] outputs = new double[logits.cols()];
    for (int r = 0; r < logits.rows(); r++) {
      double scale = scales[from + r];
      if (scale == 0) {
        losses[from + r] = 0;
        clearRow(gradient, r);
        continue;
      }
      Exponentials of = softmax(logits, r, outputs);
      double loss = 0;
      double mass = 0;
      for (int k = 0; k < outputs.length; k++) {
        loss += targets.get(r, k) * of.minusLogarithm(logits, r, k);
        mass += targets.get(r, k);
      }
      losses[from + r] = loss;
      for (int k = 0; k < outputs.length; k++) {
        gradient.set(r, k, scale * of.difference(k, outputs[k], mass, targets.get(r, k)));
      }
    }
  }

  /// The exponentials of a row's logits, less the largest.
  ///
  /// @param largest logit
  /// @param sum of the exponentials
  /// @param first class that has the largest logit
  /// @param rest the sum of the exponentials but that one, which is 1
  private record Exponentials(double largest, double sum, int first, double rest) {
    /// Whether the sum has lost digits of the rest.
    boolean isNearlySure() {
      return rest < 0x1p-10;
    }

    /// -ln o_k. A large number that the logarithm of the sum is added to takes its digits with it.
    double minusLogarithm(Matrix logits, int r, int k) {
      if (isNearlySure()) {
        return largest - logits.get(r, k) + StrictMath.log1p(rest);
      }
      double logarithm = StrictMath.log(sum);
      return Math.abs(largest) > 1e3
          ? largest - logits.get(r, k) + logarithm
          : largest + logarithm - logits.get(r, k);
    }

    /// o_k mass - z_k; that of the class that is nearly sure from what it lacks.
    double difference(int k, double output, double mass, double z) {
      return isNearlySure() && k == first
          ? output * (mass - z) - z * rest / sum
          : output * mass - z;
    }
  }

  private static void clearRow(Matrix matrix, int r) {
    for (int k = 0; k < matrix.cols(); k++) {
      matrix.set(r, k, 0);
    }
  }

  /// Sets `outputs` to softmax(logits row r). The largest logit is taken out first, so that no exponential overflows.
  private static Exponentials softmax(Matrix logits, int r, double[] outputs) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < outputs.length; k++) {
      largest = Math.max(largest, logits.get(r, k));
    }
    double sum = 0;
    double rest = 0;
    int first = -1;
    for (int k = 0; k < outputs.length; k++) {
      outputs[k] = StrictMath.exp(logits.get(r, k) - largest);
      sum += outputs[k];
      boolean isFirst = first < 0 && outputs[k] == 1;
      first = isFirst ? k : first;
      rest += isFirst ? 0 : outputs[k];
    }
    for (int k = 0; k < outputs.length; k++) {
      outputs[k] /= sum;
    }
    return new Exponentials(largest, sum, first, rest);
  }

  @Override
  public double sumOfProducts(Matrix a, Matrix b) {
    double sum = 0;
    for (int r = 0; r < a.rows(); r++) {
      for (int n = 0; n < a.cols(); n++) {
        sum += a.get(r, n) * b.get(r, n);
      }
    }
    return sum;
  }

  @Override
  public long multiplyAdds(long rounds) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    for (long i = 0; i < rounds; i++) {
      a = a * 0.5 + 1;
      b = b * 0.5 + 1;
      c = c * 0.5 + 1;
      d = d * 0.5 + 1;
    }
    // The sums are at most 2 each: the test keeps them alive without changing the count.
    return a + b + c + d > 8 ? 0 : 8 * rounds;
  }
}
