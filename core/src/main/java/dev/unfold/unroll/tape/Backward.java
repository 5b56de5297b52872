package dev.unfold.unroll.tape;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkGradients;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.ErrorNorms;
import dev.unfold.sequence.Truncation;
import dev.unfold.unroll.head.Readout;
import dev.unfold.unroll.mask.Dropout;
import dev.unfold.unroll.rows.PackedRows;
import java.util.List;

/// Follows the error of an unrolled network back, from the readout's delta_out to the input: as a whole, in truncated
/// windows, or as a part of a longer sequence.
public final class Backward {
  private final Network network;
  private final Kernels kernels;
  private final PackedRows packedRows;
  private final NetworkInput input;
  private final List<NetworkLayer> layers;
  private final List<UnrolledLayer> directions;
  private final NetworkStates states;
  private final Readout readout;

  /// Null if there is none.
  private final Dropout outputDropout;

  private NetworkGradients gradients;

  /// What is written down of the error signals, from step [#normsFrom] on; null for nothing.
  private ErrorNorms norms;

  private int normsFrom;

  /// The derivative with respect to the initial state summed over windows; null if there were none.
  private State initialGradient;

  public Backward(
      Network network,
      PackedRows packedRows,
      NetworkInput input,
      List<NetworkLayer> layers,
      NetworkStates states,
      Readout readout,
      Dropout outputDropout) {
    this.network = network;
    kernels = network.kernels();
    this.packedRows = packedRows;
    this.input = input;
    this.layers = layers;
    directions = layers.stream().flatMap(layer -> layer.directions.stream()).toList();
    this.states = states;
    this.readout = readout;
    this.outputDropout = outputDropout;
  }

  /// Lets the sizes of the error signals be written down in `norms`, those of the first step here as step `from`.
  public void watch(ErrorNorms norms, int from) {
    this.norms = norms;
    normsFrom = from;
  }

  /// The norms for this network alone.
  public ErrorNorms watch() {
    watch(new ErrorNorms(directions.size(), packedRows.live.capacity()), 0);
    return norms;
  }

  /// Lets the first step here be step `from` of the norms.
  void moveTo(int from) {
    normsFrom = from;
  }

  /// Through all steps.
  public void whole(Parameters to) {
    clearNorms();
    part(to);
  }

  /// Through all steps of a part of a longer sequence, from what arrives at its last states as well.
  void part(Parameters to) {
    aim(to);
    initialGradient = null;
    input.endWindows();
    int steps = packedRows.live.steps();
    readout.back(0, packedRows.rows());
    layers(0, steps);
    addOuterGradients(steps);
  }

  /// Through all steps from what arrives at the last states alone: nothing comes from the readout.
  public void fromStates(Parameters to) {
    aim(to);
    initialGradient = null;
    input.endWindows();
    int steps = packedRows.live.steps();
    readout.clearBack(0, packedRows.rows());
    layers(0, steps);
    input.addGradients(gradients, 0, steps);
  }

  /// The readout's and the embedding's. If they are one matrix, a block of both is added before the next block, as when
  /// only a part of the blocks is there.
  private void addOuterGradients(int steps) {
    if (!network.spec().has(Wiring.TIED)) {
      readout.addGradients(gradients, 0, steps);
      input.addGradients(gradients, 0, steps);
      return;
    }
    int start;
    for (int end = steps; end > 0; end = start) {
      start = packedRows.live.blockStart(end - 1);
      readout.addGradients(gradients, start, end);
      input.addGradients(gradients, start, end);
    }
  }

  /// Through the steps that `truncation` says.
  public void windows(Parameters to, Truncation truncation) {
    clearNorms();
    aim(to);
    initialGradient = states.zeros();
    input.startWindows();
    int steps = packedRows.live.steps();
    readout.addGradients(gradients, 0, steps);
    int errorsFrom;
    for (int until = steps; until > 0; until = errorsFrom) {
      errorsFrom = (until - 1) / truncation.window() * truncation.window();
      int from = Math.max(0, until - truncation.reach());
      readout.clearBack(packedRows.firstRow(from), packedRows.firstRow(errorsFrom));
      readout.back(packedRows.firstRow(errorsFrom), packedRows.firstRow(until));
      layers(from, until);
      input.addGradients(gradients, from, until);
      input.addWindow(from, until);
      if (from == 0) {
        states.addInitialGradient(initialGradient);
      }
    }
  }

  /// The derivative with respect to the initial state.
  public State initialStateGradient() {
    return initialGradient == null ? states.initialGradient() : initialGradient.copy();
  }

  private void aim(Parameters to) {
    if (gradients == null || !gradients.isOf(to)) {
      gradients = new NetworkGradients(network, to);
    }
  }

  private void layers(int from, int until) {
    if (outputDropout != null) {
      outputDropout.backward(from, until);
    }
    for (int l = layers.size() - 1; l >= 0; l--) {
      layers.get(l).backward(gradients.ofLayer(l), from, until);
    }
    if (norms != null) {
      addNorms(from, until);
    }
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
        norms.add(l, normsFrom + t, kernels.sumOfSquares(step));
      }
    }
  }
}
