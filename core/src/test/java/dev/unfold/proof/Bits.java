package dev.unfold.proof;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// All numbers that a pass forward and back gives, to be compared bit by bit.
public final class Bits {
  private Bits() {}

  /// The numbers of the problem that `seed` draws, by name.
  static Map<String, double[]> of(
      NetworkSpec spec, Kernels kernels, Team team, int steps, int batch, long seed) {
    return of(Problem.draw(spec, kernels, team, steps, batch, seed));
  }

  /// The numbers of `problem`, run anew.
  static Map<String, double[]> of(Problem problem) {
    Map<String, double[]> numbers = new LinkedHashMap<>();
    for (Problem.Variable variable : problem.variables()) {
      numbers.put("derivative of " + variable.name(), toArray(variable.gradient()));
    }
    numbers.put("losses", problem.unrolled.losses().clone());
    numbers.put("delta_out", toArray(problem.unrolled.logits()));
    State last = problem.unrolled.finalState();
    for (int l = 0; l < problem.network.spec().layers(); l++) {
      numbers.put("output " + l, toArray(problem.unrolled.output(l)));
    }
    put("state", last, numbers);
    return numbers;
  }

  /// Adds all numbers of `gradients` by their names.
  static void put(Parameters gradients, Map<String, double[]> numbers) {
    for (Parameters.Tensor tensor : gradients.tensors()) {
      numbers.put(tensor.name(), toArray(gradients.matrix(tensor.name())));
    }
  }

  /// Adds all numbers of `state`.
  static void put(String name, State state, Map<String, double[]> numbers) {
    for (List<Matrix> states : state.layers()) {
      for (Matrix matrix : states) {
        numbers.put(name + " " + numbers.size(), toArray(matrix));
      }
    }
  }

  /// The elements of `matrix`, row by row.
  public static double[] toArray(Matrix matrix) {
    double[] values = new double[matrix.rows() * matrix.cols()];
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        values[r * matrix.cols() + c] = Numbers.get(matrix, r, c);
      }
    }
    return values;
  }
}
