package dev.unfold.unroll.head;

import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Sequence;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkGradients;
import dev.unfold.model.NetworkWeights;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.RowWindow;
import dev.unfold.unroll.rows.Sequences;
import java.util.Arrays;

/// All heads of an unrolled network. What they send back to the last layer is added up in their order.
///
/// A batch may come in parts, each with heads of its own: then those of one of them pool all parts' steps.
///
/// **Memory**: that of each head; for each but the first the derivatives with respect to what is read out.
///
/// **Threads**: one caller at a time.
public final class HeadTapes {
  private static final Aim OUTPUTS = new Aim.Outputs();

  private final Head head;
  private final PackedRows packedRows;
  private final Sequences read;
  private final HeadTape[] all;
  private final boolean arePooled;
  private final PointwiseKernel adding;

  /// Which of the caller's rows are there.
  private final boolean[] present;

  /// Of each head, while a loss is computed.
  private final double[] sums;

  /// @param read what is read out or pooled, with the derivatives with respect to it
  public HeadTapes(
      Network network, NetworkWeights weights, Team team, PackedRows packedRows, Sequences read) {
    this.packedRows = packedRows;
    this.read = read;
    head = network.spec().head();
    adding = network.kernels().prepare(Pointwise.of(Op.ADD));
    int capacity = packedRows.live.capacity() * packedRows.live.batch();
    present = new boolean[capacity];
    int width = read.values().width();
    all = new HeadTape[network.spec().heads().size()];
    sums = noSums();
    for (int i = 0; i < all.length; i++) {
      Sequences own =
          i == 0
              ? read
              : new Sequences(read.values(), Sequence.allocate(network.kernels(), capacity, width));
      all[i] = new HeadTape(network, i, weights, team, packedRows, own);
    }
    arePooled = Arrays.stream(all).anyMatch(own -> own.pool != null);
  }

  /// Whether a head has one output for each sequence.
  public boolean arePooled() {
    return arePooled;
  }

  /// How many there are.
  public int count() {
    return all.length;
  }

  /// net_y of head `i`: of all rows, or of all sequences that it pools; after a loss delta_out.
  public Matrix outputs(int i) {
    return all[i].readout.logits();
  }

  /// The rows of its outputs.
  public PackedRows rows(int i) {
    return all[i].rows();
  }

  /// Begins to pool the sequences of a batch.
  public void startPools(PackedRows whole) {
    for (HeadTape own : all) {
      if (own.pool != null) {
        own.pool.start(whole);
      }
    }
  }

  /// Pools the steps of `part`, which follow those that were taken.
  ///
  /// @param from which step of the whole batch is its first
  public void pool(HeadTapes part, int from) {
    for (HeadTape own : all) {
      if (own.pool != null) {
        own.pool.take(part.packedRows, from, part.read.values());
      }
    }
  }

  private void poolOwn() {
    startPools(packedRows);
    pool(this, 0);
  }

  /// Sets the outputs of all steps and sequences.
  public void readOut() {
    poolOwn();
    for (HeadTape own : all) {
      own.readout.forward();
    }
  }

  /// The same, unless some of them are enough for the loss with `of`.
  public void readOut(Targets of, Aim aim) {
    head.check(of);
    poolOwn();
    for (int i = 0; i < all.length; i++) {
      all[i].readout.forward(part(of, i), aim(i, aim));
    }
  }

  /// Outputs of sequences are few, and followed back at another time than those of steps.
  private Aim aim(int i, Aim aim) {
    return all[i].pool == null ? aim : OUTPUTS;
  }

  private static Targets part(Targets of, int i) {
    return of instanceof SeveralTargets several ? several.parts().get(i) : of;
  }

  /// What the sum of each head's losses begins with.
  public double[] noSums() {
    return new double[all.length];
  }

  /// The loss for what the readouts have.
  ///
  /// @param losses to which E_t are added, in the caller's rows
  public double loss(Targets of, Reduction reduction, double[] losses) {
    head.check(of);
    Arrays.fill(present, false);
    for (int row = 0; row < packedRows.rows(); row++) {
      present[packedRows.given(row)] = true;
    }
    int batch = packedRows.live.batch();
    return loss(
        of,
        reduction.weights(of.amounts(head, present.length, batch, row -> present[row])),
        OUTPUTS,
        losses);
  }

  /// The same; a loss of sequence b counts `weights[b]`.
  public double loss(Targets of, double[] weights, Aim aim, double[] losses) {
    head.check(of);
    Arrays.fill(sums, 0);
    add(of, weights, OUTPUTS, true, sums, losses);
    add(of, weights, aim, false, sums, losses);
    return sum(sums);
  }

  /// That of all heads.
  public static double sum(double... ofHeads) {
    double sum = 0;
    for (double own : ofHeads) {
      sum += own;
    }
    return sum;
  }

  private void add(
      Targets of, double[] weights, Aim aim, boolean ofPooled, double[] sums, double[] losses) {
    for (int i = 0; i < all.length; i++) {
      if ((all[i].pool != null) == ofPooled) {
        sums[i] = all[i].loss(part(of, i), weights, aim, sums[i], losses);
      }
    }
  }

  /// Reads out what is pooled of a batch, adds its losses to `sums`, and follows them back to what is pooled.
  public void pooledLoss(
      Targets of, double[] weights, double[] sums, double[] losses, NetworkGradients to) {
    for (int i = 0; i < all.length; i++) {
      if (all[i].pool != null) {
        all[i].readout.forward(part(of, i), OUTPUTS);
      }
    }
    add(of, weights, OUTPUTS, true, sums, losses);
    backToPools(to);
  }

  /// Reads out all steps of a part of a batch, and adds their losses to `sums`.
  public void stepLoss(Targets of, double[] weights, Aim aim, double[] sums, double[] losses) {
    for (int i = 0; i < all.length; i++) {
      if (all[i].pool == null) {
        all[i].readout.forward(part(of, i), aim);
      }
    }
    add(of, weights, aim, false, sums, losses);
  }

  /// From the losses of sequences to what was pooled, and adds the readouts' gradients.
  public void backToPools(NetworkGradients to) {
    for (HeadTape own : all) {
      if (own.pool != null) {
        own.backToPool(to);
      }
    }
  }

  /// Sets the derivatives with respect to the steps from `from` to `until` - 1 of this part.
  ///
  /// @param pooled the heads that have pooled the steps
  /// @param partFrom which step of the whole batch is the first of the part
  public void back(HeadTapes pooled, int partFrom, int from, int until, NetworkGradients to) {
    for (int i = 0; i < all.length; i++) {
      all[i].back(pooled.all[i], partFrom, from, until, to);
    }
    int first = packedRows.firstRow(from);
    int count = packedRows.firstRow(until) - first;
    if (count > 0) {
      for (int i = 1; i < all.length; i++) {
        adding.run(new Matrix[] {rows(read, first, count), rows(all[i].read, first, count)});
      }
    }
  }

  private Matrix rows(Sequences of, int first, int count) {
    int capacity = packedRows.live.capacity() * packedRows.live.batch();
    RowWindow window = new RowWindow(of.gradients().rows(capacity));
    window.show(first, count);
    return window.matrix;
  }

  /// Adds what the steps from `from` to `until` - 1 give to the gradients of readouts of steps.
  public void addGradients(NetworkGradients to, int from, int until) {
    for (HeadTape own : all) {
      own.addGradients(to, from, until);
    }
  }
}
