package dev.unfold.unroll.head;

import dev.unfold.head.Head;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.HeadGradients;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.unroll.rows.PackedRows;
import java.util.Arrays;

/// The losses that a sequence has one of, at its first step: of labels ([Ctc]), and of tags ([Crf]). They are computed
/// in the host's memory.
final class SequenceLosses {
  private final Network network;
  private final NetworkHead head;
  private final PackedRows packedRows;
  private final double[] losses;
  private final Team.Task task = this::run;

  /// One for each thread.
  private final Ctc[] ctc;

  /// Null until there are tags.
  private Crf crf;

  private Targets targets;
  private Losses taken;

  /// net_y of all rows, then delta_out.
  private Matrix outputs;

  /// @param losses where they go
  /// @param threads that share the sequences
  SequenceLosses(
      Network network, NetworkHead head, PackedRows packedRows, double[] losses, int threads) {
    this.network = network;
    this.head = head;
    this.packedRows = packedRows;
    this.losses = losses;
    ctc = new Ctc[threads];
    Arrays.setAll(ctc, thread -> new Ctc());
  }

  /// Computes all of them, and replaces `logits` by delta_out.
  void run(Targets of, Losses with, Matrix logits, Team team) {
    targets = of;
    taken = with;
    outputs = logits.toHost();
    if (of instanceof Targets.Tags) {
      crf = crf == null ? new Crf(network, head, packedRows.live.batch()) : crf;
      crf.start();
    }
    team.run(task);
    logits.copy(outputs);
  }

  private void run(int thread, int threads) {
    int batch = packedRows.live.batch();
    int until = Team.from(batch, thread + 1, threads);
    for (int b = Team.from(batch, thread, threads); b < until; b++) {
      int[] own = Arrays.copyOf(taken.rowsOf(b), taken.length(b));
      for (int row : own) {
        losses[row] = 0;
      }
      double scale = own.length == 0 ? 0 : taken.scales()[own[0]];
      if (scale != 0) {
        losses[own[0]] = loss(thread, b, own, scale);
      } else {
        for (int row : own) {
          outputs.rows(row, 1).clear();
        }
      }
    }
  }

  private double loss(int thread, int b, int[] own, double scale) {
    if (targets instanceof Targets.Labels all) {
      int blank = ((Head.Labels) head.head()).blank();
      return ctc[thread].run(outputs, own, own.length, all.labels()[b], blank, scale);
    }
    return crf.run(outputs, b, own, taken.classes(), scale);
  }

  /// Adds what all steps together give to the gradients of what tags have beside the readout.
  void addGradients(HeadGradients to) {
    if (crf != null) {
      crf.addGradients(to);
    }
  }
}
