package dev.unfold.bench.peer.unfold;

import dev.unfold.bench.problem.Problem;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.measure.LayerStep;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Between arrays and matrices of floats without gaps.
final class Matrices {
  private Matrices() {}

  /// Fills the parameters, whose names are PyTorch's.
  static void parameters(Problem problem, LayerStep step) {
    for (int i = 0; i < step.names().size(); i++) {
      set(
          step.parameters().get(i),
          switch (step.names().get(i)) {
            case "weight_ih" -> problem.weightIh();
            case "weight_hh" -> problem.weightHh();
            case "bias_ih" -> problem.biasIh();
            case "bias_hh" -> problem.biasHh();
            default -> throw new IllegalStateException(step.names().toString());
          });
    }
  }

  /// Fills the states before the first step.
  static void initialStates(Problem problem, LayerStep step) {
    List<float[]> states = problem.initialStates();
    for (int i = 0; i < states.size(); i++) {
      set(step.unrolled().initialState(i), states.get(i));
    }
  }

  static void set(Matrix matrix, float[] values) {
    segment(matrix).copyFrom(MemorySegment.ofArray(values));
  }

  static float[] get(Matrix matrix) {
    return segment(matrix).toArray(ValueLayout.JAVA_FLOAT);
  }

  private static MemorySegment segment(Matrix matrix) {
    if (matrix.stride() != matrix.cols()) {
      throw new IllegalArgumentException("matrix: expected one without gaps, got " + matrix);
    }
    long bytes = matrix.buffer().type().bytes();
    return matrix
        .host()
        .segment()
        .asSlice(matrix.offset() * bytes, (long) matrix.rows() * matrix.cols() * bytes);
  }
}
