package dev.unfold.unroll.tape;

import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.GradientListener;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.NetworkWeights;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.unroll.head.HeadTapes;
import dev.unfold.unroll.rows.PackedRows;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Follows the error of each step of an unrolled network back alone, after its loss: one pass back for each.
record PairwiseErrors(
    Network network,
    NetworkWeights weights,
    PackedRows packedRows,
    List<NetworkLayer> layers,
    HeadTapes heads,
    Backward backward) {

  /// **Errors**: [IllegalStateException] if not all steps are there, layers run in both directions, a softmax has more
  /// than one step, or outputs are pooled or tagged as a whole.
  ErrorSignals signals() {
    boolean isOfWholes =
        network.spec().heads().stream()
            .map(NetworkHead::head)
            .anyMatch(head ->
                !head.isOfSteps() || head instanceof Head.Tags || head instanceof FactoredClasses);
    if (!packedRows.isPlain() || network.spec().directions() > 1 || isOfWholes) {
      throw new IllegalStateException(
          "errorSignals: expected sequences of T steps, layers of one direction, a softmax of one"
              + " step, and a loss of each step");
    }
    List<Matrix> signals = IntStream.range(0, heads.count()).mapToObj(heads::outputs).toList();
    List<Matrix> all = signals.stream().map(Matrix::hostCopy).toList();
    List<List<List<Matrix>>> deltas = new ArrayList<>();
    List<Parameters> gradients = new ArrayList<>();
    for (int t = 0; t < packedRows.live.steps(); t++) {
      for (int i = 0; i < signals.size(); i++) {
        Matrix own = signals.get(i);
        long step = (long) packedRows.live.batch() * own.cols();
        own.buffer().clear();
        own.buffer().copy(all.get(i).buffer(), t * step, t * step, step);
      }
      Parameters own = network.parameters().zeros();
      backward.whole(own, GradientListener.NOBODY);
      gradients.add(own);
      deltas.add(layers.stream().map(layer -> copies(layer.directions.getFirst())).toList());
    }
    for (int i = 0; i < signals.size(); i++) {
      signals.get(i).buffer().copy(all.get(i).buffer(), 0, 0, all.get(i).buffer().length());
    }
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
