package dev.unfold.proof;

import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// The numbers of a [LayerProblem] of one sequence as arrays, for what runs a plan in other ways than the library.
///
/// @param parameters each row by row
/// @param input x(t) for each t
/// @param noises for each mask m(t) for each t
/// @param states before step 0
/// @param outputGradients the loss' derivative with respect to the output of each step
/// @param stateGradients the same with respect to the states after the last step
record ViewProblem(
    List<double[]> parameters,
    double[][] input,
    double[][][] noises,
    double[][] states,
    double[][] outputGradients,
    double[][] stateGradients) {

  static ViewProblem of(LayerProblem problem, UnrolledLayer unrolled) {
    int steps = problem.shape().steps();
    int states = problem.states();
    List<double[]> parameters = problem.parameters().stream().map(Bits::toArray).toList();
    double[][][] noises = new double[unrolled.masks().size()][][];
    for (int m = 0; m < noises.length; m++) {
      noises[m] = rows(unrolled.noise(m).rows(steps));
    }
    double[][] initial = new double[states][];
    double[][] arriving = new double[states][];
    for (int s = 0; s < states; s++) {
      initial[s] = Bits.toArray(unrolled.initialState(s));
      arriving[s] = Bits.toArray(unrolled.finalStateGradient(s));
    }
    return new ViewProblem(
        parameters,
        rows(problem.input().rows(steps)),
        noises,
        initial,
        rows(unrolled.outputGradient().rows(steps)),
        arriving);
  }

  private static double[][] rows(Matrix matrix) {
    double[] all = Bits.toArray(matrix);
    double[][] rows = new double[matrix.rows()][];
    for (int r = 0; r < rows.length; r++) {
      rows[r] = Arrays.copyOfRange(all, r * matrix.cols(), (r + 1) * matrix.cols());
    }
    return rows;
  }

  int steps() {
    return input.length;
  }

  /// No derivatives of parameters yet.
  List<double[]> zeroGradients() {
    List<double[]> gradients = new ArrayList<>();
    parameters.forEach(parameter -> gradients.add(new double[parameter.length]));
    return gradients;
  }

  /// op(x, y); what is one number stands for all.
  static double[] apply(Op op, double[] x, double[] y, int width) {
    double[] result = new double[width];
    if (op == Op.SUM) {
      result[0] = Arrays.stream(x).sum();
      return result;
    }
    for (int i = 0; i < width; i++) {
      result[i] = apply(op, x[x.length == 1 ? 0 : i], y[y.length == 1 ? 0 : i]);
    }
    return result;
  }

  private static double apply(Op op, double x, double y) {
    return switch (op) {
      case ADD -> x + y;
      case SUBTRACT -> x - y;
      case MULTIPLY -> x * y;
      case DIVIDE -> x / y;
      default -> function(op).applyAsDouble(x);
    };
  }

  private static DoubleUnaryOperator function(Op op) {
    return switch (op) {
      case COPY, SPREAD -> x -> x;
      case NEGATE -> x -> -x;
      case ONE_MINUS -> x -> 1 - x;
      case SIGMOID -> x -> 1 / (1 + Math.exp(-x));
      case TANH -> Math::tanh;
      case RELU -> x -> Math.max(x, 0);
      case STEP -> x -> x > 0 ? 1 : 0;
      case EXP -> Math::exp;
      case LOG -> Math::log;
      case SOFTPLUS -> x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
      case SQRT -> Math::sqrt;
      case ADD, SUBTRACT, MULTIPLY, DIVIDE, SUM -> throw new IllegalArgumentException(op.name());
    };
  }

  /// to += W x for rows of a matrix from `from` on, of which each reads the part of x that belongs to its head.
  static void addProduct(double[] to, double[] matrix, int from, double[] x, int heads) {
    int cols = x.length / heads;
    for (int r = 0; r < to.length; r++) {
      for (int c = 0; c < cols; c++) {
        to[r] += matrix[(from + r) * cols + c] * x[first(r, to.length, x.length, heads) + c];
      }
    }
  }

  /// to += W^T delta for rows of a matrix from `from` on.
  static void addTransposed(double[] to, double[] matrix, int from, double[] delta, int heads) {
    int cols = to.length / heads;
    for (int r = 0; r < delta.length; r++) {
      for (int c = 0; c < cols; c++) {
        to[first(r, delta.length, to.length, heads) + c] +=
            matrix[(from + r) * cols + c] * delta[r];
      }
    }
  }

  /// gradient += delta x^T in rows from `from` on.
  static void addOuter(double[] gradient, int from, double[] delta, double[] x, int heads) {
    int cols = x.length / heads;
    for (int r = 0; r < delta.length; r++) {
      for (int c = 0; c < cols; c++) {
        gradient[(from + r) * cols + c] +=
            delta[r] * x[first(r, delta.length, x.length, heads) + c];
      }
    }
  }

  /// The first of `numbers` that the head of row `row` of `rows` has.
  private static int first(int row, int rows, int numbers, int heads) {
    return row * heads / rows * (numbers / heads);
  }

  /// to += x from `from` on.
  static void add(double[] to, int from, double[] x) {
    for (int i = 0; i < x.length; i++) {
      to[from + i] += x[i];
    }
  }
}
