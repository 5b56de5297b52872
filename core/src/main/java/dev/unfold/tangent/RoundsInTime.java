package dev.unfold.tangent;

import dev.unfold.argument.Expect;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Coupling;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import dev.unfold.tangent.NewtonInTime.LinearPart;
import dev.unfold.tangent.NewtonInTime.Slopes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// How many rounds [NewtonInTime] takes on a layer until no state changes by more than [#TOLERANCE] of the largest
/// (or of 1, if that is more): counted on a sequence, and beforehand from the gain of a step back.
///
/// With the gain g of the error flow, the largest Lyapunov exponent is ln g. Where it is below 0, what an error of the
/// guess leaves k steps later is g^k of it: after
///
///     k = ln(TOLERANCE) / ln g
///
/// steps nothing that counts, and as the first k states are exact after k rounds, some k rounds should do ([#memory]).
/// That is a rule of thumb, not a theorem: g is a mean along the states of the layer, and rounds begin at a guess of
/// zeros, where steps may stretch what they shrink along the states. `gainAtGuess` is the gain there; if it is 1 or
/// more, the rule may fail. With all of D most layers take far fewer rounds; to the diagonal the rule does not apply.
///
/// @param isLinear whether the layer is linear in its states, so that one round with all of D is enough
/// @param gainAtGuess by how much a step stretches errors, as a geometric mean, where all states are zeros
/// @param whole what was taken with all of D; empty if that would have cost too much to find out
/// @param diagonal the same with its diagonal
public record RoundsInTime(
    boolean isLinear, double gainAtGuess, Optional<Taken> whole, Optional<Taken> diagonal) {
  /// A change of a state that counts as none, relative to the largest state.
  public static final double TOLERANCE = 1e-5;

  /// Multiplications of steps that the rounds of a layer may take, for each kind of slopes: some seconds.
  private static final double MOST_OPERATIONS = 2e9;

  /// Not to find out that there are more than fewer rounds than these.
  private static final int LEAST_ROUNDS = 8;

  /// Rounds that were taken.
  ///
  /// @param rounds how many; the last of them, which changed no state by more than the tolerance, is among them
  /// @param isSettled whether there was such a one; if not, more are needed
  public record Taken(int rounds, boolean isSettled) {}

  /// After how many steps [#TOLERANCE] is left of an error, if a step leaves `gain` of it; empty if errors do not die.
  public static OptionalInt memory(double gain) {
    if (!(gain < 1)) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(Math.max(1, (int) Math.ceil(Math.log(TOLERANCE) / Math.log(gain))));
  }

  /// Whether the steps of `layer` are linear in its states.
  public static boolean isLinear(LayerSpec layer) {
    // What the equations are does not depend on their sizes.
    return Coupling.of(layer.cell(), layer.hidden(), layer.hidden()).isLinear();
  }

  /// Of each layer by itself, from below, on one sequence of `steps` steps from a state of zeros.
  ///
  /// **Errors**: [IllegalArgumentException] as [NewtonInTime#layers].
  public static List<RoundsInTime> of(Network network, Inputs inputs, int steps) {
    Expect.positive("steps", "T", steps);
    Studied.expectLayers(network, inputs, steps, 1, network.zeroState(1));
    List<Matrix> read = NewtonInTime.read(network, inputs, steps, network.zeroState(1));
    List<RoundsInTime> all = new ArrayList<>();
    for (int l = 0; l < read.size(); l++) {
      Matrix input = read.get(l);
      Linearised oneStep = new Linearised(network, l, input.rows(0, 1), false);
      all.add(
          new RoundsInTime(
              oneStep.isLinear(),
              oneStep.gainAtZeros(input),
              taken(network, l, input, Slopes.WHOLE),
              taken(network, l, input, Slopes.DIAGONAL)));
    }
    return all;
  }

  private static Optional<Taken> taken(Network network, int layer, Matrix input, Slopes slopes) {
    int steps = input.rows();
    int most = (int) Math.min(steps + 1, MOST_OPERATIONS / operations(network, layer, steps));
    if (most < Math.min(steps + 1, LEAST_ROUNDS)) {
      return Optional.empty();
    }
    State start = network.zeroState(1);
    return Optional.of(
        taken(
            NewtonInTime.layer(network, layer, input, start, slopes, LinearPart.STEPS, Team.of(1)),
            steps,
            most));
  }

  private static Taken taken(NewtonInTime newton, int steps, int most) {
    boolean isSettled = false;
    while (!isSettled && newton.rounds() < most) {
      double change = newton.round();
      isSettled = newton.isDoneAtOnce() || change <= TOLERANCE * Math.max(1, newton.largest());
    }
    // The states are exact after T rounds: another one would only say so.
    return new Taken(Math.min(steps, newton.rounds()), isSettled);
  }

  /// Those of a round, about: as many passes as there are states, over all steps, each with all numbers of the matrices
  /// once.
  private static double operations(Network network, int layer, int steps) {
    String suffix = Network.suffixes(network.spec(), layer).getFirst();
    double numbers =
        network.parameters().tensors().stream()
            .filter(tensor -> tensor.name().endsWith(suffix))
            .map(tensor -> network.parameters().matrix(tensor.name()))
            .mapToDouble(matrix -> (double) matrix.rows() * matrix.cols())
            .sum();
    double states = network.zeroState(1).layers().get(layer).stream().mapToInt(Matrix::cols).sum();
    return states * steps * numbers;
  }
}
