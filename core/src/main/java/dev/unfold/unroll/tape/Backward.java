package dev.unfold.unroll.tape;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.GradientListener;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkGradients;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.ErrorNorms;
import dev.unfold.sequence.Truncation;
import dev.unfold.unroll.head.Aim;
import dev.unfold.unroll.head.HeadTapes;
import dev.unfold.unroll.mask.Dropout;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.RowWindow;
import dev.unfold.unroll.rows.Sequences;
import java.util.List;

/// Follows the error of an unrolled network back, from the heads' delta_out to the input: as a whole, in truncated
/// windows, or as a part of a longer sequence.
public final class Backward {
  private final Network network;
  private final Kernels kernels;
  private final PackedRows packedRows;
  private final NetworkInput input;
  private final List<NetworkLayer> layers;
  private final List<UnrolledLayer> directions;
  private final NetworkStates states;
  private final HeadTapes heads;

  private final RowWindow clearing;

  /// Null if there is none.
  private final Dropout outputDropout;

  /// Null if sequences start from zeros.
  private final Starts starts;

  private NetworkGradients gradients;

  /// What the last loss with a way back right after it was computed for.
  private Aim.Gradients lossAim;

  /// For each layer whether its parameters collect nothing.
  private final boolean[] excluded;

  /// What is written down of the error signals; null for nothing.
  private ErrorNorms norms;

  /// Which step of the whole batch the first one here is.
  private int partFrom;

  /// The derivative with respect to the initial state summed over windows; null if there were none.
  private State initialGradient;

  public Backward(
      Network network,
      PackedRows packedRows,
      NetworkInput input,
      List<NetworkLayer> layers,
      NetworkStates states,
      HeadTapes heads,
      Sequences read,
      Dropout outputDropout,
      Starts starts) {
    this.network = network;
    kernels = network.kernels();
    this.packedRows = packedRows;
    this.input = input;
    this.layers = layers;
    directions = layers.stream().flatMap(layer -> layer.directions.stream()).toList();
    this.states = states;
    this.heads = heads;
    clearing =
        new RowWindow(read.gradients().rows(packedRows.live.capacity() * packedRows.live.batch()));
    this.outputDropout = outputDropout;
    this.starts = starts;
    excluded = new boolean[layers.size()];
  }

  /// Lets the parameters of a layer of one direction collect nothing from now on.
  public void exclude(int layer) {
    excluded[layer] = true;
  }

  /// Lets the sizes of the error signals be written down in `norms`, those of the first step here as step `from`.
  public void watch(ErrorNorms norms, int from) {
    this.norms = norms;
    partFrom = from;
  }

  /// The norms for this network alone.
  public ErrorNorms watch() {
    watch(new ErrorNorms(directions.size(), packedRows.live.capacity()), 0);
    return norms;
  }

  /// Lets the first step here be step `from` of the whole batch.
  void moveTo(int from) {
    partFrom = from;
  }

  /// Through all steps.
  public void whole(Parameters to, GradientListener listener) {
    clearNorms();
    heads.backToPools(aim(to));
    part(gradients, heads, listener);
    addStarts(to);
    gradients.finish();
  }

  private void addStarts(Parameters to) {
    if (starts != null && states.areNew()) {
      starts.addGradients(initialStateGradient(), to);
      starts.addInputGradient(input.gradient());
    }
  }

  /// Through all steps of a part of a longer sequence, from what arrives at its last states as well.
  ///
  /// @param pooled the heads that have pooled the steps
  void part(NetworkGradients to, HeadTapes pooled, GradientListener listener) {
    gradients = to;
    initialGradient = null;
    input.endWindows();
    int steps = packedRows.live.steps();
    heads.back(pooled, partFrom, 0, steps, gradients);
    heads.addGradients(gradients, 0, steps);
    listener.finalFrom(gradients.finalFrom(layers.size()));
    layers(0, steps, listener);
    input.addGradients(gradients, 0, steps);
  }

  /// Through all steps from what arrives at the last states alone: nothing comes from the readout.
  public void fromStates(Parameters to) {
    aim(to);
    initialGradient = null;
    input.endWindows();
    int steps = packedRows.live.steps();
    clear(0, packedRows.rows());
    layers(0, steps, GradientListener.NOBODY);
    input.addGradients(gradients, 0, steps);
    gradients.finish();
  }

  /// Through the steps that `truncation` says.
  public void windows(Parameters to, Truncation truncation, GradientListener listener) {
    clearNorms();
    aim(to);
    initialGradient = states.zeros();
    input.startWindows();
    int steps = packedRows.live.steps();
    heads.addGradients(gradients, 0, steps);
    heads.backToPools(gradients);
    int errorsFrom;
    for (int until = steps; until > 0; until = errorsFrom) {
      errorsFrom = (until - 1) / truncation.window() * truncation.window();
      int from = Math.max(0, until - truncation.reach());
      clear(packedRows.firstRow(from), packedRows.firstRow(errorsFrom));
      heads.back(heads, 0, errorsFrom, until, gradients);
      GradientListener own = errorsFrom == 0 ? listener : GradientListener.NOBODY;
      own.finalFrom(gradients.finalFrom(layers.size()));
      layers(from, until, own);
      input.addGradients(gradients, from, until);
      input.addWindow(from, until);
      if (from == 0) {
        states.addInitialGradient(initialGradient);
      }
    }
    addStarts(to);
    gradients.finish();
  }

  /// Lets nothing come from the readout of the rows from `from` to `until` - 1.
  private void clear(int from, int until) {
    clearing.show(from, until - from);
    clearing.matrix.clear();
  }

  /// The derivative with respect to the initial state.
  public State initialStateGradient() {
    return initialGradient == null ? states.initialGradient() : initialGradient.copy();
  }

  /// Makes the windows onto the gradients, which are mostly those of the call before.
  public NetworkGradients aim(Parameters to) {
    if (gradients == null || !gradients.isOf(to)) {
      gradients = new NetworkGradients(network, to);
    }
    gradients.begin();
    return gradients;
  }

  /// What a loss is computed for whose way back comes right after it, into `to`.
  public Aim aimOfLoss(Parameters to) {
    NetworkGradients own = aim(to);
    if (lossAim == null || !lossAim.to().isOf(to)) {
      lossAim = new Aim.Gradients(own);
    }
    return lossAim;
  }

  private void layers(int from, int until, GradientListener listener) {
    if (outputDropout != null) {
      outputDropout.backward(from, until);
    }
    for (int l = layers.size() - 1; l >= 0; l--) {
      if (!excluded[l]) {
        layers.get(l).backward(gradients.ofLayer(l), from, until);
      } else if (l > 0 || isInputUsed()) {
        layers.get(l).backward(null, from, until);
      }
      listener.finalFrom(gradients.finalFrom(l));
    }
    if (norms != null) {
      addNorms(from, until);
    }
  }

  /// Whether something learns from the error of the input or of the initial state.
  private boolean isInputUsed() {
    return starts != null || !network.spec().encoder().categories().isEmpty();
  }

  private void clearNorms() {
    if (norms != null) {
      norms.clear();
    }
  }

  private void addNorms(int from, int until) {
    for (int l = 0; l < directions.size(); l++) {
      Matrix signals = directions.get(l).errorSignals(0).rows(packedRows.rows());
      for (int t = from; t < until; t++) {
        int first = packedRows.firstRow(t);
        Matrix step = signals.rows(first, packedRows.firstRow(t + 1) - first);
        norms.add(l, partFrom + t, kernels.sumOfSquares(step));
      }
    }
  }
}
