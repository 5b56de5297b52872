package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;

/// What one state before a step gives to J after it, for one sequence: the columns of D(t) that belong to that state,
/// times its rows of J(t-1), and the error with respect to it times the same, which is the gradient's share.
///
///     [J(t); dE_t/dtheta] += [D(t); dE_t/ds(t-1)] of the state, times J(t-1) of the state
///
/// Of a state that acts on its own units alone the columns are diagonals, and their product is one for each unit.
final class Transition {
  private static final double[] NO_SCALARS = {};

  private final Kernels kernels;
  private final StepJacobian jacobian;
  private final int sequence;
  private final int layer;
  private final int state;
  private final Matrix error;
  private final boolean isShared;
  private final int states;
  private final int units;

  /// D^T of the state and the error as one more column; of diagonals the error alone.
  private final Matrix factor;

  /// The diagonals, a number for each state after the step; null if there are none.
  private final Matrix diagonals;

  /// @param isShared whether the state acts on other units
  Transition(
      Kernels kernels,
      StepJacobian jacobian,
      UnrolledLayer own,
      int sequence,
      int layer,
      int state,
      boolean isShared) {
    this.kernels = kernels;
    this.jacobian = jacobian;
    error = own.initialStateGradient(state);
    this.sequence = sequence;
    this.layer = layer;
    this.state = state;
    this.isShared = isShared;
    states = jacobian.states();
    units = error.cols();
    factor = kernels.allocate(units, isShared ? states + 1 : 1);
    diagonals = isShared ? null : kernels.allocate(states, 1);
  }

  /// How many numbers the state has.
  int units() {
    return units;
  }

  /// Takes D(t) and the error of the step.
  void take() {
    if (isShared) {
      jacobian.copyTransposed(sequence, layer, state, factor);
    } else {
      jacobian.copyDiagonals(sequence, state, diagonals);
    }
    for (int i = 0; i < units; i++) {
      factor.set(i, factor.cols() - 1, error.get(sequence, i));
    }
  }

  /// Some columns of J before and after a step.
  final class Share {
    private final Matrix before;
    private final Matrix after;
    private final PointwiseKernel kernel;
    private final Matrix[][] diagonal;

    /// @param before the rows of the state
    /// @param after those of all states, and one of the gradient
    Share(Matrix before, Matrix after) {
      this.before = before;
      this.after = isShared ? after : after.rows(states, 1);
      kernel = isShared ? null : kernels.prepare(program());
      diagonal = new Matrix[isShared ? 0 : states / units][];
      for (int k = 0; k < diagonal.length; k++) {
        diagonal[k] =
            new Matrix[] {after.rows(k * units, units), before, diagonals.rows(k * units, units)};
      }
    }

    void add() {
      if (before.cols() == 0) {
        return;
      }
      kernels.multiplyTransposedAdd(factor, before, after);
      for (Matrix[] operands : diagonal) {
        kernel.run(operands, NO_SCALARS);
      }
    }

    private static Pointwise program() {
      Pointwise.Builder builder = Pointwise.builder();
      Slot sum = builder.operand();
      Slot rows = builder.operand();
      Slot factors = builder.compute(Op.SPREAD, builder.column());
      builder.emit(Op.ADD, sum, sum, builder.compute(Op.MULTIPLY, factors, rows));
      return builder.build();
    }
  }
}
