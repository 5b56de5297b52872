package dev.unfold.tangent;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.plan.ForwardStep;
import dev.unfold.plan.Node;
import dev.unfold.plan.Plan;
import dev.unfold.plan.TangentStep;
import dev.unfold.plan.walk.GraphWalk;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The states of a layer at all steps at once by Newton's method (DEER): the recurrence s(t) = f(s(t-1), x(t)) is one
/// equation for a whole sequence of states, and a round solves its linearisation at the guess s_k,
///
///     s_{k+1}(t) = f(p(t)) + D(t) (s_{k+1}(t-1) - p(t))        p(t) = s_k(t-1), D(t) = df/ds at p(t)
///
/// from s_0 = 0 on. What is costly, f and D at all steps, needs no step before another; what remains is linear, and
/// could be done by a scan in log T rounds of products. Here it is done step after step: this shows how many rounds a
/// layer takes, it is no faster way to run one.
///
/// **Exact**: after k rounds the first k states are those of the recurrence, so that T rounds always are
/// enough. Where the layer forgets, far fewer are; where errors grow over time, nearly all T are needed, and states in
/// between may leave the range of numbers.
///
/// **Shapes**: rows t*B + b; S for the numbers of all states together.
///
/// **Memory**: T B S^2 numbers in double, or T B S for the diagonal; and all values of T*B steps.
///
/// **Threads**: one caller at a time.
///
/// **Source**: Y. H. Lim, Q. Zhu, J. Selfridge and M. F. Kasim, Parallelizing non-linear sequential models over the
/// sequence length, ICLR 2024; X. Gonzalez, A. Warrington, J. Smith and S. Linderman, Towards scalable and stable
/// parallelization of nonlinear RNNs, NeurIPS 2024, for the diagonal (quasi-DEER) and the law of k rounds.
public final class NewtonInTime {
  /// Which part of D(t) counts.
  public enum Slopes {
    /// All of it: Newton's method, DEER.
    WHOLE,
    /// Its diagonal: more rounds, but the linear part is S recurrences of single numbers. quasi-DEER.
    DIAGONAL
  }

  private final ForwardStep step;
  private final TangentStep tangent;
  private final GraphWalk walk;
  private final Slopes slopes;
  private final int batch;
  private final int rows;
  private final int states;

  /// Of each state before step 0 and after each step, in the host's memory.
  private final List<Matrix> guess = new ArrayList<>();

  /// D of each row, row by row, or its diagonal.
  private final double[][] jacobians;

  private int rounds;

  private NewtonInTime(Network network, Inputs inputs, int steps, State start, Slopes slopes) {
    this.slopes = slopes;
    batch = start.batch();
    rows = steps * batch;
    NetworkSpec spec = network.spec();
    LayerSpec layer = spec.stack().getFirst();
    Kernels kernels = network.kernels();
    step = Plan.of(layer.cell(), spec.encoder().width(), layer.hidden()).step();
    tangent = TangentStep.of(step);
    String suffix = Network.suffixes(spec, 0).getFirst();
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
    Matrix input = kernels.allocate(rows, spec.encoder().width());
    Encoded.read(own, inputs, kernels, input);
    walk.put(new Node.Input(input.cols()), input);
    for (int s = 0; s < step.states().size(); s++) {
      int width = step.states().get(s).width();
      Matrix all = Matrix.allocate(kernels.type(), rows + batch, width);
      all.rows(0, batch).copy(start.layers().getFirst().get(s));
      guess.add(all);
    }
    states = guess.stream().mapToInt(Matrix::cols).sum();
    jacobians = new double[rows][slopes == Slopes.WHOLE ? states * states : states];
  }

  /// A layer on B sequences of T steps, before the first round: all states but those before step 0 are zeros.
  ///
  /// @param network of one layer, with its parameters as they are now; its head does not matter
  /// @param inputs of T*B rows
  /// @param steps T
  /// @param start before step 0, of B sequences
  ///
  /// **Errors**: [IllegalArgumentException] for more layers than one, and as [StateJacobian#of].
  public static NewtonInTime of(
      Network network, Inputs inputs, int steps, State start, Slopes slopes) {
    Expect.positive("steps", "T", steps);
    Expect.given("slopes", slopes);
    int batch = Expect.given("start", start).batch();
    Studied.expectLayers(network, inputs, steps, batch, start);
    if (network.spec().layers() != 1) {
      throw new Refusal("layers", "L=1", "L=" + network.spec().layers());
    }
    return new NewtonInTime(network, inputs, steps, start, slopes);
  }

  /// How many rounds there were.
  public int rounds() {
    return rounds;
  }

  /// State `index` after each step, `[T*B, F]`, as the last round has left it.
  public Matrix states(int index) {
    return guess.get(index).rows(batch, rows);
  }

  /// One round.
  ///
  /// @return by how much the number that changed most did: 0 if none did, so that no other round will change any; not a
  ///     number or infinite if one left the range of numbers
  public double round() {
    for (int s = 0; s < guess.size(); s++) {
      walk.put(leaf(s), guess.get(s).rows(0, rows));
    }
    findJacobians();
    rounds++;
    return solve();
  }

  /// Rounds until no number changes by more than `tolerance`, or `most` rounds. Below what numbers of the precision can
  /// tell, 1e-5 or so in float, states change until they are exact.
  ///
  /// @return whether they came to an end
  public boolean run(double tolerance, int most) {
    if (!(tolerance >= 0)) {
      throw new Refusal("tolerance", "0 or more", tolerance);
    }
    if (most < 1) {
      throw new Refusal("most", "1 round or more", most);
    }
    boolean settled = false;
    for (int round = 0; round < most && !settled; round++) {
      settled = round() <= tolerance;
    }
    return settled;
  }

  private Node leaf(int state) {
    return new Node.State(state, step.states().get(state).width());
  }

  /// Column by column, each the tangent of all rows along one number of the states before.
  private void findJacobians() {
    int column = 0;
    for (int s = 0; s < guess.size(); s++) {
      Matrix unit = Matrix.allocate(guess.get(s).buffer().type(), rows, guess.get(s).cols());
      Node leaf = new Node.Tangent(leaf(s));
      for (int i = 0; i < unit.cols(); i++) {
        fill(unit, i, 1);
        walk.put(leaf, unit);
        walk.run();
        readColumn(column++);
        fill(unit, i, 0);
      }
      walk.put(leaf, unit);
    }
  }

  private static void fill(Matrix matrix, int column, double value) {
    for (int row = 0; row < matrix.rows(); row++) {
      matrix.set(row, column, value);
    }
  }

  private void readColumn(int column) {
    int first = 0;
    for (ForwardStep.State state : step.states()) {
      int node = tangent.of(state.next());
      Matrix values = node == Node.NONE ? null : walk.value(node).toHost();
      for (int i = 0; i < state.width(); i++) {
        int place = place(first + i, column);
        for (int row = 0; row < rows && place >= 0; row++) {
          jacobians[row][place] = values == null ? 0 : values.get(row, i);
        }
      }
      first += state.width();
    }
  }

  /// Where the derivative of state `to` by state `from` is kept; below 0 if it is not.
  private int place(int to, int from) {
    return switch (slopes) {
      case WHOLE -> to * states + from;
      case DIAGONAL -> to == from ? to : -1;
    };
  }

  /// The linear recurrence, step after step.
  private double solve() {
    List<Matrix> next =
        step.states().stream().map(state -> walk.value(state.next()).toHost()).toList();
    List<Matrix> before = guess.stream().map(all -> all.rows(0, rows).hostCopy()).toList();
    double change = 0;
    double[] off = new double[states];
    for (int row = 0; row < rows; row++) {
      readOff(row, before, off);
      int to = 0;
      for (int s = 0; s < guess.size(); s++) {
        Matrix all = guess.get(s);
        for (int i = 0; i < all.cols(); i++) {
          double old = all.get(row + batch, i);
          all.set(row + batch, i, next.get(s).get(row, i) + times(jacobians[row], to++, off));
          change = Math.max(change, Math.abs(all.get(row + batch, i) - old));
        }
      }
    }
    return change;
  }

  /// By how much the states before a row's step differ from those that its step was linearised at.
  private void readOff(int row, List<Matrix> before, double[] off) {
    int from = 0;
    for (int s = 0; s < guess.size(); s++) {
      for (int i = 0; i < guess.get(s).cols(); i++) {
        off[from++] = guess.get(s).get(row, i) - before.get(s).get(row, i);
      }
    }
  }

  private double times(double[] jacobian, int to, double[] off) {
    if (slopes == Slopes.DIAGONAL) {
      return jacobian[to] * off[to];
    }
    double sum = 0;
    for (int from = 0; from < states; from++) {
      sum += jacobian[to * states + from] * off[from];
    }
    return sum;
  }
}
