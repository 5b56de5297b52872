package dev.unfold.unroll.tape;

import dev.unfold.head.Head;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkWeights;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.unroll.head.Readout;
import dev.unfold.unroll.rows.PackedRows;
import java.util.ArrayList;
import java.util.List;

/// Follows the error of each step of an unrolled network back alone, after its loss: one pass back for each.
record PairwiseErrors(
    Network network,
    NetworkWeights weights,
    PackedRows packedRows,
    List<NetworkLayer> layers,
    Readout readout,
    Backward backward) {

  /// **Errors**: [IllegalStateException] if not all steps are there, layers run in both directions, the softmax has
  /// more than one step, or outputs are pooled or tagged as a whole.
  ErrorSignals signals() {
    if (!packedRows.isPlain()
        || network.spec().directions() > 1
        || network.spec().factored().isPresent()
        || network.spec().head().pooled().isPresent()
        || network.spec().head() instanceof Head.Tags) {
      throw new IllegalStateException(
          "errorSignals: expected sequences of T steps, layers of one direction, a softmax of one"
              + " step, and a loss of each step");
    }
    int batch = packedRows.live.batch();
    Matrix signals = readout.logits();
    Matrix all = signals.hostCopy();
    long step = (long) batch * signals.cols();
    List<List<List<Matrix>>> deltas = new ArrayList<>();
    List<Parameters> gradients = new ArrayList<>();
    for (int t = 0; t < packedRows.live.steps(); t++) {
      signals.buffer().clear();
      signals.buffer().copy(all.buffer(), t * step, t * step, step);
      Parameters own = network.parameters().zeros();
      backward.whole(own);
      gradients.add(own);
      deltas.add(layers.stream().map(layer -> copies(layer.directions.getFirst())).toList());
    }
    signals.buffer().copy(all.buffer(), 0, 0, all.buffer().length());
    return new ErrorSignals(deltas, groups(), gradients);
  }

  private List<String> groups() {
    return weights.layers.getFirst().getFirst().groups();
  }

  private List<Matrix> copies(UnrolledLayer layer) {
    List<Matrix> copies = new ArrayList<>();
    for (int g = 0; g < layer.groups(); g++) {
      copies.add(layer.errorSignals(g).rows(packedRows.rows()).hostCopy());
    }
    return copies;
  }
}
