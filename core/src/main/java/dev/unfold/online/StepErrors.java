package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.ErrorBundle;
import dev.unfold.layer.Passage;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.unroll.tape.NetworkLayer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Errors that go back side by side through one step of some layers, from the states after it and from the output, to
/// the states before it and to the error signals on the way.
///
/// **Shapes**: E errors of B sequences; row e*B + b is error e of sequence b.
///
/// **Memory**: one step's, E times.
///
/// **Threads**: one caller.
final class StepErrors {
  private static final double[] NO_SCALARS = {};

  private final List<NetworkLayer> layers;

  // Arrays, because to iterate over a list allocates.
  private final ErrorBundle[] bundles;

  /// For each layer but the lowest: what its input gets, and the output's derivative of the layer below.
  private final Matrix[][] hands;

  /// For each layer with a connection around it: what its output gets, and the same of the layer below.
  private final Matrix[][] around;

  private final PointwiseKernel copy;
  private final PointwiseKernel add;

  /// For each layer the derivative with respect to its output, and for each state after and before the step.
  private final Matrix[] outputs;

  private final Matrix[][] after;
  private final Matrix[][] before;

  /// @param layers the lowest first, unrolled over one step
  StepErrors(Kernels kernels, List<NetworkLayer> layers, int errors, Passage passage) {
    this.layers = layers;
    copy = kernels.prepare(Pointwise.of(Op.COPY));
    add = kernels.prepare(Pointwise.of(Op.ADD));
    List<ErrorBundle> all = new ArrayList<>();
    for (NetworkLayer layer : layers) {
      all.add(new ErrorBundle(layer.directions.getFirst(), errors, !all.isEmpty(), passage));
    }
    bundles = all.toArray(ErrorBundle[]::new);
    outputs = new Matrix[bundles.length];
    after = new Matrix[bundles.length][];
    before = new Matrix[bundles.length][];
    for (int l = 0; l < bundles.length; l++) {
      ErrorBundle bundle = bundles[l];
      outputs[l] = bundle.outputGradient();
      after[l] = new Matrix[bundle.states()];
      before[l] = new Matrix[bundle.states()];
      Arrays.setAll(after[l], state -> bundle.arriving(state, 0));
      Arrays.setAll(before[l], state -> bundle.arriving(state, -1));
    }
    hands = new Matrix[bundles.length][];
    around = new Matrix[bundles.length][];
    for (int l = 1; l < bundles.length; l++) {
      Matrix below = outputs[l - 1];
      hands[l] = new Matrix[] {below, bundles[l].inputGradient()};
      if (layers.get(l).isResidual()) {
        around[l] = new Matrix[] {below, outputs[l]};
      }
    }
  }

  /// How many layers.
  int layers() {
    return bundles.length;
  }

  UnrolledLayer layer(int l) {
    return layers.get(l).directions.getFirst();
  }

  ErrorBundle bundle(int l) {
    return bundles[l];
  }

  /// Lets nothing arrive from outside.
  void clear() {
    for (int l = 0; l < bundles.length; l++) {
      outputs[l].clear();
      for (Matrix state : after[l]) {
        state.clear();
      }
    }
  }

  /// The derivative with respect to the output of layer `l`, to be set before [#back].
  Matrix output(int l) {
    return outputs[l];
  }

  /// The derivative with respect to state `state` of layer `l` after the step, to be set before [#back].
  Matrix after(int l, int state) {
    return after[l][state];
  }

  /// The same before the step, after [#back].
  Matrix before(int l, int state) {
    return before[l][state];
  }

  /// Follows the errors through the step, from the uppermost layer down.
  void back() {
    for (int l = bundles.length - 1; l >= 0; l--) {
      bundles[l].back(0, 0);
      if (l > 0) {
        copy.run(hands[l], NO_SCALARS);
        if (around[l] != null) {
          add.run(around[l], NO_SCALARS);
        }
      }
    }
  }
}
