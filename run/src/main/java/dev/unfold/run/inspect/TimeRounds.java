package dev.unfold.run.inspect;

import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.run.output.Json;
import dev.unfold.sequence.Inputs;
import dev.unfold.tangent.RoundsInTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Whether a layer could be run parallel in time: how many rounds Newton's method in time takes on it.
///
/// @param name of the layer and its direction
/// @param linear whether it is linear in its states, so that a single round of a prefix scan is enough
/// @param gain of a step back; null if there is none
/// @param gainAtGuess the same where all states are zeros, which Newton's method begins with; null if there is none
/// @param memory after how many steps 1e-5 is left of an error; null if errors do not die
/// @param expected the rounds that follow from it, T at most: about so many or fewer
/// @param whole the rounds that were taken on the first sequence with all of the steps' slopes; null if that would have
///     cost too much, or could not be done
/// @param diagonal the same with their diagonal
/// @param refused why none could be taken; null if they could
public record TimeRounds(
    String name,
    boolean linear,
    Double gain,
    Double gainAtGuess,
    Integer memory,
    int expected,
    Taken whole,
    Taken diagonal,
    String refused) {

  /// Rounds that were taken.
  ///
  /// @param rounds how many
  /// @param settled whether they were enough; if not, more are needed
  public record Taken(int rounds, boolean settled) {
    private static Taken of(Optional<RoundsInTime.Taken> taken) {
      return taken.map(own -> new Taken(own.rounds(), own.isSettled())).orElse(null);
    }

    String text() {
      return settled ? Integer.toString(rounds) : "more than " + rounds;
    }
  }

  /// Of all layers.
  ///
  /// @param flows how errors go back in them
  /// @param inputs of one sequence
  /// @param steps T
  static List<TimeRounds> of(
      Network network, List<Inspection.LayerFlow> flows, Inputs inputs, int steps) {
    List<RoundsInTime> taken = List.of();
    String refused = null;
    try {
      taken = RoundsInTime.of(network, inputs, steps);
    } catch (IllegalArgumentException e) {
      refused = e.getMessage();
    }
    List<TimeRounds> all = new ArrayList<>();
    for (int l = 0; l < network.spec().layers(); l++) {
      LayerSpec layer = network.spec().stack().get(l);
      for (int d = 0; d < layer.directions(); d++) {
        Inspection.LayerFlow flow = flows.get(all.size());
        boolean isLinear = RoundsInTime.isLinear(layer);
        double gain = flow.gain();
        OptionalInt memory = RoundsInTime.memory(gain);
        int expected = isLinear ? 1 : Math.min(steps, memory.orElse(steps));
        all.add(
            new TimeRounds(
                flow.name(),
                isLinear,
                Json.finite(gain),
                taken.isEmpty() ? null : Json.finite(taken.get(l).gainAtGuess()),
                memory.isPresent() ? memory.getAsInt() : null,
                expected,
                taken.isEmpty() ? null : Taken.of(taken.get(l).whole()),
                taken.isEmpty() ? null : Taken.of(taken.get(l).diagonal()),
                refused));
      }
    }
    return all;
  }

  /// It in words.
  String text() {
    if (linear) {
      return "1 round, linear in its states; " + taken();
    }
    String beforehand =
        memory == null
            ? "up to %d rounds, errors do not die".formatted(expected)
            : "about %d rounds or fewer, 1e-5 is left of an error after %d steps"
                .formatted(expected, memory);
    boolean stretches = memory != null && gainAtGuess != null && gainAtGuess >= 1;
    String beware =
        stretches ? ", or more: at the guess of zeros the gain is %.3f".formatted(gainAtGuess) : "";
    return beforehand + beware + "; " + taken();
  }

  private String taken() {
    if (refused != null) {
      return "none taken: " + refused;
    }
    if (whole == null && diagonal == null) {
      return "none taken: too many states";
    }
    String all = whole == null ? "" : "taken " + whole.text() + ", ";
    return all + (diagonal == null ? "" : "with the diagonal alone " + diagonal.text());
  }
}
