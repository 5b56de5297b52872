package dev.unfold.unroll.head;

import dev.unfold.head.Head;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.head.WeightedTargets;
import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.HeadGradients;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.ReadoutWeights;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.RowWindow;
import dev.unfold.unroll.rows.Sequences;

/// The linear readout with its loss over all rows; for softmax cross-entropy
///
///     net_y(t) = W h(t) + b        E_t = -sum_k z_k(t) ln o_k(t)        o = softmax(net_y)
///     delta_out(t) = dE_t/dnet_y(t) = o(t) - z(t)
///     dE_t/dh(t) = W^T delta_out(t)        dE/dW = sum_t delta_out(t) h(t)^T
public final class Readout {
  private final Network network;
  private final NetworkHead head;
  private final ReadoutWeights weights;
  private final Sequences below;
  private final PackedRows packedRows;
  private final Kernels kernels;
  private final Team team;
  private final double[] losses;

  /// The outputs of all rows, and the threads' windows; null until all of them are wanted.
  private Matrix logits;

  private Part[] parts;
  private final Team.Task forwardTask = this::runForward;
  private final Team.Task lossTask = this::runLoss;
  private final Team.Task backTask = this::runBack;
  private final Team.Task gradientTask = this::runGradients;

  private final PartialSoftmaxes partials;

  /// What has computed the last losses; null for the softmax over all classes, or a loss of values.
  private PartialSoftmax partial;

  /// Null until there are targets for them.
  private ValueLosses valueLosses;

  private SequenceLosses sequenceLosses;

  private Targets targets;
  private Losses taken;
  private int firstRow;
  private int rows;
  private int firstStep;
  private int endStep;
  private HeadGradients gradients;

  /// One thread's windows: onto its rows, and onto its classes.
  private final class Part {
    final RowWindow output;
    final RowWindow outputGradient;
    final RowWindow own;
    final Matrix bias;
    final Factor[] forward;

    /// Null until errors are followed back.
    Factor[] back;

    final int firstClass;
    final RowWindow classLogits;
    final RowWindow allOutput;
    Matrix weightGradient;

    /// Null if the readout has no bias; alone in its array, which the kernels take.
    Matrix[] biasGradient;

    Part(int index) {
      output = new RowWindow(below.values().rows(0));
      outputGradient = new RowWindow(below.gradients().rows(0));
      own = new RowWindow(logits);
      bias = weights.bias();
      forward = new Factor[] {new Factor(weights.forward, bias, own.matrix)};
      firstClass = Team.from(logits.cols(), index, team.size());
      int classes = Team.from(logits.cols(), index + 1, team.size()) - firstClass;
      classLogits = new RowWindow(logits.columns(firstClass, classes));
      allOutput = new RowWindow(below.values().rows(0));
    }

    /// Moves to the part's share of the rows; whether there are any.
    boolean moveTo(int index) {
      int from = firstRow + Team.from(rows, index, team.size());
      int count = firstRow + Team.from(rows, index + 1, team.size()) - from;
      output.show(from, count);
      outputGradient.show(from, count);
      own.show(from, count);
      if (bias != null) {
        bias.moveTo(bias.offset(), count);
      }
      return count > 0;
    }
  }

  /// @param head which of the network's it is
  /// @param weights those of the head
  Readout(
      Network network,
      NetworkHead head,
      ReadoutWeights weights,
      Team team,
      Sequences below,
      PackedRows rows) {
    this.network = network;
    this.head = head;
    this.weights = weights;
    this.below = below;
    this.kernels = network.kernels();
    this.team = team;
    packedRows = rows;
    losses = new double[rows.live.capacity() * rows.live.batch()];
    partials = new PartialSoftmaxes(network, head, weights, team, below, rows, losses);
  }

  /// Makes room for the outputs of all rows.
  private void allocate() {
    if (logits != null) {
      return;
    }
    logits = kernels.allocate(losses.length, head.outputs());
    parts = new Part[team.size()];
    for (int part = 0; part < parts.length; part++) {
      parts[part] = new Part(part);
    }
  }

  /// How many numbers a head's outputs take in a training step of so many rows, with what is kept in their stead.
  ///
  /// @param width of what is read out
  public static long numbers(Head head, long rows, int width) {
    return BlockedSoftmax.isWorth(head, rows)
        ? BlockedSoftmax.numbers(rows, head.outputs(), width)
        : rows * head.outputs();
  }

  /// net_y of all rows; after a loss delta_out.
  public Matrix logits() {
    allocate();
    int present = packedRows.rows();
    return present == logits.rows() ? logits : logits.rows(0, present);
  }

  /// Sets the logits, unless some of them at a time are enough for the loss with `targets`.
  public void forward(Targets targets, Aim aim) {
    if (!partials.take(targets, aim)) {
      forward();
    }
  }

  /// Sets the logits.
  public void forward() {
    allocate();
    weights.refresh();
    firstRow = 0;
    rows = packedRows.rows();
    team.run(forwardTask);
    if (partials.isFactored()) {
      partials.factored().toLogarithms(logits());
    }
  }

  private void runForward(int index, int count) {
    Part part = parts[index];
    if (part.moveTo(index)) {
      kernels.multiply(part.output.matrix, part.forward);
    }
  }

  /// Sets the losses, which it returns, and replaces the logits by delta_out, that of row r times `taken.scales()[r]`.
  /// A row whose scale is 0 has no loss.
  ///
  /// @param weighted of which kind
  /// @param taken its targets of the rows
  /// @param aim that of [#forward]
  /// @param to where derivatives go if the aim is one of gradients
  public double[] loss(Targets weighted, Losses taken, Aim aim, HeadGradients to) {
    targets = weighted.plain();
    this.taken = taken;
    partial = partials.loss(targets, taken, aim, to);
    if (partial != null) {
      return losses;
    }
    if (targets instanceof Targets.SmoothedClasses) {
      taken.smooth();
    }
    if (targets instanceof Targets.Values) {
      if (valueLosses == null) {
        ValueLoss loss = head.head().valueLoss().orElseThrow();
        valueLosses = ValueLosses.of(loss, kernels, team.size(), logits.rows(), logits.cols());
      }
      valueLosses.start(taken.scales());
    }
    if (targets.isOfSteps()) {
      team.run(lossTask);
      return losses;
    }
    if (sequenceLosses == null) {
      sequenceLosses = new SequenceLosses(network, head, packedRows, losses, team.size());
    }
    sequenceLosses.run(targets, taken, logits, team);
    return losses;
  }

  private void runLoss(int index, int count) {
    Part part = parts[index];
    if (!part.moveTo(index)) {
      return;
    }
    int from = Team.from(rows, index, parts.length);
    Matrix own = part.own.matrix;
    double[] scales = taken.scales();
    switch (targets) {
      case Targets.Labels _,
          Targets.Tags _,
          Targets.Sampled _,
          WeightedTargets _,
          SeveralTargets _ ->
          throw new AssertionError(targets);
      case Targets.Classes c ->
          kernels.softmaxCrossEntropy(own, taken.classes(), from, scales, own, losses);
      case Targets.Distributions _, Targets.SmoothedClasses _ ->
          kernels.softmaxCrossEntropy(
              own, taken.values().rows(from, own.rows()), from, scales, own, losses);
      case Targets.Values v ->
          valueLosses.run(index, own, taken.values().rows(from, own.rows()), from, losses);
    }
  }

  /// Sets dE/dh(t) for the rows from `from` to `until` - 1.
  public void back(int from, int until) {
    if (partial != null) {
      partial.back(from, until);
      return;
    }
    firstRow = from;
    rows = until - from;
    team.run(backTask);
  }

  private void runBack(int index, int count) {
    Part part = parts[index];
    if (part.moveTo(index)) {
      if (part.back == null) {
        part.back = new Factor[] {Factor.of(weights.back(), part.outputGradient.matrix)};
      }
      kernels.multiply(part.own.matrix, part.back);
    }
  }

  /// Adds what the steps from `from` to `until` - 1 give to the gradients of W and b, block by block from the last to
  /// the first; `from` is where a block starts. Those of tags, which all steps give together, count as the first one's.
  public void addGradients(HeadGradients gradients, int from, int until) {
    if (partial != null) {
      partial.addGradients(gradients, from, until);
      return;
    }
    aim(gradients);
    firstStep = from;
    endStep = until;
    team.run(gradientTask);
    if (sequenceLosses != null && from == 0) {
      sequenceLosses.addGradients(gradients);
    }
  }

  /// Makes the windows onto the gradients, which are mostly those of the call before.
  private void aim(HeadGradients gradients) {
    if (this.gradients == gradients) {
      return;
    }
    for (Part part : parts) {
      int count = part.classLogits.matrix.cols();
      part.weightGradient = gradients.readout().rows(part.firstClass, count);
      Matrix bias = gradients.readoutBias();
      part.biasGradient = bias == null ? null : new Matrix[] {bias.columns(part.firstClass, count)};
    }
    this.gradients = gradients;
  }

  private void runGradients(int index, int count) {
    Part part = parts[index];
    if (part.classLogits.matrix.cols() == 0) {
      return;
    }
    int start;
    for (int end = endStep; end > firstStep; end = start) {
      start = packedRows.live.blockStart(end - 1);
      int from = packedRows.firstRow(start);
      int until = packedRows.firstRow(end);
      part.classLogits.show(from, until - from);
      part.allOutput.show(from, until - from);
      kernels.multiplyTransposedAdd(
          part.classLogits.matrix, part.allOutput.matrix, part.weightGradient);
      for (int row = from; row < until && part.biasGradient != null; row += BlockedSoftmax.ROWS) {
        part.classLogits.show(row, Math.min(BlockedSoftmax.ROWS, until - row));
        kernels.sumRowsAdd(part.classLogits.matrix, part.biasGradient);
      }
    }
  }
}
