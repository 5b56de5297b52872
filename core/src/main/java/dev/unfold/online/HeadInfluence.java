package dev.unfold.online;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.ParameterShape;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.tape.Tape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The whole influence of a layer's parameters on its states where its N heads are apart from each other: a head's
/// parameters have moved the states of that head alone, so J(t) is one block for each,
///
///     J_n(t) = I_n(t) + D_n(t) J_n(t-1)       dE_t/dtheta_n = immediate + dE_t/ds_n(t-1) J_n(t-1)
///
/// and exact. [HeadJacobian] finds D_n and I_n.
///
/// **Shapes**: with S states of all units, P parameters and k = S / N: J_n is `[k, P/N]`, D_n `[k, k]`. The blocks
/// stand side by side, so that all of them are `[k, P]`: the j-th row has for each parameter the influence on the j-th
/// state of its own head.
///
/// **Memory**: 2 B (k + 1) P numbers, of before and after a step, and N B k^2, and k B error signals of a step: two
/// Nths of what all of J takes, and an N^2th of its operations.
///
/// **Threads**: columns of J are split.
///
/// **Source**: R. J. Williams and D. Zipser, 1989; K. Javed et al., Scalable real-time recurrent learning using
/// columnar- constructive networks, JMLR 24, 2023, for networks that are apart from each other.
final class HeadInfluence implements Influence {
  private static final double[] NO_SCALARS = {};

  /// So many take 32 GB in float.
  private static final double MOST_NUMBERS = 8e9;

  private final Kernels kernels;
  private final Team team;
  private final Columns columns;
  private final UnrolledLayer layer;
  private final int batch;
  private final int heads;

  /// Units of a head.
  private final int width;

  /// k, the states of a head.
  private final int states;

  private final HeadJacobian jacobian;
  private final PointwiseKernel add;
  private final List<Run> runs;

  /// J before and after a step, `[B (k + 1), P]`: of each sequence k rows, and one for the gradient.
  private final Matrix[] all = new Matrix[2];

  /// For each of the two J before a step, and each thread, its products.
  private final Product[][][] products = new Product[2][][];

  /// The gradient's row of each sequence, in both.
  private final Matrix[][] rows;

  private final Team.Task productTask = this::multiply;
  private final Matrix[] addition = new Matrix[2];
  private int current;
  private boolean[] present;
  private Parameters gradients;

  /// Columns that belong to one head.
  private record Run(int head, int from, int count) {}

  /// Columns of a head of J before and after a step of a sequence.
  private record Product(int sequence, Matrix factor, Matrix before, Matrix after) {}

  /// @param index which layer
  HeadInfluence(Network network, Tape tape, Team team, int index) {
    this.team = team;
    kernels = network.kernels();
    columns = Columns.of(network, index, index);
    layer = tape.layers.get(index).directions.getFirst();
    batch = tape.packedRows.live.batch();
    heads = layer.coupling().separateHeads();
    int units = layer.initialState(0).cols();
    width = units / heads;
    states = layer.states() * width;
    double numbers = 2.0 * batch * (states + 1) * columns.count();
    if (numbers > MOST_NUMBERS) {
      throw new Refusal(
          "rule",
          "up to %.0e numbers of influence; snap1 and eprop keep one for each parameter and state"
              .formatted(MOST_NUMBERS),
          "%.1e for S=%d states of a head, P=%d parameters and B=%d"
              .formatted(numbers, states, columns.count(), batch));
    }
    jacobian =
        new HeadJacobian(
            kernels, tape.layers.subList(index, index + 1), columns.offsets().getFirst(), batch);
    add = kernels.prepare(Pointwise.of(Op.ADD));
    runs = runs(network.weights().layers.get(index).getFirst().shapes(), units);
    rows = new Matrix[2][batch];
    for (int i = 0; i < 2; i++) {
      all[i] = kernels.allocate(Math.multiplyExact(batch, states + 1), columns.count());
      for (int b = 0; b < batch; b++) {
        rows[i][b] = all[i].rows(b * (states + 1) + states, 1);
      }
    }
    for (int i = 0; i < 2; i++) {
      products[i] = new Product[team.size()][];
      for (int part = 0; part < team.size(); part++) {
        products[i][part] = products(i, part);
      }
    }
  }

  /// All parameters have a number or a row for each unit, as often as there are maps.
  private List<Run> runs(List<ParameterShape> shapes, int units) {
    List<Run> all = new ArrayList<>();
    for (int p = 0; p < shapes.size(); p++) {
      boolean isVector = shapes.get(p).shape().size() == 1;
      int perUnit = isVector ? 1 : shapes.get(p).cols();
      int ofUnits = isVector ? shapes.get(p).cols() : shapes.get(p).rows();
      for (int unit = 0; unit < ofUnits; unit += width) {
        long from = columns.offsets().getFirst()[p] + (long) unit * perUnit;
        all.add(new Run(unit % units / width, Math.toIntExact(from), width * perUnit));
      }
    }
    return all;
  }

  /// @param from which of the two is J before the step
  private Product[] products(int from, int part) {
    int first = Team.from(columns.count(), part, team.size());
    int until = Team.from(columns.count(), part + 1, team.size());
    List<Product> own = new ArrayList<>();
    for (Run run : runs) {
      int start = Math.max(first, run.from);
      int count = Math.min(until, run.from + run.count) - start;
      for (int b = 0; count > 0 && b < batch; b++) {
        int top = b * (states + 1);
        Matrix before = all[from].columns(start, count).rows(top, states);
        Matrix after = all[1 - from].columns(start, count).rows(top, states + 1);
        own.add(new Product(b, jacobian.factor(b, run.head), before, after));
      }
    }
    return own.toArray(Product[]::new);
  }

  @Override
  public void step(Parameters to, boolean[] present) {
    aim(to);
    this.present = present;
    jacobian.follow();
    int next = 1 - current;
    all[next].clear();
    team.run(productTask);
    for (int b = 0; b < batch; b++) {
      if (isMissing(b)) {
        all[next].rows(b * (states + 1), states).copy(of(b));
        continue;
      }
      addition[1] = rows[next][b];
      add.run(addition, NO_SCALARS);
      for (int state = 0; state < states; state++) {
        jacobian.addImmediate(state, b, all[next], b * (states + 1) + state);
      }
    }
    current = next;
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal numbers
  private void aim(Parameters to) {
    if (gradients != to) {
      gradients = to;
      addition[0] = columns.in(to);
    }
  }

  private void multiply(int part, int parts) {
    for (Product product : products[current][part]) {
      if (!isMissing(product.sequence)) {
        kernels.multiplyTransposedAdd(product.factor, product.before, product.after);
      }
    }
  }

  private boolean isMissing(int b) {
    return present != null && !present[b];
  }

  /// J of sequence b after the last step, `[k, P]`: a window.
  private Matrix of(int b) {
    return all[current].rows(b * (states + 1), states);
  }

  @Override
  public List<Matrix> numbers() {
    return IntStream.range(0, batch).mapToObj(this::of).toList();
  }

  @Override
  public void goOn(long step) {
    // All steps are alike.
  }

  @Override
  public Columns columns() {
    return columns;
  }

  @Override
  public int states() {
    return states * heads;
  }

  @Override
  public void copyTo(int b, Matrix to) {
    Matrix own = of(b);
    for (Run run : runs) {
      for (int state = 0; state < states; state++) {
        int row = (state / width * heads + run.head) * width + state % width;
        Matrix block = own.rows(state, 1).columns(run.from, run.count);
        to.rows(row, 1).columns(run.from, run.count).copy(block);
      }
    }
  }

  @Override
  public void reset(int b) {
    of(b).clear();
  }

  @Override
  public double sumOfSquares(int b) {
    return kernels.sumOfSquares(of(b));
  }

  @Override
  public void scale(int b, double factor) {
    Scaling.scale(kernels, of(b), factor);
  }

  @Override
  public long bytes() {
    return 2L * all[0].rows() * columns.count() * kernels.type().bytes();
  }
}
