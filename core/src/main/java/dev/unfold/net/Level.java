package dev.unfold.net;

import dev.unfold.bptt.Layer;
import dev.unfold.bptt.Sequence;
import dev.unfold.bptt.UnrolledLayer;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.Team;
import java.util.ArrayList;
import java.util.List;

/// One layer of an unrolled network with what joins it to those above and below: its directions, and a connection
/// around it.
///
///     y(t) = [h(t), h_reverse(t)] + x(t)
///
/// A layer of one direction and no connection costs nothing here: its output is this one's.
final class Level {
  /// The first matrix becomes the second.
  private static final Pointwise COPY = copy();

  /// The second matrix is added to the first.
  static final Pointwise ADD = add();

  /// One for each direction.
  final List<UnrolledLayer> directions = new ArrayList<>();

  final Sequence output;
  final Sequence outputGradient;

  private final Arrangement arrangement;
  private final Kernels kernels;
  private final PointwiseKernel copy;
  private final PointwiseKernel add;
  private final boolean joined;
  private final boolean residual;
  private final Sequence input;
  private final Sequence inputGradient;
  private Sequence reversedInput;
  private Sequence reversedInputGradient;

  /// @param layers one for each direction
  /// @param residual whether the input is added to the output
  Level(
      List<Layer> layers,
      Kernels kernels,
      Team team,
      Arrangement arrangement,
      Sequences below,
      boolean residual) {
    this.kernels = kernels;
    this.arrangement = arrangement;
    this.residual = residual;
    input = below.values();
    inputGradient = below.gradients();
    copy = kernels.prepare(COPY);
    add = kernels.prepare(ADD);
    int rows = arrangement.live.capacity() * arrangement.live.batch();
    UnrolledLayer forward =
        new UnrolledLayer(layers.getFirst(), team, input, inputGradient, arrangement.live);
    directions.add(forward);
    joined = residual || layers.size() > 1;
    if (layers.size() > 1) {
      reversedInput = Sequence.allocate(kernels.precision(), rows, input.width());
      reversedInputGradient = Sequence.allocate(kernels.precision(), rows, input.width());
      directions.add(
          new UnrolledLayer(
              layers.getLast(), team, reversedInput, reversedInputGradient, arrangement.live));
    }
    int width = layers.size() * forward.output().width();
    output = joined ? Sequence.allocate(kernels.precision(), rows, width) : forward.output();
    outputGradient =
        joined ? Sequence.allocate(kernels.precision(), rows, width) : forward.outputGradient();
  }

  /// Numbers for each step, and the derivatives with respect to them.
  record Sequences(Sequence values, Sequence gradients) {}

  private static Pointwise copy() {
    Pointwise.Builder b = Pointwise.builder();
    Slot target = b.operand();
    Slot source = b.operand();
    return b.emit(Op.COPY, target, source, source).build();
  }

  private static Pointwise add() {
    Pointwise.Builder b = Pointwise.builder();
    Slot target = b.operand();
    Slot source = b.operand();
    return b.emit(Op.ADD, target, target, source).build();
  }

  void forward() {
    UnrolledLayer first = directions.getFirst();
    if (isBidirectional()) {
      kernels.gather(all(input), arrangement.reversed(), 0, all(reversedInput));
      directions.getLast().forward();
      kernels.gather(
          all(directions.getLast().output()), arrangement.reversed(), 0, part(output, 1));
    }
    first.forward();
    if (joined) {
      copy(all(first.output()), part(output, 0));
    }
    if (residual) {
      add(all(input), all(output));
    }
  }

  /// Follows the error back through the steps from `from` to `until` - 1, which in both directions have to be all.
  void backward(List<List<Matrix>> gradients, int from, int until) {
    UnrolledLayer first = directions.getFirst();
    if (joined) {
      copy(part(outputGradient, 0), all(first.outputGradient()));
    }
    first.backward(gradients.getFirst(), from, until);
    if (isBidirectional()) {
      UnrolledLayer reverse = directions.getLast();
      kernels.gather(
          part(outputGradient, 1), arrangement.reversed(), 0, all(reverse.outputGradient()));
      reverse.backward(gradients.getLast());
      kernels.scatterAdd(all(reversedInputGradient), arrangement.reversed(), 0, all(inputGradient));
    }
    if (residual) {
      add(all(outputGradient), all(inputGradient));
    }
  }

  private boolean isBidirectional() {
    return directions.size() > 1;
  }

  private Matrix all(Sequence sequence) {
    return sequence.rows(arrangement.rows());
  }

  /// The columns of a direction.
  private Matrix part(Sequence sequence, int direction) {
    int width = sequence.width() / directions.size();
    return all(sequence).columns(direction * width, width);
  }

  private void copy(Matrix from, Matrix to) {
    copy.run(new Matrix[] {to, from});
  }

  private void add(Matrix from, Matrix to) {
    add.run(new Matrix[] {to, from});
  }
}
