package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.Passage;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.unroll.tape.NetworkLayer;
import java.util.List;

/// The derivatives of the states of a layer after one step where its N heads are apart from each other: with respect to
/// those before it, and with respect to the parameters at fixed states before it, a block for each head,
///
///     D_n(t) = ds_n(t) / ds_n(t-1)       I_n(t) = ds_n(t) / dtheta_n
///
/// A unit error goes back from the j-th state of all heads at once: what it gives to a head comes from that head's.
///
/// **Shapes**: k = S / N states of a head; D_n `[k, k]` of each of B sequences.
///
/// **Memory**: a step's error signals k B times, and N B k (k + 1) numbers.
///
/// **Threads**: one caller.
final class HeadJacobian {
  private final UnrolledLayer layer;
  private final StepErrors errors;
  private final ImmediateInfluence immediate;
  private final int batch;
  private final int heads;

  /// Units of a head.
  private final int width;

  private final int states;

  /// For each sequence and head D_n^T, and the error with respect to the states before the step as one more column.
  private final Matrix[][] factors;

  /// @param layer the layer, alone
  /// @param offsets the first column of each of its parameters
  HeadJacobian(Kernels kernels, List<NetworkLayer> layer, long[] offsets, int batch) {
    this.layer = layer.getFirst().directions.getFirst();
    this.batch = batch;
    heads = this.layer.coupling().separateHeads();
    width = this.layer.initialState(0).cols() / heads;
    states = this.layer.states() * width;
    errors = new StepErrors(kernels, layer, states, Passage.WHOLE);
    immediate = new ImmediateInfluence(this.layer, errors.bundle(0), offsets);
    factors = new Matrix[batch][heads];
    for (Matrix[] ofSequence : factors) {
      for (int head = 0; head < heads; head++) {
        ofSequence[head] = kernels.allocate(states, states + 1);
      }
    }
  }

  /// Takes the derivatives at the step that the layer has last run, and the error of that step.
  void follow() {
    errors.clear();
    for (int state = 0; state < states; state++) {
      Matrix after = errors.after(0, state / width);
      for (int unit = state % width; unit < after.cols(); unit += width) {
        for (int b = 0; b < batch; b++) {
          after.set(state * batch + b, unit, 1);
        }
      }
    }
    errors.back();
    for (int b = 0; b < batch; b++) {
      for (int head = 0; head < heads; head++) {
        take(b, head, factors[b][head]);
      }
    }
  }

  private void take(int b, int head, Matrix to) {
    for (int from = 0; from < states; from++) {
      Matrix before = errors.before(0, from / width);
      int unit = head * width + from % width;
      for (int state = 0; state < states; state++) {
        to.set(from, state, before.get(state * batch + b, unit));
      }
      to.set(from, states, layer.initialStateGradient(from / width).get(b, unit));
    }
  }

  /// D_n^T of sequence b, and its error as one more column; always the same matrix.
  Matrix factor(int b, int head) {
    return factors[b][head];
  }

  /// Adds row `state` of all I_n of sequence b to row `row` of `to`, each in its own columns.
  void addImmediate(int state, int b, Matrix to, int row) {
    immediate.add(state * batch + b, b, to, row, 1);
  }
}
