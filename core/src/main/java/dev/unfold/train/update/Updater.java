package dev.unfold.train.update;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Changes a network's parameters by their gradients, as an [UpdateRule] says: clips, asks the schedule for the
/// learning rate, lets the optimizer step, and averages.
///
/// It keeps numbers for each parameter ([#kept]); how many updates there were is counted by its caller.
///
/// **Memory**: [#copies] times the parameters.
///
/// **Threads**: one caller at a time; the result is the same for any team, bit for bit.
public final class Updater {
  private static final String SLOT = "slot";
  private static final String AVERAGE = "average";

  private final UpdateRule rule;
  private final Network network;
  private final Parameters gradients;
  private final Clipping clipping;
  private final Optimizer optimizer;
  private final Average average;

  /// An update that was made.
  ///
  /// @param norm of the gradients before they were clipped
  /// @param rate the learning rate
  /// @param averaged updates that are in the average now
  public record Made(double norm, double rate, long averaged) {}

  /// @param network whose parameters are changed
  /// @param team the threads
  public Updater(UpdateRule rule, Network network, Team team) {
    this.rule = Expect.given("rule", rule);
    this.network = Expect.given("network", network);
    gradients = network.parameters().zeros();
    optimizer = new Optimizer(rule.optimizer(), network, gradients, rule.groups(), team);
    clipping = new Clipping(rule.clip(), network, gradients);
    average = new Average(rule.averaging(), network);
  }

  /// How many times the memory of the parameters updates take, with a copy of them beside the average that is
  /// validated.
  public static int copies(UpdateRule rule) {
    return Expect.given("rule", rule).optimizer().slots()
        + (rule.averaging() instanceof Averaging.None ? 0 : 2);
  }

  /// The derivatives of the loss, which are filled before each [#update].
  public Parameters gradients() {
    return gradients;
  }

  /// One update.
  ///
  /// @param at where the run is before it
  /// @param loss whose gradients they are
  /// @param divisor what the gradients are still to be divided by, but not the loss
  /// @param averaged updates that are in the average before it
  ///
  /// **Errors**: [ArithmeticException] for a loss or gradients that are not finite, or whose squares are infinite in
  /// what the optimizer keeps, which no parameter would recover from: no parameter is changed.
  public Made update(Schedule.Point at, double loss, double divisor, long averaged) {
    double rate = rule.learningRate() * rule.schedule().factor(Expect.given("at", at));
    double norm = clipping.norm() / divisor;
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw new ArithmeticException(notFinite(loss, norm));
    }
    double scale = clipping.clip(norm, divisor);
    expectSquares(
        rule.clip() instanceof Clip.Value value
            ? Math.min(norm, value.limit())
            : norm * divisor * scale);
    optimizer.step(scale, rate, rule.decay());
    return new Made(norm, rate, average.add(at.update() + 1, averaged));
  }

  private String notFinite(double loss, double norm) {
    String parameter = gradients.firstNonFinite();
    return "expected a finite loss and gradient, got loss %s and gradient norm %s%s; try a smaller"
            .formatted(loss, norm, parameter == null ? "" : " (first in " + parameter + ")")
        + " learning rate or clip";
  }

  private void expectSquares(double norm) {
    boolean isFloat = network.kernels().precision() == Precision.FLOAT;
    double most = Math.sqrt(isFloat ? Float.MAX_VALUE : Double.MAX_VALUE);
    if (norm > most && rule.optimizer().keepsSquares()) {
      throw new ArithmeticException(
          ("expected gradients whose squares can be kept, with a norm of at most %.1e, got %.3e;"
                  + " try to clip them")
              .formatted(most, norm));
    }
  }

  /// The average of the parameters, which is validated instead of them, if there is one.
  public Optional<Parameters> average() {
    return Optional.ofNullable(average.values());
  }

  /// Tells the average that the network was validated.
  ///
  /// @param loss what that gave
  /// @param before the losses that it keeps
  /// @return those that it keeps now
  public List<Double> validated(double loss, List<Double> before) {
    return average.validated(loss, Expect.given("before", before));
  }

  /// A copy of what is kept for each parameter, by name and in order, to be saved and restored: `slot0`, ... of the
  /// optimizer, and `average` once there is one.
  public Map<String, Parameters> kept() {
    Map<String, Parameters> all = slots();
    average().ifPresent(values -> all.put(AVERAGE, values));
    all.replaceAll((name, values) -> values.copy());
    return all;
  }

  private Map<String, Parameters> slots() {
    Map<String, Parameters> slots = new LinkedHashMap<>();
    for (Parameters slot : optimizer.slots()) {
      slots.put(SLOT + slots.size(), slot);
    }
    return slots;
  }

  /// Goes on as after `updates` updates.
  ///
  /// @param kept what [#kept] was then
  ///
  /// **Errors**: [IllegalArgumentException] if it is that of another rule or network.
  public void restore(long updates, Map<String, Parameters> kept) {
    Map<String, Parameters> slots = slots();
    Map<String, Parameters> given = new LinkedHashMap<>(Expect.given("kept", kept));
    Parameters averaged = given.remove(AVERAGE);
    if (averaged != null && rule.averaging() instanceof Averaging.None) {
      throw new Refusal("state", "one without an average", "one with an average");
    }
    if (!given.keySet().equals(slots.keySet())) {
      throw new Refusal(
          "state",
          "%s of the optimizer for each parameter".formatted(slots.keySet()),
          given.keySet());
    }
    kept.forEach((name, values) -> network.parameters().expectAlike("state: " + name, values));
    slots.forEach((name, slot) -> slot.set(given.get(name)));
    average.restore(averaged == null ? null : averaged.copy());
    optimizer.restore(updates);
  }
}
