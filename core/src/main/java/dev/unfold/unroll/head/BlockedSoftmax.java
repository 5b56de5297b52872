package dev.unfold.unroll.head;

import dev.unfold.head.Head;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.HeadGradients;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.ReadoutWeights;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.RowWindow;
import dev.unfold.unroll.rows.Sequences;

/// The readout with its softmax over all classes, a block of rows at a time: for each block the net inputs, losses and
/// delta_out, and right after them, while they are in the cache, what they send back:
///
///     net_y = W h + b      delta_out = softmax(net_y) - z      dE/dh = W^T delta_out      dE/dW += delta_out^T h
///
/// So net inputs of all rows are never kept, and the derivatives are there before anybody asks for them. The bits are
/// those of all rows at once: a row is computed for itself, and the sums over rows go on from block to block in the
/// same order.
///
/// **Memory**: 128 rows of K numbers, twice that with smoothed targets; once errors are followed back, a row of H for
/// each row.
///
/// **Threads**: rows of a block are split, then its classes for the sums over rows.
final class BlockedSoftmax implements PartialSoftmax {
  /// Rows of a block. Their sums of derivatives are what those of all rows are made of, too.
  static final int ROWS = 128;

  /// With fewer numbers than that, 8 MiB, all rows at once are no burden.
  private static final long LEAST = 1L << 21;

  private final NetworkHead head;
  private final ReadoutWeights weights;
  private final Kernels kernels;
  private final Team team;
  private final Sequences below;
  private final PackedRows packedRows;
  private final double[] losses;

  /// Where blocks begin, in the order in which they are computed, and how many rows they have.
  private final int[] starts;

  private final int[] sizes;
  private final Matrix logits;

  private final RowWindow belowGradients;

  /// dE/dh(t) of all rows; null until errors are followed back.
  private Matrix back;

  private RowWindow backWindow;
  private final Part[] parts;
  private final Team.Phases lossTask = this::runLoss;
  private final Team.Phases gradientTask = this::runGradients;

  /// What is right, of a block; null until targets are smoothed.
  private Matrix values;

  private Targets targets;
  private Losses taken;
  private HeadGradients gradients;

  /// One thread's windows.
  private final class Part {
    final RowWindow output = new RowWindow(below.values().rows(0));
    final RowWindow own = new RowWindow(logits);
    final Matrix bias = weights.bias();
    final Factor[] forward = {new Factor(weights.forward, bias, own.matrix)};
    final RowWindow operand = new RowWindow(below.values().rows(0));
    final int firstClass;
    final int classes;
    final RowWindow classLogits;

    /// The first of its rows in the block that it is at.
    int from;

    /// Null until errors are followed back, as the next.
    RowWindow outputGradient;

    Factor[] backward;

    Part(int index) {
      firstClass = Team.from(logits.cols(), index, team.size());
      classes = Team.from(logits.cols(), index + 1, team.size()) - firstClass;
      classLogits = new RowWindow(logits.columns(firstClass, classes));
    }
  }

  /// @param losses of all rows, which it sets
  BlockedSoftmax(
      Kernels kernels,
      NetworkHead head,
      ReadoutWeights weights,
      Team team,
      Sequences below,
      PackedRows packedRows,
      double[] losses) {
    this.kernels = kernels;
    this.head = head;
    this.weights = weights;
    this.team = team;
    this.below = below;
    this.packedRows = packedRows;
    this.losses = losses;
    int most = losses.length / ROWS + packedRows.live.capacity() + 1;
    starts = new int[most];
    sizes = new int[most];
    logits = kernels.allocate(ROWS, head.outputs());
    belowGradients = new RowWindow(below.gradients().rows(0));
    parts = new Part[team.size()];
    for (int part = 0; part < parts.length; part++) {
      parts[part] = new Part(part);
    }
  }

  /// Whether it is worth it for so many rows.
  static boolean isWorth(Head head, long rows) {
    return head instanceof Head.Classes && rows > ROWS && rows * head.outputs() >= LEAST;
  }

  /// How many numbers it keeps.
  static long numbers(long rows, int outputs, int width) {
    return (long) ROWS * outputs + rows * width;
  }

  /// Whether it takes such targets.
  static boolean takes(Targets targets) {
    return targets instanceof Targets.Classes
        || targets instanceof Targets.SmoothedClasses
        || targets instanceof Targets.Distributions;
  }

  /// Sets the losses of all rows, and unless `gradients` is null adds to these and keeps what is sent back.
  void loss(Targets targets, Losses taken, HeadGradients gradients) {
    this.taken = taken;
    this.gradients = gradients;
    this.targets = targets;
    if (targets instanceof Targets.SmoothedClasses && values == null) {
      values = kernels.allocate(ROWS, head.outputs());
    }
    weights.refresh();
    int blocks = arrange();
    if (gradients == null) {
      team.run(lossTask, blocks);
    } else {
      prepareBack();
      team.run(gradientTask, 2 * blocks);
    }
  }

  private void prepareBack() {
    if (back != null) {
      return;
    }
    back = kernels.allocate(losses.length, below.values().width());
    backWindow = new RowWindow(back);
    for (Part part : parts) {
      part.outputGradient = new RowWindow(back);
      part.backward = new Factor[] {Factor.of(weights.back(), part.outputGradient.matrix)};
    }
  }

  /// Cuts the rows into blocks: those of the last steps first, as sums over time are done, and in each of these parts
  /// the first rows first.
  private int arrange() {
    int count = 0;
    int start;
    for (int end = packedRows.live.steps(); end > 0; end = start) {
      start = packedRows.live.blockStart(end - 1);
      int until = packedRows.firstRow(end);
      for (int row = packedRows.firstRow(start); row < until; row += ROWS) {
        starts[count] = row;
        sizes[count] = Math.min(ROWS, until - row);
        count++;
      }
    }
    return count;
  }

  private void runLoss(int block, int index, int count) {
    runRows(block, index);
  }

  private void runGradients(int phase, int index, int count) {
    int block = phase / 2;
    if (phase % 2 == 1) {
      addGradients(block, index);
    } else if (runRows(block, index)) {
      Part part = parts[index];
      part.outputGradient.show(part.from, part.own.matrix.rows());
      kernels.multiply(part.own.matrix, part.backward);
    }
  }

  /// Losses and delta_out of a part's share of a block's rows; whether there are any.
  private boolean runRows(int block, int index) {
    Part part = parts[index];
    int first = Team.from(sizes[block], index, parts.length);
    int rows = Team.from(sizes[block], index + 1, parts.length) - first;
    if (rows == 0) {
      return false;
    }
    int from = starts[block] + first;
    part.output.show(from, rows);
    part.from = from;
    part.own.show(first, rows);
    if (part.bias != null) {
      part.bias.moveTo(part.bias.offset(), rows);
    }
    kernels.multiply(part.output.matrix, part.forward);
    Matrix own = part.own.matrix;
    double[] scales = taken.scales();
    if (targets instanceof Targets.SmoothedClasses) {
      Matrix right = values.rows(first, rows);
      taken.smooth(from, right);
      kernels.softmaxCrossEntropy(own, right, from, scales, own, losses);
    } else if (targets instanceof Targets.Distributions) {
      Matrix right = taken.values().rows(from, rows);
      kernels.softmaxCrossEntropy(own, right, from, scales, own, losses);
    } else {
      kernels.softmaxCrossEntropy(own, taken.classes(), from, scales, own, losses);
    }
    return true;
  }

  private void addGradients(int block, int index) {
    Part part = parts[index];
    if (part.classes == 0) {
      return;
    }
    part.classLogits.show(0, sizes[block]);
    part.operand.show(starts[block], sizes[block]);
    Matrix deltas = part.classLogits.matrix;
    Matrix readout = gradients.readout().rows(part.firstClass, part.classes);
    kernels.multiplyTransposedAdd(deltas, part.operand.matrix, readout);
    if (gradients.readoutBias() != null) {
      kernels.sumRowsAdd(deltas, gradients.readoutBias().columns(part.firstClass, part.classes));
    }
  }

  @Override
  public void back(int from, int until) {
    if (until > from) {
      backWindow.show(from, until - from);
      belowGradients.show(from, until - from);
      belowGradients.matrix.copy(backWindow.matrix);
    }
  }

  /// They were added with the loss.
  @Override
  public void addGradients(HeadGradients gradients, int firstStep, int endStep) {
    // Nothing is left to add.
  }
}
