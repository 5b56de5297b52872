package dev.unfold.proof;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.tangent.NewtonInTime;
import dev.unfold.tangent.NewtonInTime.LinearPart;
import dev.unfold.tangent.NewtonInTime.Slopes;
import java.util.EnumMap;
import java.util.Map;

/// The states after each round of Newton's method in time, and how far from the true ones they are.
final class NewtonProof implements GoldenProof {
  private final TangentCase online;
  private final int rounds;
  private final Map<Slopes, Expected> expected = new EnumMap<>(Slopes.class);

  /// @param largest the largest error of a state after each round
  /// @param states after the first rounds, `[R, T, S]`
  private record Expected(double[] largest, GoldenTensor states) {}

  NewtonProof(GoldenCase golden) {
    online = new TangentCase(golden, "rounds", "newton", "quasi");
    rounds = golden.size("rounds");
    expected.put(Slopes.WHOLE, expected(golden.object("newton")));
    expected.put(Slopes.DIAGONAL, expected(golden.object("quasi")));
  }

  private Expected expected(GoldenCase golden) {
    golden.expectOnly("largest_error", "states_by_round");
    GoldenTensor states = golden.tensor("states_by_round");
    if (online.batch != 1 || states.shape().size() != 3 || states.shape().getFirst() > rounds) {
      throw new Unsupported("states_by_round: expected those of some of the rounds of a sequence");
    }
    return new Expected(golden.numbers("largest_error", rounds), states);
  }

  @Override
  public String kind() {
    return "Newton in time";
  }

  @Override
  public void run(Kernels kernels, Comparison comparison) {
    Network network = online.network.build(kernels);
    Team team = Team.of(2);
    expected.forEach((slopes, own) -> {
      for (LinearPart part : LinearPart.values()) {
        NewtonInTime newton =
            NewtonInTime.of(
                network,
                online.inputs(kernels),
                online.steps,
                online.start(network),
                slopes,
                part,
                team);
        compare(newton, slopes + " " + part, own, comparison);
      }
    });
  }

  private void compare(NewtonInTime newton, String how, Expected own, Comparison comparison) {
    for (int round = 0; round < rounds; round++) {
      newton.round();
      double[] states = states(newton);
      String name = "%s round %d".formatted(how, round + 1);
      if (round < own.states().shape().getFirst()) {
        comparison.compare(name, own.states().part(round).data(), states);
      }
      double largest = 0;
      for (int i = 0; i < states.length; i++) {
        largest = Math.max(largest, Math.abs(states[i] - online.statesAfter.data()[i]));
      }
      comparison.compare(name + ", 1 + largest error", 1 + own.largest()[round], 1 + largest);
    }
  }

  /// Of each step all states after each other.
  private double[] states(NewtonInTime newton) {
    double[] all = new double[online.steps * online.states];
    int first = 0;
    for (int s = 0; first < online.states; s++) {
      Matrix state = newton.states(s);
      for (int t = 0; t < online.steps; t++) {
        for (int i = 0; i < state.cols(); i++) {
          all[t * online.states + first + i] = state.get(t, i);
        }
      }
      first += state.cols();
    }
    return all;
  }
}
