package dev.unfold.unroll.head;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.HeadGradients;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.Sequences;
import java.util.Arrays;

/// The readout with its softmax over a sample of the classes, as [Targets.Sampled] says: only their rows of W are read,
/// and only they get a gradient.
///
///     net_c(t) = w_c h(t) + b_c - ln pi_c   for c in the sample        net_z(t) = w_z h(t) + b_z   for the right class z
///
/// **Memory**: for N classes N more numbers a row, and four times `N H`, allocated at first use.
final class SampledSoftmax implements PartialSoftmax {
  private final Network network;
  private final NetworkHead head;
  private final Kernels kernels;
  private final Team team;
  private final Sequences below;
  private final PackedRows packedRows;
  private final double[] losses;

  /// For each class its place in the sample.
  private final int[] places;

  /// For each row the place of its right class.
  private final int[] columns;

  private final Team.Task lossTask = this::runLoss;
  private final Team.Task backTask = this::runBack;
  private final Team.Task gradientTask = this::runGradients;

  private Matrix weight;
  private Matrix weightGradient;
  private Matrix bias;
  private Matrix biasGradient;
  private Matrix logits;
  private PackedMatrix forward;
  private PackedMatrix back;
  private Targets.Sampled prepared;
  private long preparedVersion;
  private Losses taken;
  private int from;
  private int until;

  SampledSoftmax(
      Network network,
      NetworkHead head,
      Team team,
      Sequences below,
      PackedRows packedRows,
      double[] losses) {
    this.network = network;
    this.head = head;
    this.team = team;
    this.below = below;
    this.packedRows = packedRows;
    this.losses = losses;
    kernels = network.kernels();
    places = new int[head.outputs()];
    columns = new int[losses.length];
  }

  /// Sets the losses of all rows, and keeps their derivatives.
  void loss(Targets.Sampled targets, Losses taken) {
    prepare(targets);
    this.taken = taken;
    for (int row = 0; row < packedRows.rows(); row++) {
      columns[row] = taken.scales()[row] == 0 ? 0 : place(targets, taken.classes()[row]);
    }
    team.run(lossTask);
  }

  private int place(Targets.Sampled targets, int right) {
    if (right >= places.length || places[right] < 0) {
      throw new Refusal(
          "targets",
          "each right class in the sample of %d".formatted(targets.candidates().length),
          right);
    }
    return places[right];
  }

  private void prepare(Targets.Sampled targets) {
    long version = network.parameters().version();
    if (targets.equals(prepared) && version == preparedVersion) {
      return;
    }
    int[] candidates = targets.candidates();
    if (weight == null || weight.rows() != candidates.length) {
      allocate(candidates.length);
    }
    Arrays.fill(places, -1);
    Parameters parameters = network.parameters();
    kernels.gather(parameters.matrix(head.name(Head.WEIGHT)), candidates, 0, weight);
    kernels.packTransposed(weight, forward);
    kernels.pack(weight, back);
    boolean hasBias = head.hasBias();
    Matrix biases = hasBias ? parameters.matrix(head.name(Head.BIAS)).toHost() : null;
    Matrix corrected = bias.toHost();
    for (int place = 0; place < candidates.length; place++) {
      int c = candidates[place];
      double own = hasBias ? biases.get(0, c) : 0;
      corrected.set(0, place, own - targets.corrections()[place]);
      // What fills the sample up is a class that it has already.
      places[c] = places[c] < 0 ? place : places[c];
    }
    bias.copy(corrected);
    prepared = targets;
    preparedVersion = version;
  }

  private void allocate(int count) {
    int width = network.spec().outputSize();
    weight = kernels.allocate(count, width);
    weightGradient = kernels.allocate(count, width);
    bias = kernels.allocate(1, count);
    biasGradient = kernels.allocate(1, count);
    logits = kernels.allocate(losses.length, count);
    forward = kernels.allocatePacked(width, count);
    back = kernels.allocatePacked(count, width);
  }

  private void runLoss(int index, int count) {
    int first = Team.from(packedRows.rows(), index, team.size());
    int rows = Team.from(packedRows.rows(), index + 1, team.size()) - first;
    if (rows == 0) {
      return;
    }
    Matrix own = logits.rows(first, rows);
    Matrix outputs = below.values().rows(packedRows.rows()).rows(first, rows);
    Matrix repeated = Matrix.repeated(bias.buffer(), bias.offset(), rows, bias.cols());
    kernels.multiply(outputs, new Factor(forward, repeated, own));
    double[] corrections = prepared.corrections();
    Matrix numbers = own.toHost();
    for (int row = 0; row < rows; row++) {
      int column = columns[first + row];
      numbers.set(row, column, numbers.get(row, column) + corrections[column]);
    }
    own.copy(numbers);
    kernels.softmaxCrossEntropy(own, columns, first, taken.scales(), own, losses);
  }

  @Override
  public void back(int from, int until) {
    this.from = from;
    this.until = until;
    team.run(backTask);
  }

  private void runBack(int index, int count) {
    int first = from + Team.from(until - from, index, team.size());
    int rows = from + Team.from(until - from, index + 1, team.size()) - first;
    if (rows > 0) {
      Matrix gradients = below.gradients().rows(packedRows.rows()).rows(first, rows);
      kernels.multiply(logits.rows(first, rows), Factor.of(back, gradients));
    }
  }

  @Override
  public void addGradients(HeadGradients gradients, int firstStep, int endStep) {
    int start;
    for (int end = endStep; end > firstStep; end = start) {
      start = packedRows.live.blockStart(end - 1);
      from = packedRows.firstRow(start);
      until = packedRows.firstRow(end);
      weightGradient.clear();
      biasGradient.clear();
      team.run(gradientTask);
      int[] candidates = prepared.candidates();
      kernels.scatterAdd(weightGradient, candidates, 0, gradients.readout());
      if (gradients.readoutBias() != null) {
        addBias(gradients.readoutBias(), candidates);
      }
    }
  }

  private void addBias(Matrix gradient, int... candidates) {
    Matrix to = gradient.toHost();
    Matrix own = biasGradient.toHost();
    for (int place = 0; place < candidates.length; place++) {
      int c = candidates[place];
      to.set(0, c, to.get(0, c) + own.get(0, place));
    }
    gradient.copy(to);
  }

  private void runGradients(int index, int count) {
    int first = Team.from(weight.rows(), index, team.size());
    int classes = Team.from(weight.rows(), index + 1, team.size()) - first;
    if (classes == 0) {
      return;
    }
    Matrix deltas = logits.rows(from, until - from).columns(first, classes);
    Matrix outputs = below.values().rows(packedRows.rows()).rows(from, until - from);
    kernels.multiplyTransposedAdd(deltas, outputs, weightGradient.rows(first, classes));
    kernels.sumRowsAdd(deltas, biasGradient.columns(first, classes));
  }
}
