package dev.unfold.tangent;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.Coupling;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.plan.ForwardStep;
import dev.unfold.plan.Node;
import dev.unfold.plan.Plan;
import dev.unfold.plan.TangentStep;
import dev.unfold.plan.walk.GraphWalk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// The steps of a layer linearised at given states, all at once:
///
///     f(s + v, x) = f(s, x) + D v + ...        D = df/ds
///
/// D is found column by column, each the tangent of all rows along one number of the states. Where units do not see
/// each other, D has nothing but what a unit does to itself, and one tangent along all units of a state has a column
/// for each of them.
///
/// **Shapes**: rows t*B + b; S for the numbers of all states together.
final class Linearised {
  private static final long SEED = 1;

  /// Steps after which an error has the direction that grows most, about.
  private static final int TURNING = 8;

  private final ForwardStep step;
  private final TangentStep tangent;
  private final GraphWalk walk;
  private final boolean isWhole;
  private final boolean isApart;
  private final int rows;
  private final int size;

  /// D of each row, row by row, or its diagonal.
  private final double[][] jacobians;

  /// @param layer which of the network's
  /// @param input what it reads, `[T*B, N]`
  /// @param isWhole whether all of D counts, not its diagonal alone
  Linearised(Network network, int layer, Matrix input, boolean isWhole) {
    this.isWhole = isWhole;
    rows = input.rows();
    LayerSpec spec = network.spec().stack().get(layer);
    Kernels kernels = network.kernels();
    step = Plan.of(spec.cell(), input.cols(), spec.hidden()).step();
    isApart = Coupling.of(spec.cell(), input.cols(), spec.hidden()).isDiagonal();
    tangent = TangentStep.of(step);
    String suffix = Network.suffixes(network.spec(), layer).getFirst();
    Parameters own = network.parameters().copy();
    Parameters none = own.zeros();
    List<Matrix> parameters =
        Stream.of(own, none)
            .flatMap(
                all -> step.parameters().stream().map(shape -> all.matrix(shape.name() + suffix)))
            .toList();
    walk =
        new GraphWalk(
            kernels, tangent.graph(), tangent.groups(), tangent.deltas(), parameters, rows);
    walk.put(new Node.Input(input.cols()), input);
    size = step.states().stream().mapToInt(ForwardStep.State::width).sum();
    jacobians = new double[rows][isWhole ? size * size : size];
  }

  /// The states of the cell.
  List<ForwardStep.State> states() {
    return step.states();
  }

  /// S
  int size() {
    return size;
  }

  /// Whether D is the same wherever it is taken.
  boolean isLinear() {
    return step.isLinear();
  }

  /// Whether D has nothing beside its diagonal.
  boolean isDiagonal() {
    return isApart && step.states().size() == 1;
  }

  /// Linearises anew.
  ///
  /// @param before the states before the step of each row, `[T*B, F]` each
  void at(List<Matrix> before) {
    for (int s = 0; s < before.size(); s++) {
      walk.put(leaf(s), before.get(s));
    }
    int column = 0;
    for (int s = 0; s < before.size(); s++) {
      Matrix along = Matrix.allocate(before.get(s).buffer().type(), rows, before.get(s).cols());
      column += isApart ? readTogether(s, column, along) : readApart(s, column, along);
    }
  }

  /// By how much a step stretches an error of the states where these are zeros, as a geometric mean over steps: of an
  /// error that goes through all of them, but for the first ones, in which it turns into the direction that grows most.
  ///
  /// @param input what is read, a row for each step; this object has one row
  double gainAtZeros(Matrix input) {
    Random random = new Random(SEED);
    List<Matrix> error = new ArrayList<>();
    for (ForwardStep.State state : step.states()) {
      Matrix along = Matrix.allocate(input.buffer().type(), 1, state.width());
      for (int i = 0; i < along.cols(); i++) {
        along.set(0, i, random.nextGaussian());
      }
      error.add(along);
    }
    normalise(error);
    int skipped = Math.min(TURNING, input.rows() / 2);
    double sum = 0;
    for (int t = 0; t < input.rows(); t++) {
      walk.put(new Node.Input(input.cols()), input.rows(t, 1));
      for (int s = 0; s < error.size(); s++) {
        walk.put(new Node.Tangent(leaf(s)), error.get(s));
      }
      walk.run();
      for (int s = 0; s < error.size(); s++) {
        int node = tangent.of(step.states().get(s).next());
        if (node == Node.NONE) {
          error.get(s).clear();
        } else {
          error.get(s).copy(walk.value(node));
        }
      }
      double norm = normalise(error);
      sum += t < skipped ? 0 : Math.log(norm);
    }
    return Math.exp(sum / (input.rows() - skipped));
  }

  /// Scales numbers to a norm of 1, if they are not all 0.
  ///
  /// @return what the norm was
  private static double normalise(List<Matrix> numbers) {
    double squares = 0;
    for (Matrix each : numbers) {
      for (int i = 0; i < each.cols(); i++) {
        squares += each.get(0, i) * each.get(0, i);
      }
    }
    double norm = Math.sqrt(squares);
    for (Matrix each : numbers) {
      for (int i = 0; i < each.cols() && norm > 0; i++) {
        each.set(0, i, each.get(0, i) / norm);
      }
    }
    return norm;
  }

  private Node leaf(int state) {
    return new Node.State(state, step.states().get(state).width());
  }

  private int readTogether(int state, int column, Matrix along) {
    for (int i = 0; i < along.cols(); i++) {
      fill(along, i, 1);
    }
    run(state, along);
    for (int i = 0; i < along.cols(); i++) {
      readColumn(column + i, i);
    }
    along.clear();
    walk.put(new Node.Tangent(leaf(state)), along);
    return along.cols();
  }

  private int readApart(int state, int column, Matrix along) {
    for (int i = 0; i < along.cols(); i++) {
      fill(along, i, 1);
      run(state, along);
      readColumn(column + i, -1);
      fill(along, i, 0);
    }
    walk.put(new Node.Tangent(leaf(state)), along);
    return along.cols();
  }

  private void run(int state, Matrix along) {
    walk.put(new Node.Tangent(leaf(state)), along);
    walk.run();
  }

  private static void fill(Matrix matrix, int column, double value) {
    for (int row = 0; row < matrix.rows(); row++) {
      matrix.set(row, column, value);
    }
  }

  /// @param unit the only one that the column reaches, or -1 for all
  private void readColumn(int column, int unit) {
    int first = 0;
    for (ForwardStep.State state : step.states()) {
      int node = tangent.of(state.next());
      Matrix values = node == Node.NONE ? null : walk.value(node).toHost();
      for (int i = 0; i < state.width(); i++) {
        int place = place(first + i, column);
        boolean isZero = values == null || (unit >= 0 && unit != i);
        for (int row = 0; row < rows && place >= 0; row++) {
          jacobians[row][place] = isZero ? 0 : values.get(row, i);
        }
      }
      first += state.width();
    }
  }

  /// Where the derivative of state `to` by state `from` is kept; below 0 if it is not.
  private int place(int to, int from) {
    if (isWhole) {
      return to * size + from;
    }
    return to == from ? to : -1;
  }

  /// f of all rows, for each state, as it was last linearised.
  List<Matrix> next() {
    return step.states().stream().map(state -> walk.value(state.next()).toHost()).toList();
  }

  /// D of each row, S^2 numbers row by row, or the S of its diagonal. The caller may change them.
  double[][] jacobians() {
    return jacobians;
  }
}
