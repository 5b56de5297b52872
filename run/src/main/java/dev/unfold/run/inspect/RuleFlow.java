package dev.unfold.run.inspect;

import dev.unfold.argument.Refusal;
import dev.unfold.flow.ErrorFlow;
import dev.unfold.flow.ErrorFlowMeter;
import dev.unfold.flow.RuleMeter;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Passage;
import dev.unfold.model.Network;
import dev.unfold.online.OnlineRule;
import dev.unfold.run.output.Json;
import dev.unfold.sequence.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What an online rule throws away: how far off its gradient is, and what is left of errors on their way back.
///
/// @param name of the rule
/// @param refused why the network cannot learn by it; null if it can, else there is nothing but the name
/// @param cosine of its gradient with the exact one, over the layers' parameters
/// @param error of it, relative to the exact one
/// @param noise from one draw of random signs to the next, relative to it
/// @param bytes of what it keeps
/// @param passes what of an error it lets pass from a step to the one before; null if no error goes back
/// @param layers how the errors go back; none if none does
public record RuleFlow(
    String name,
    String refused,
    Double cosine,
    Double cosineBy,
    Double error,
    Double errorBy,
    Double noise,
    Long bytes,
    String passes,
    List<Layer> layers) {
  /// Draws of random signs.
  private static final int DRAWS = 8;

  /// How the errors go back in a layer.
  ///
  /// @param norms for each error time and step
  /// @param cosines with the error at its own step
  /// @param decay for each lag what is left of the error
  /// @param halfLife the least lag at which less than half is left; null if there is none
  public record Layer(
      String name, double[][] norms, double[][] cosines, List<Double> decay, Integer halfLife) {
    private static Layer of(ErrorFlow.Layer layer, int steps) {
      List<Double> decay = new ArrayList<>();
      Integer halfLife = null;
      for (int k = 0; k < steps; k++) {
        decay.add(layer.decay(k));
        if (halfLife == null && layer.decay(k) < 0.5) {
          halfLife = k;
        }
      }
      return new Layer(layer.name(), layer.norms(), layer.cosines(), decay, halfLife);
    }
  }

  /// Measures a rule, or says why not.
  ///
  /// @param name as [OnlineRule#parse] knows it
  /// @param times the error times of the map, on the first batch
  static RuleFlow of(String name, Network network, Team team, List<Batch> batches, int... times) {
    OnlineRule any = OnlineRule.parse(name, 1, network.spec().outputs());
    try {
      any.expectUsable(network.spec());
    } catch (Refusal refused) {
      String reason = refused.withName("the rule");
      return new RuleFlow(name, reason, null, null, null, null, null, null, null, List.of());
    }
    RuleMeter meter =
        RuleMeter.of(
            network,
            team,
            batches,
            seed -> OnlineRule.parse(name, seed, network.spec().outputs()),
            any.isRandom() ? DRAWS : 1);
    Optional<Passage> passage = any.passage();
    return new RuleFlow(
        name,
        null,
        Json.finite(meter.cosine().mean()),
        Json.finite(meter.cosine().halfWidth()),
        Json.finite(meter.error().mean()),
        Json.finite(meter.error().halfWidth()),
        Json.finite(meter.noise().mean()),
        meter.bytes(),
        passage.map(Passage::text).orElse(null),
        passage
            .filter(some -> some != Passage.WHOLE)
            .map(some -> layers(some, network, team, batches.getFirst(), times))
            .orElse(List.of()));
  }

  private static List<Layer> layers(
      Passage passage, Network network, Team team, Batch batch, int... times) {
    return new ErrorFlowMeter(network, team, batch.steps(), batch.batch(), times.length, passage)
        .measure(batch, times).layers().stream()
            .map(layer -> Layer.of(layer, batch.steps()))
            .toList();
  }
}
