package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.online.KeptInfluence;
import dev.unfold.train.update.Updater;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// All that a training run needs to go on as if it had never been interrupted. A value: nothing else refers to its
/// memory.
///
/// @param parameters the network's
/// @param best the best so far
/// @param kept what the updates keep for each parameter, by name, [Updater#kept]
/// @param state the hidden state after the last batch; empty before the first
/// @param influence what an online rule keeps beside it; empty before the first batch, and for back-propagation
/// @param progress how far the run is
public record TrainerState(
    Parameters parameters,
    Parameters best,
    Map<String, Parameters> kept,
    Optional<State> state,
    Optional<KeptInfluence> influence,
    Progress progress) {
  /// Copies the map, in its order.
  public TrainerState {
    Expect.given("parameters", parameters);
    Expect.given("best", best);
    Expect.given("kept", kept);
    Expect.given("state", state);
    Expect.given("influence", influence);
    Expect.given("progress", progress);
    if (influence.isPresent() && state.isEmpty()) {
      throw new Refusal("influence", "none without a state", "one");
    }
    kept = Collections.unmodifiableMap(new LinkedHashMap<>(kept));
  }

  /// Checks that all numbers are finite, and are those of a network.
  ///
  /// @param network its parameters
  ///
  /// **Errors**: [IllegalArgumentException] that names what is not.
  void expectUsable(Parameters network) {
    check("state: parameters", network, parameters);
    check("state: best", network, best);
    kept.forEach((name, values) -> check("state: " + name, network, values));
  }

  private static void check(String name, Parameters network, Parameters given) {
    network.expectAlike(name, given);
    expectFinite(name, given);
  }

  static void expectFinite(String name, Parameters numbers) {
    String parameter = numbers.firstNonFinite();
    if (parameter != null) {
      throw new Refusal(name, "finite numbers", "others in " + parameter);
    }
  }
}
