package dev.unfold.tangent;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The states of a layer at all steps at once by Newton's method (DEER): the recurrence s(t) = f(s(t-1), x(t)) is one
/// equation for a whole sequence of states, and a round solves its linearisation at the guess s_k,
///
///     s_{k+1}(t) = f(p(t)) + D(t) (s_{k+1}(t-1) - p(t))        p(t) = s_k(t-1), D(t) = df/ds at p(t)
///
/// from s_0 = 0 on. What is costly, f and D at all steps, needs no step before another; what remains is linear, and is
/// done step after step or by a prefix scan in 2 log2 T rounds of products, [LinearPart]. On a few processors neither
/// is a faster way to run a layer: this shows how many rounds one takes, and that they give its states.
///
/// **Exact**: after k rounds the first k states are those of the recurrence, so that T rounds always are
/// enough. Where the layer forgets, far fewer are; where errors grow over time, nearly all T are needed, and states in
/// between may leave the range of numbers. A layer that is linear in its states ([#isLinear]) is its own linearisation:
/// one round is enough with all of D, up to rounding.
///
/// **Shapes**: rows t*B + b; S for the numbers of all states together.
///
/// **Memory**: T B S^2 numbers in double, or T B S for the diagonal; and all values of T*B steps.
///
/// **Threads**: one caller at a time; the team shares the rounds of a scan, and the bits are the same for any.
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

  /// How the linear recurrence of a round is done.
  public enum LinearPart {
    /// Step after step.
    STEPS,
    /// As a prefix scan: all steps at once in 2 log2 T rounds, each of products of two D. Its bits are not those of
    /// step after step, and products of D over long spans may leave the range of numbers where D stretches.
    SCAN
  }

  private final Linearised layer;
  private final boolean isWhole;
  private final LinearPart part;
  private final Team team;
  private final int batch;
  private final int rows;

  /// Of each state before step 0 and after each step, in the host's memory.
  private final List<Matrix> guess = new ArrayList<>();

  private int rounds;

  private NewtonInTime(
      Linearised layer, boolean isWhole, LinearPart part, Team team, List<Matrix> start, int rows) {
    this.layer = layer;
    this.isWhole = isWhole;
    this.part = part;
    this.team = team;
    this.rows = rows;
    batch = start.getFirst().rows();
    for (Matrix before : start) {
      Matrix all = Matrix.allocate(before.buffer().type(), rows + batch, before.cols());
      all.rows(0, batch).copy(before);
      guess.add(all);
    }
  }

  /// A layer on B sequences of T steps, before the first round: all states but those before step 0 are zeros. The
  /// linear part goes step after step.
  ///
  /// @param network of one layer, with its parameters as they are now; its head does not matter
  /// @param inputs of T*B rows
  /// @param steps T
  /// @param start before step 0, of B sequences
  ///
  /// **Errors**: [IllegalArgumentException] for more layers than one, and as [StateJacobian#of].
  public static NewtonInTime of(
      Network network, Inputs inputs, int steps, State start, Slopes slopes) {
    return of(network, inputs, steps, start, slopes, LinearPart.STEPS, Team.of(1));
  }

  /// The same with the linear part as `part` says.
  ///
  /// @param team the threads that share a scan
  public static NewtonInTime of(
      Network network,
      Inputs inputs,
      int steps,
      State start,
      Slopes slopes,
      LinearPart part,
      Team team) {
    Expect.given("network", network);
    if (network.spec().layers() != 1) {
      throw new Refusal("layers", "L=1", "L=" + network.spec().layers());
    }
    return layers(network, inputs, steps, start, slopes, part, team).getFirst();
  }

  /// Each layer of a network by itself, from below: it reads what the layers below it put out step after step.
  ///
  /// **Errors**: [IllegalArgumentException] as [StateJacobian#of].
  public static List<NewtonInTime> layers(
      Network network,
      Inputs inputs,
      int steps,
      State start,
      Slopes slopes,
      LinearPart part,
      Team team) {
    Expect.positive("steps", "T", steps);
    Expect.given("slopes", slopes);
    Expect.given("part", part);
    Expect.given("team", team);
    int batch = Expect.given("start", start).batch();
    Studied.expectLayers(network, inputs, steps, batch, start);
    List<Matrix> read = read(network, inputs, steps, start);
    List<NewtonInTime> all = new ArrayList<>();
    for (int l = 0; l < read.size(); l++) {
      all.add(layer(network, l, read.get(l), start, slopes, part, team));
    }
    return all;
  }

  /// What each layer reads, `[T*B, N]`: the outputs of the one below, step after step.
  static List<Matrix> read(Network network, Inputs inputs, int steps, State start) {
    int rows = steps * start.batch();
    Matrix input = network.kernels().allocate(rows, network.spec().encoder().width());
    Encoded.read(network.parameters(), inputs, network.kernels(), input);
    List<Matrix> all = new ArrayList<>(List.of(input));
    if (network.spec().layers() > 1) {
      LayersWalk walk =
          new LayersWalk(network, inputs, Optional.empty(), steps, start.batch(), start);
      walk.forward();
      walk.all().stream()
          .limit(network.spec().layers() - 1)
          .forEach(below -> all.add(below.output().value()));
    }
    return all;
  }

  /// A layer that reads `input`.
  static NewtonInTime layer(
      Network network,
      int layer,
      Matrix input,
      State start,
      Slopes slopes,
      LinearPart part,
      Team team) {
    boolean isWhole = slopes == Slopes.WHOLE;
    Linearised linearised = new Linearised(network, layer, input, isWhole);
    List<Matrix> before = start.layers().get(layer);
    return new NewtonInTime(linearised, isWhole, part, team, before, input.rows());
  }

  /// How many rounds there were.
  public int rounds() {
    return rounds;
  }

  /// Whether each state after a step is a linear function of the states before it, whatever the input.
  public boolean isLinear() {
    return layer.isLinear();
  }

  /// Whether a round gives all states, up to rounding: the layer is linear in its states, and none of D is left out
  /// that is not 0.
  public boolean isDoneAtOnce() {
    return isLinear() && (isWhole || layer.isDiagonal());
  }

  /// State `index` after each step, `[T*B, F]`, as the last round has left it.
  public Matrix states(int index) {
    return guess.get(index).rows(batch, rows);
  }

  /// The largest size of a number of a state after any step.
  double largest() {
    double largest = 0;
    for (int s = 0; s < guess.size(); s++) {
      Matrix all = states(s);
      for (int row = 0; row < rows; row++) {
        for (int i = 0; i < all.cols(); i++) {
          largest = Math.max(largest, Math.abs(all.get(row, i)));
        }
      }
    }
    return largest;
  }

  /// One round.
  ///
  /// @return by how much the number that changed most did: 0 if none did, so that no other round will change any; not a
  ///     number or infinite if one left the range of numbers
  public double round() {
    layer.at(guess.stream().map(all -> all.rows(0, rows)).toList());
    rounds++;
    return switch (part) {
      case STEPS -> solve();
      case SCAN -> scan();
    };
  }

  /// Rounds until no number changes by more than `tolerance`, or `most` rounds; one alone if that is known to give all
  /// states ([#isDoneAtOnce]) and the tolerance is above 0. Below what numbers of the precision can tell, 1e-5 or so in
  /// float, states change until they are exact.
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
      double change = round();
      settled =
          change <= tolerance || (tolerance > 0 && isDoneAtOnce() && change < Double.MAX_VALUE);
    }
    return settled;
  }

  /// The linear recurrence, step after step.
  private double solve() {
    List<Matrix> next = layer.next();
    double[][] jacobians = layer.jacobians();
    List<Matrix> before = guess.stream().map(all -> all.rows(0, rows).hostCopy()).toList();
    double change = 0;
    double[] off = new double[layer.size()];
    for (int row = 0; row < rows; row++) {
      readOff(row, before, off);
      int to = 0;
      for (int s = 0; s < guess.size(); s++) {
        for (int i = 0; i < guess.get(s).cols(); i++) {
          double value = next.get(s).get(row, i) + times(jacobians[row], to++, off);
          change = Math.max(change, put(s, row, i, value));
        }
      }
    }
    return change;
  }

  /// Sets a state after a step.
  ///
  /// @return by how much it changed
  private double put(int state, int row, int i, double value) {
    Matrix all = guess.get(state);
    double old = all.get(row + batch, i);
    all.set(row + batch, i, value);
    return Math.abs(all.get(row + batch, i) - old);
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
    if (!isWhole) {
      return jacobian[to] * off[to];
    }
    double sum = 0;
    for (int from = 0; from < off.length; from++) {
      sum += jacobian[to * off.length + from] * off[from];
    }
    return sum;
  }

  /// The linear recurrence as a scan, of the changes e(t) = s_{k+1}(t) - s_k(t):
  ///
  ///     e(t) = D(t) e(t-1) + r(t)        r(t) = f(p(t)) - s_k(t), e(-1) = 0
  ///
  /// where nothing is to change a sum of zeros is 0, so that the law of k rounds holds for the bits. For that, too, the
  /// new state is f + (e - r): f itself where nothing came from the steps before.
  private double scan() {
    List<Matrix> next = layer.next();
    double[][] changes = new double[rows][layer.size()];
    for (int row = 0; row < rows; row++) {
      readResidual(row, next, changes[row]);
    }
    AffineScan.run(layer.jacobians(), changes, batch, team);
    double change = 0;
    double[] residual = new double[layer.size()];
    for (int row = 0; row < rows; row++) {
      readResidual(row, next, residual);
      int to = 0;
      for (int s = 0; s < guess.size(); s++) {
        for (int i = 0; i < guess.get(s).cols(); i++, to++) {
          double value = next.get(s).get(row, i) + (changes[row][to] - residual[to]);
          change = Math.max(change, put(s, row, i, value));
        }
      }
    }
    return change;
  }

  private void readResidual(int row, List<Matrix> next, double[] residual) {
    int to = 0;
    for (int s = 0; s < guess.size(); s++) {
      for (int i = 0; i < guess.get(s).cols(); i++) {
        residual[to++] = next.get(s).get(row, i) - guess.get(s).get(row + batch, i);
      }
    }
  }
}
