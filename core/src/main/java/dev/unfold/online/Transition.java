package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import java.util.ArrayList;
import java.util.List;

/// What J(t-1) is multiplied with at a step, for one sequence: D(t), and one row more, the error with respect to the
/// states before the step, which gives the gradient's share of the steps before.
///
///     [J(t); dE_t/dtheta] = [D(t); dE_t/ds(t-1)] J(t-1) + ...
///
/// Of states that act on their own units alone the columns of D(t) are diagonals, which are not copied but read where
/// they are.
///
/// **Shapes**: [#factor] `[S + 1, K]`, K the numbers that act on other units.
final class Transition {
  private final StepJacobian jacobian;
  private final int sequence;
  private final int batch;
  private final Matrix factor;
  private final List<StateRows> states;

  /// What [#take] copies, and where to.
  private final Matrix[] sources;

  private final Matrix[] targets;

  Transition(Kernels kernels, StepJacobian jacobian, List<StateRows> states, int b, int batch) {
    this.jacobian = jacobian;
    this.states = states;
    this.batch = batch;
    sequence = b;
    int shared = states.stream().filter(StateRows::isShared).mapToInt(StateRows::units).sum();
    factor = kernels.allocate(jacobian.states() + 1, shared);
    List<Matrix> from = new ArrayList<>();
    List<Matrix> to = new ArrayList<>();
    for (StateRows source : states) {
      if (!source.isShared()) {
        continue;
      }
      Matrix columns = factor.columns(source.row(), source.units());
      for (StateRows target : states) {
        from.add(window(source, target, source.units(), 0));
        to.add(columns.rows(target.row(), target.units()));
      }
      from.add(jacobian.error(source.layer(), source.state()).rows(b, 1));
      to.add(columns.rows(jacobian.states(), 1));
    }
    sources = from.toArray(Matrix[]::new);
    targets = to.toArray(Matrix[]::new);
  }

  /// A window onto the derivatives of a state after the step with respect to one before it.
  ///
  /// @param cols how many numbers of a row
  /// @param shift how much further right each row starts than the one above
  private Matrix window(StateRows source, StateRows target, int cols, int shift) {
    Matrix all = jacobian.transition(source.layer(), source.state());
    long first = (long) target.number() * batch + sequence;
    int stride = Math.multiplyExact(batch, all.stride()) + shift;
    return Matrix.of(
        all.buffer(), all.offset() + first * all.stride(), target.units(), cols, stride);
  }

  /// Takes D(t) and the error of the step.
  void take() {
    for (int i = 0; i < sources.length; i++) {
      targets[i].copy(sources[i]);
    }
  }

  /// What has been taken.
  Matrix factor() {
    return factor;
  }

  /// What a state that acts on its own units alone hands on to another, a number for each unit: as one column.
  Matrix diagonal(StateRows source, StateRows target) {
    return window(source, target, 1, 1);
  }

  /// The error with respect to a state before the step, as one column.
  Matrix error(StateRows source) {
    Matrix row = jacobian.error(source.layer(), source.state()).rows(sequence, 1);
    return Matrix.of(row.buffer(), row.offset(), source.units(), 1, 1);
  }

  /// All states.
  List<StateRows> states() {
    return states;
  }
}
