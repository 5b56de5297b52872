package dev.unfold.tangent;

import dev.unfold.argument.Expect;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import java.util.Optional;

/// The derivative of all states of a network after T steps with respect to those before them,
///
///     ds(T-1) / ds(-1) = D(T-1) D(T-2) ... D(0)        D(t) = ds(t) / ds(t-1)
///
/// column by column, each the tangent of all T steps along one number of the initial state. Its singular values say by
/// how much T steps stretch and shrink what is remembered; [dev.unfold.flow.RecurrentJacobian] has those of one step.
public final class StateJacobian {
  private StateJacobian() {}

  /// That of each of B sequences, `[B][S][S]`: row i is the derivative of state i after the steps. States stand in the
  /// order of [State]: layer by layer, each in the cell's order.
  ///
  /// It takes S passes over the T steps, each of about three times as many operations as one without tangents.
  ///
  /// @param inputs of T*B rows
  /// @param steps T
  /// @param start the state before them, of B sequences
  ///
  /// **Errors**: [IllegalArgumentException] as [Curvature#of], but for what belongs to the head.
  public static double[][][] of(Network network, Inputs inputs, int steps, State start) {
    Expect.positive("steps", "T", steps);
    int batch = Expect.given("start", start).batch();
    Studied.expectLayers(network, inputs, steps, batch, start);
    LayersWalk walk =
        new LayersWalk(
            network, inputs, Optional.of(network.parameters().zeros()), steps, batch, start);
    int states = 0;
    for (LayerWalk layer : walk.all()) {
      for (int s = 0; s < layer.states(); s++) {
        states += layer.initialState(s).value().cols();
      }
    }
    double[][][] jacobian = new double[batch][states][states];
    int column = 0;
    for (LayerWalk layer : walk.all()) {
      for (int s = 0; s < layer.states(); s++) {
        Matrix tangent = layer.initialState(s).tangent();
        Matrix unit = Matrix.allocate(tangent.buffer().type(), batch, tangent.cols());
        for (int i = 0; i < unit.cols(); i++) {
          set(unit, i, 1);
          tangent.copy(unit);
          walk.forward();
          read(walk, jacobian, column++);
          set(unit, i, 0);
        }
        tangent.copy(unit);
      }
    }
    return jacobian;
  }

  private static void set(Matrix matrix, int column, double value) {
    for (int b = 0; b < matrix.rows(); b++) {
      matrix.set(b, column, value);
    }
  }

  private static void read(LayersWalk walk, double[][][] jacobian, int column) {
    int row = 0;
    for (LayerWalk layer : walk.all()) {
      for (int s = 0; s < layer.states(); s++) {
        Matrix tangent = layer.finalState(s).tangent().toHost();
        for (int i = 0; i < tangent.cols(); i++) {
          for (int b = 0; b < jacobian.length; b++) {
            jacobian[b][row + i][column] = tangent.get(b, i);
          }
        }
        row += tangent.cols();
      }
    }
  }
}
