package dev.unfold.flow;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.ErrorBundle;
import dev.unfold.layer.Passage;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The recurrent Jacobian of a network at a step, that of all its states after the step with respect to those before
/// it:
///
///     J(t) = ds(t) / ds(t - 1)
///
/// whose singular values say by how much a step can stretch an error or shrink it. It is read off one step, through
/// which the errors of all units go back side by side.
///
/// **Shapes**: S = the units of all states of all layers: L H for Elman and GRU, 2 L H for an LSTM.
///
/// @param all the singular values, from the largest to the smallest
/// @param layers for each layer those of its own states by its own alone, a block of J
public record RecurrentJacobian(double[] all, List<double[]> layers) {
  /// The most states that singular values are computed for: it takes some S^3 operations.
  public static final int MOST_STATES = 512;

  private static final int MOST_SWEEPS = 60;

  /// Copies the list.
  public RecurrentJacobian {
    layers = List.copyOf(layers);
  }

  /// S
  public static int states(Network network) {
    return network.zeroState(1).layers().stream()
        .flatMap(List::stream)
        .mapToInt(Matrix::cols)
        .sum();
  }

  /// That at a step.
  ///
  /// @param before the state of one sequence before the step
  /// @param input what it reads at the step, one row
  ///
  /// **Errors**: [IllegalArgumentException] for more than [#MOST_STATES] states, several sequences, or layers of both
  /// directions.
  public static RecurrentJacobian of(Network network, Team team, State before, Inputs input) {
    int states = states(network);
    if (states > MOST_STATES || before.batch() != 1 || network.spec().directions() > 1) {
      throw new Refusal(
          "network",
          "up to %d states, of one sequence and one direction".formatted(MOST_STATES),
          "%d of %d".formatted(states, before.batch()));
    }
    double[][] jacobian = matrix(network, team, before, input, states);
    List<double[]> layers = new ArrayList<>();
    int from = 0;
    for (List<Matrix> layer : before.layers()) {
      int until = from + layer.stream().mapToInt(Matrix::cols).sum();
      double[][] block = new double[until - from][];
      for (int row = 0; row < block.length; row++) {
        block[row] = Arrays.copyOfRange(jacobian[from + row], from, until);
      }
      layers.add(singularValues(block));
      from = until;
    }
    return new RecurrentJacobian(singularValues(jacobian), layers);
  }

  /// Row i is the derivative of state i with respect to all states before.
  private static double[][] matrix(
      Network network, Team team, State before, Inputs input, int states) {
    UnrolledNetwork step = UnrolledNetwork.of(network, team, 1, 1);
    step.start(before);
    step.runLayers(input);
    NetworkErrorBundle errors =
        new NetworkErrorBundle(step.tape(), network.kernels(), states, Passage.WHOLE);
    errors.clear();
    int unit = 0;
    for (Matrix state : atStep(errors, network, 0)) {
      Matrix ones = state.toHost();
      for (int i = 0; i < state.cols(); i++) {
        ones.set(unit, i, 1);
        unit++;
      }
      state.copy(ones);
    }
    Matrix none = network.kernels().allocate(1, network.spec().outputSize());
    errors.follow(new int[states], none, (layer, bundle, t, first, exponents) -> {});
    double[][] jacobian = new double[states][states];
    int column = 0;
    for (Matrix own : atStep(errors, network, -1)) {
      Matrix state = own.toHost();
      for (int row = 0; row < states; row++) {
        for (int i = 0; i < state.cols(); i++) {
          jacobian[row][column + i] = state.get(row, i);
        }
      }
      column += state.cols();
    }
    return jacobian;
  }

  /// The derivatives with respect to all states after step `t`.
  private static List<Matrix> atStep(NetworkErrorBundle errors, Network network, int t) {
    List<Matrix> states = new ArrayList<>();
    for (int l = 0; l < network.spec().layers(); l++) {
      ErrorBundle bundle = errors.bundle(l);
      for (int s = 0; s < bundle.states(); s++) {
        states.add(bundle.arriving(s, t));
      }
    }
    return states;
  }

  /// One-sided Jacobi: rows are turned in pairs until all are orthogonal; their lengths are the singular values.
  ///
  /// **Source**: M. R. Hestenes, Inversion of matrices by biorthogonalization and related results, 1958.
  static double[] singularValues(double[][] matrix) {
    int n = matrix.length;
    boolean turned = true;
    for (int sweep = 0; turned && sweep < MOST_SWEEPS; sweep++) {
      turned = false;
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          turned |= turn(matrix[p], matrix[q]);
        }
      }
    }
    double[] values = new double[n];
    Arrays.setAll(values, i -> Math.sqrt(product(matrix[i], matrix[i])));
    Arrays.sort(values);
    for (int i = 0; i < n / 2; i++) {
      double value = values[i];
      values[i] = values[n - 1 - i];
      values[n - 1 - i] = value;
    }
    return values;
  }

  /// Makes two rows orthogonal; whether they were not.
  private static boolean turn(double[] a, double[] b) {
    double alpha = product(a, a);
    double beta = product(b, b);
    double gamma = product(a, b);
    if (Math.abs(gamma) <= 1e-14 * Math.sqrt(alpha * beta)) {
      return false;
    }
    double zeta = (beta - alpha) / (2 * gamma);
    double tangent = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.hypot(1, zeta));
    double cosine = 1 / Math.hypot(1, tangent);
    double sine = cosine * tangent;
    for (int i = 0; i < a.length; i++) {
      double x = a[i];
      double y = b[i];
      a[i] = cosine * x - sine * y;
      b[i] = sine * x + cosine * y;
    }
    return true;
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
