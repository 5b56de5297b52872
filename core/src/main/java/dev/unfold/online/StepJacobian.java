package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.ErrorBundle;
import dev.unfold.layer.Passage;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.unroll.tape.NetworkLayer;
import java.util.List;

/// The derivatives of all states of some layers after one step: with respect to those before it, and with respect to
/// the layers' parameters at fixed states before it,
///
///     D(t) = ds(t) / ds(t-1)       I(t) = ds(t) / dtheta
///
/// by the unit errors of all states, which go back through the step side by side.
///
/// **Shapes**: S states, those of the lowest layer first; D `[S, S]` of each of B sequences.
///
/// **Memory**: a step's error signals S B times.
///
/// **Threads**: one caller.
final class StepJacobian {
  private final StepErrors errors;
  private final ImmediateInfluence[] immediate;
  private final int batch;
  private final int states;

  StepJacobian(Kernels kernels, List<NetworkLayer> layers, Columns columns, int batch) {
    this.batch = batch;
    states = count(layers);
    errors = new StepErrors(kernels, layers, states, Passage.WHOLE);
    immediate = new ImmediateInfluence[layers.size()];
    for (int l = 0; l < immediate.length; l++) {
      immediate[l] =
          new ImmediateInfluence(errors.layer(l), errors.bundle(l), columns.offsets().get(l));
    }
  }

  /// S of these layers.
  static int count(List<NetworkLayer> layers) {
    int count = 0;
    for (NetworkLayer layer : layers) {
      UnrolledLayer own = layer.directions.getFirst();
      for (int s = 0; s < own.states(); s++) {
        count += own.initialState(s).cols();
      }
    }
    return count;
  }

  /// S
  int states() {
    return states;
  }

  /// Takes the derivatives at the step that the layers have last run.
  void follow() {
    errors.clear();
    int unit = 0;
    for (int l = 0; l < errors.layers(); l++) {
      for (int s = 0; s < errors.bundle(l).states(); s++) {
        Matrix after = errors.after(l, s);
        for (int i = 0; i < after.cols(); i++) {
          for (int b = 0; b < batch; b++) {
            after.set(unit * batch + b, i, 1);
          }
          unit++;
        }
      }
    }
    errors.back();
  }

  /// Writes D(t)^T of sequence b to the first S columns of `to`.
  void copyTransposed(int b, Matrix to) {
    int row = 0;
    for (int l = 0; l < errors.layers(); l++) {
      for (int s = 0; s < errors.bundle(l).states(); s++) {
        Matrix own = errors.before(l, s);
        for (int i = 0; i < own.cols(); i++) {
          for (int state = 0; state < states; state++) {
            to.set(row + i, state, own.get(state * batch + b, i));
          }
        }
        row += own.cols();
      }
    }
  }

  /// D(t) with respect to state `s` of layer `l` before the step, after [#follow]: row i*B + b is state i of
  /// sequence b.
  Matrix transition(int l, int s) {
    return errors.before(l, s);
  }

  /// The derivative of the step's error with respect to state `s` of layer `l` before the step, a row for each
  /// sequence.
  Matrix error(int l, int s) {
    return errors.layer(l).initialStateGradient(s);
  }

  /// The unit errors of layer `l`.
  ErrorBundle bundle(int l) {
    return errors.bundle(l);
  }

  /// Adds row `state` of I(t) of sequence b to row `row` of `to`, times `factor`.
  void addImmediate(int state, int b, Matrix to, int row, double factor) {
    for (ImmediateInfluence own : immediate) {
      own.add(state * batch + b, b, to, row, factor);
    }
  }

  /// The error signals of group 0 of layer 0 for the unit error of a state: a row of ds(t)/dnet.
  double signal(int state, int b, int unit) {
    return errors.bundle(0).errorSignals(0).get(state * batch + b, unit);
  }
}
