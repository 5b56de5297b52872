package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.ErrorBundle;
import dev.unfold.layer.Passage;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.tape.Tape;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The influence of a cell with one pre-activation as the Kronecker product of a vector over what its rows are
/// multiplied with, u = (x(t), h(t-1), 1), and a matrix over its units, which with random signs is right in the mean:
///
///     p0 = sqrt((|D A| + eps) / (|a| + eps))       p1 = sqrt((|G| + eps) / (|u| + eps))
///     a <- c0 p0 a + c1 p1 u       A <- c0/p0 D A + c1/p1 G       dE_t/dtheta = outer(dE_t/dh(t) A, a)
///
/// G is dh(t)/dnet(t).
///
/// **Memory**: I + H + 1 and H^2 numbers of each sequence, and what [StepJacobian] takes.
///
/// **Source**: A. Mujika et al., Approximating real-time recurrent learning with random Kronecker factors, 2018.
final class KroneckerInfluence implements Influence {
  private final Kernels kernels;
  private final Signs signs;
  private final Columns columns;
  private final int batch;
  private final int units;
  private final UnrolledLayer layer;
  private final StepJacobian jacobian;
  private final OutputError output;
  private final Matrix transition;
  private final Matrix[] matrices;
  private final Matrix moved;

  /// Of each operand and at last of the 1, a row for each sequence.
  private final Matrix[] operands;

  private final Matrix[] vectors;

  /// Where the rows of each operand's matrix begin, and where the vectors are.
  private final long[] weightOffsets;

  private final long[] vectorOffsets;
  private long step;

  /// @param network one layer of a cell with one pre-activation
  KroneckerInfluence(Network network, Tape tape, Signs signs) {
    layer = tape.layers.getFirst().directions.getFirst();
    kernels = network.kernels();
    this.signs = signs;
    batch = tape.packedRows.live.batch();
    columns = Columns.of(network, 0, 0);
    jacobian = new StepJacobian(kernels, tape.layers, columns, batch);
    units = jacobian.states();
    output = new OutputError(layer, units, batch);
    transition = kernels.allocate(units, units);
    moved = kernels.allocate(units, units);
    matrices = new Matrix[batch];
    for (int b = 0; b < batch; b++) {
      matrices[b] = kernels.allocate(units, units);
    }
    int groups = layer.groups();
    operands = new Matrix[groups + 1];
    vectors = new Matrix[groups + 1];
    weightOffsets = new long[groups];
    for (int g = 0; g < groups; g++) {
      operands[g] = layer.operand(g);
      weightOffsets[g] = columns.offsets().getFirst()[layer.weightOf(g)];
    }
    operands[groups] = kernels.allocate(batch, 1);
    for (int b = 0; b < batch; b++) {
      operands[groups].set(b, 0, 1);
    }
    for (int g = 0; g <= groups; g++) {
      vectors[g] = kernels.allocate(batch, operands[g].cols());
    }
    ErrorBundle bundle = new ErrorBundle(layer, 1, false, Passage.WHOLE);
    vectorOffsets =
        IntStream.range(0, bundle.vectorGradients())
            .boxed()
            .flatMap(v -> bundle.vectorTargets(v).stream())
            .mapToLong(t -> columns.offsets().getFirst()[t.parameter()] + t.from())
            .toArray();
  }

  @Override
  public boolean isOfStepsBefore() {
    return false;
  }

  @Override
  public void step(Parameters gradients, boolean[] present) {
    jacobian.follow();
    Matrix sum = columns.in(gradients);
    for (int b = 0; b < batch; b++) {
      if (present != null && !present[b]) {
        continue;
      }
      move(b);
      for (int i = 0; i < units; i++) {
        double signal = 0;
        for (int j = 0; j < units; j++) {
          signal += output.get(b, j) * matrices[b].get(j, i);
        }
        addRow(sum, b, i, signal);
      }
    }
    step++;
  }

  private void addRow(Matrix sum, int b, int i, double signal) {
    for (int g = 0; g < weightOffsets.length; g++) {
      int heads = layer.heads(g);
      int width = vectors[g].cols() / heads;
      // A row reads its own head of the operand.
      int first = heads == 1 ? 0 : i / width * width;
      int from = Math.toIntExact(weightOffsets[g] + (long) i * width);
      for (int c = 0; c < width; c++) {
        sum.set(0, from + c, sum.get(0, from + c) + signal * vectors[g].get(b, first + c));
      }
    }
    double one = vectors[weightOffsets.length].get(b, 0);
    for (long offset : vectorOffsets) {
      int column = Math.toIntExact(offset + i);
      sum.set(0, column, sum.get(0, column) + signal * one);
    }
  }

  private void move(int b) {
    jacobian.copyTransposed(b, transition);
    moved.clear();
    kernels.multiplyTransposedAdd(transition, matrices[b], moved);
    double p0 = Scaling.balance(Math.sqrt(kernels.sumOfSquares(moved)), norm(vectors, b));
    double squares = 0;
    for (int i = 0; i < units; i++) {
      for (int j = 0; j < units; j++) {
        squares += jacobian.signal(i, b, j) * jacobian.signal(i, b, j);
      }
    }
    double p1 = Scaling.balance(Math.sqrt(squares), norm(operands, b));
    double old = signs.sign(step, b, 0);
    double own = signs.sign(step, b, 1);
    for (int g = 0; g < vectors.length; g++) {
      for (int c = 0; c < vectors[g].cols(); c++) {
        double number = old * p0 * vectors[g].get(b, c) + own * p1 * operands[g].get(b, c);
        vectors[g].set(b, c, number);
      }
    }
    for (int i = 0; i < units; i++) {
      for (int j = 0; j < units; j++) {
        double number = old / p0 * moved.get(i, j) + own / p1 * jacobian.signal(i, b, j);
        matrices[b].set(i, j, number);
      }
    }
  }

  private double norm(Matrix[] parts, int b) {
    double squares = 0;
    for (Matrix part : parts) {
      squares += kernels.sumOfSquares(part.rows(b, 1));
    }
    return Math.sqrt(squares);
  }

  @Override
  public List<Matrix> numbers() {
    return Stream.concat(Stream.of(matrices), Stream.of(vectors)).toList();
  }

  @Override
  public void goOn(long step) {
    this.step = step;
  }

  @Override
  public Columns columns() {
    return columns;
  }

  @Override
  public int states() {
    return units;
  }

  @Override
  public void copyTo(int b, Matrix to) {
    for (int row = 0; row < units; row++) {
      Matrix own = to.rows(row, 1);
      own.clear();
      for (int i = 0; i < units; i++) {
        addRow(own, b, i, matrices[b].get(row, i));
      }
    }
  }

  @Override
  public void reset(int b) {
    matrices[b].clear();
    for (Matrix vector : vectors) {
      vector.rows(b, 1).clear();
    }
  }

  @Override
  public double sumOfSquares(int b) {
    double norm = norm(vectors, b);
    return kernels.sumOfSquares(matrices[b]) * norm * norm;
  }

  @Override
  public void scale(int b, double factor) {
    Scaling.scale(kernels, matrices[b], factor);
  }

  @Override
  public long bytes() {
    long width = 0;
    for (Matrix vector : vectors) {
      width += vector.cols();
    }
    return batch * ((long) units * units + width) * kernels.type().bytes();
  }
}
