package dev.unfold.online;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;

/// The derivative of a step's error with respect to all states after the step, where the uppermost layer's output is
/// one of its states: zero but for that.
final class OutputError {
  private final Matrix outputGradient;

  /// Where the output's state is among all states.
  private final int first;

  /// @param top whose output is one of its states
  /// @param states S of all layers
  OutputError(UnrolledLayer top, int states, int batch) {
    int own = top.coupling().outputState();
    int from = states;
    for (int s = top.states() - 1; s >= own; s--) {
      from -= top.initialState(s).cols();
    }
    first = from;
    outputGradient = top.outputGradient().rows(batch);
  }

  /// That of sequence b times row b of `vectors`.
  double times(int b, Matrix vectors) {
    double sum = 0;
    for (int i = 0; i < outputGradient.cols(); i++) {
      sum += outputGradient.get(b, i) * vectors.get(b, first + i);
    }
    return sum;
  }

  /// That of sequence b with respect to a state of all.
  double ofState(int b, int state) {
    int unit = state - first;
    return unit < 0 || unit >= outputGradient.cols() ? 0 : outputGradient.get(b, unit);
  }

  /// That of sequence b with respect to unit i of the output.
  double get(int b, int i) {
    return outputGradient.get(b, i);
  }
}
