package dev.unfold.unroll.head;

import dev.unfold.head.Targets;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkGradients;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.NetworkWeights;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.Sequences;

/// One head of an unrolled network: what is pooled for it, its readout and its losses, and the way back to the steps.
final class HeadTape {
  final Readout readout;

  /// What makes one vector of each sequence for the readout; null if each step is read out.
  final Pool pool;

  /// What is read out or pooled, and where the derivatives with respect to it go.
  final Sequences read;

  private final NetworkHead head;
  private final int index;
  private final PackedRows packedRows;
  private final Losses losses;

  /// @param index which of the network's heads it is
  /// @param packedRows those of the steps
  HeadTape(
      Network network,
      int index,
      NetworkWeights weights,
      Team team,
      PackedRows packedRows,
      Sequences read) {
    this.index = index;
    this.packedRows = packedRows;
    this.read = read;
    head = network.spec().heads().get(index);
    boolean isPooled = head.head().pooled().isPresent();
    pool =
        isPooled ? new Pool(network, head, packedRows.live.batch(), read.values().width()) : null;
    readout =
        new Readout(
            network,
            head,
            weights.readouts.get(index),
            team,
            isPooled ? pool.sequences() : read,
            rows());
    losses = new Losses(rows(), network.kernels(), head);
  }

  /// Those of the outputs.
  PackedRows rows() {
    return pool == null ? packedRows : pool.rows();
  }

  /// The loss for what the readout has, whose outputs are replaced by its derivatives.
  ///
  /// @param weights what a loss of each sequence counts
  /// @param aim of pooled steps that of outputs
  /// @param start what the sum begins with
  /// @param given to which E_t are added, in the caller's rows
  /// @return the sum
  double loss(Targets of, double[] weights, Aim aim, double start, double[] given) {
    if (pool != null) {
      pool.check(head.head(), of);
    }
    losses.take(of, weights);
    double[] own = readout.loss(of, losses, aim, aim.head(index));
    return losses.sum(own, start, given);
  }

  /// From the losses of sequences to what was pooled, and adds the readout's gradients.
  void backToPool(NetworkGradients to) {
    readout.back(0, pool.rows().rows());
    readout.addGradients(to.head(index), 0, pool.rows().live.steps());
    pool.startBack();
  }

  /// Sets the derivatives with respect to the steps from `from` to `until` - 1 of a part.
  ///
  /// @param pooled the head that has pooled the steps
  /// @param partFrom which step of the whole batch is the first of the part
  void back(HeadTape pooled, int partFrom, int from, int until, NetworkGradients to) {
    if (pool == null) {
      readout.back(packedRows.firstRow(from), packedRows.firstRow(until));
    } else {
      pooled.pool.back(packedRows, partFrom, read, from, until, to.head(index));
    }
  }

  /// Adds what these steps give to the readout's gradients, if each step is read out.
  void addGradients(NetworkGradients to, int from, int until) {
    if (pool == null) {
      readout.addGradients(to.head(index), from, until);
    }
  }
}
