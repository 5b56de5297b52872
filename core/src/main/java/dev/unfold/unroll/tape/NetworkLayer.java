package dev.unfold.unroll.tape;

import dev.unfold.cell.Expr;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Layer;
import dev.unfold.layer.Sequence;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.unroll.mask.Dropout;
import dev.unfold.unroll.mask.Masks;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.Sequences;
import java.util.ArrayList;
import java.util.List;

/// One layer of an unrolled network with what joins it to those above and below: its directions, and a connection
/// around it.
///
///     y(t) = [h(t), h_reverse(t)] + x(t)
///
/// A layer of one direction and no connection costs nothing here: its output is this one's.
public final class NetworkLayer {
  private static final double[] NO_SCALARS = {};

  /// One for each direction.
  public final List<UnrolledLayer> directions = new ArrayList<>();

  public final Sequence output;
  public final Sequence outputGradient;

  private final PackedRows packedRows;
  private final Kernels kernels;
  private final PointwiseKernel copy;
  private final PointwiseKernel add;
  private final boolean joined;

  /// The first direction's part of the output, and that direction's own.
  private final Matrix[] joining;

  /// The output and the input, if that is added to it; else null.
  private final Matrix[] around;

  /// Null if there is none.
  private final Dropout dropout;

  private final boolean residual;
  private final Sequence below;
  private final Sequence belowGradient;

  /// What the layers read: what comes from below, or what dropout leaves of it.
  private final Sequence input;

  private final Sequence inputGradient;
  private Sequence reversedInput;
  private Sequence reversedInputGradient;

  /// @param layers one for each direction
  /// @param below what the layers read
  /// @param dropout a mask on that, or null
  /// @param residual whether the input is added to the output
  public NetworkLayer(
      List<Layer> layers,
      Kernels kernels,
      Team team,
      PackedRows packedRows,
      Sequences below,
      Dropout dropout,
      boolean residual) {
    this.kernels = kernels;
    this.packedRows = packedRows;
    this.residual = residual;
    this.dropout = dropout;
    this.below = below.values();
    belowGradient = below.gradients();
    input = dropout == null ? this.below : dropout.sequences().values();
    inputGradient = dropout == null ? belowGradient : dropout.sequences().gradients();
    copy = kernels.prepare(Pointwise.of(Op.COPY));
    add = kernels.prepare(Pointwise.of(Op.ADD));
    int rows = packedRows.live.capacity() * packedRows.live.batch();
    UnrolledLayer forward =
        new UnrolledLayer(layers.getFirst(), team, input, inputGradient, packedRows.live);
    directions.add(forward);
    joined = residual || layers.size() > 1;
    if (layers.size() > 1) {
      reversedInput = Sequence.allocate(kernels, rows, input.width());
      reversedInputGradient = Sequence.allocate(kernels, rows, input.width());
      directions.add(
          new UnrolledLayer(
              layers.getLast(), team, reversedInput, reversedInputGradient, packedRows.live));
    }
    int width = layers.size() * forward.output().width();
    output = joined ? Sequence.allocate(kernels, rows, width) : forward.output();
    joining =
        new Matrix[] {
          output.rows(rows).columns(0, forward.output().width()), forward.output().rows(rows)
        };
    around = residual ? new Matrix[] {output.rows(rows), this.below.rows(rows)} : null;
    outputGradient = joined ? Sequence.allocate(kernels, rows, width) : forward.outputGradient();
  }

  /// @param draw which random masks count
  /// @param layer the layer's number, which they follow from too
  void forward(long draw, int layer) {
    UnrolledLayer first = directions.getFirst();
    if (dropout != null) {
      dropout.forward(draw);
    }
    fillMasks(draw, layer);
    if (isBidirectional()) {
      kernels.gather(all(input), packedRows.reversed(), 0, all(reversedInput));
      directions.getLast().forward();
      kernels.gather(all(directions.getLast().output()), packedRows.reversed(), 0, part(output, 1));
    }
    first.forward();
    if (joined) {
      run(copy, joining);
    }
    if (residual) {
      run(add, around);
    }
  }

  /// Runs on the rows that are there of windows that are kept, since a step of inference allocates nothing.
  private void run(PointwiseKernel kernel, Matrix[] windows) {
    for (Matrix window : windows) {
      window.moveTo(window.offset(), packedRows.rows());
    }
    kernel.run(windows, NO_SCALARS);
  }

  private void fillMasks(long draw, int layer) {
    for (int d = 0; d < directions.size(); d++) {
      List<Expr.Noise> masks = directions.get(d).masks();
      for (int i = 0; i < masks.size(); i++) {
        long purpose = Masks.purpose(2 * layer + d, 1 + i);
        Masks.fill(directions.get(d).noise(i), packedRows, masks.get(i).mask(), draw, purpose);
      }
    }
  }

  /// Follows the error back through the steps from `from` to `until` - 1, which in both directions have to be all.
  ///
  /// @param gradients of each direction; null if they are not wanted, of layers of one direction
  void backward(List<List<Matrix>> gradients, int from, int until) {
    if (joined) {
      copy(part(outputGradient, 0), all(directions.getFirst().outputGradient()));
    }
    directions.getFirst().backward(gradients == null ? null : gradients.getFirst(), from, until);
    if (isBidirectional()) {
      Matrix reversed = all(directions.getLast().outputGradient());
      kernels.gather(part(outputGradient, 1), packedRows.reversed(), 0, reversed);
      directions.getLast().backward(gradients.getLast());
      kernels.scatterAdd(all(reversedInputGradient), packedRows.reversed(), 0, all(inputGradient));
    }
    if (dropout != null) {
      dropout.backward(from, until);
    }
    if (residual) {
      add(all(outputGradient), all(belowGradient));
    }
  }

  /// Whether the input is added to the output.
  public boolean isResidual() {
    return residual;
  }

  private boolean isBidirectional() {
    return directions.size() > 1;
  }

  private Matrix all(Sequence sequence) {
    return sequence.rows(packedRows.rows());
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
