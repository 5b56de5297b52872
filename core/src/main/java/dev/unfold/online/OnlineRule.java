package dev.unfold.online;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.layer.Passage;
import dev.unfold.model.NetworkSpec;
import java.util.List;
import java.util.Optional;

/// What is kept of how the parameters have moved the states, so that the gradient of a step's error is there when the
/// step is, without a way back through time.
///
/// Every rule says how an error may go back from a step to the one before ([dev.unfold.layer.Passage]), so each is
/// equal to a back-propagation through time that lets no more pass; or, with random signs, equal to it in the mean.
///
/// | rule | keeps | memory of a sequence | gradient |
/// |---|---|---|---|
/// | rtrl | all of J(t) | S P numbers; S P / N if N heads are apart; P for each state if units are | exact |
/// | rtrl-layerwise | J(t) of each layer's own states | S P of each layer | exact for the uppermost layer |
/// | snap1, snap1-strict | what a unit hands on to itself | a number for each parameter and state | biased |
/// | [SnApN] | what reaches a state within n steps, for matrices with zeros | what is reached | biased, to exact |
/// | eprop | the same without the recurrent matrices | the same | biased |
/// | rflo | as eprop, with errors through fixed random weights | the same | biased |
/// | immediate | nothing | none | biased: truncation after one step |
/// | uoro | one vector for the states, one for the parameters | S + P | exact in the mean, noisy |
/// | kf-rtrl | a matrix and a vector, of cells with one pre-activation | S^2 + I + H | exact in the mean, less noisy |
public sealed interface OnlineRule {
  /// The names that [#parse] knows.
  String NAMES = "rtrl, rtrl-layerwise, snap1, snap1-strict, eprop, rflo, immediate, uoro, kf-rtrl";

  /// The names that [#parse] knows, each by itself.
  static List<String> names() {
    return List.of(NAMES.split(", "));
  }

  /// Real-time recurrent learning: all of J(t).
  ///
  /// **Source**: R. J. Williams and D. Zipser, 1989; N. Zucchet et al., Online learning of long-range dependencies,
  /// 2023, for the layerwise form.
  ///
  /// @param isLayerwise whether each layer keeps the influence on its own states alone
  record Rtrl(boolean isLayerwise) implements OnlineRule {}

  /// What a unit hands on to itself, through the diagonals of the recurrent matrices too.
  ///
  /// **Source**: J. Menick et al., Practical real time recurrent learning with a sparse approximation, 2021, which is
  /// the strict form.
  ///
  /// @param isStrict whether a parameter keeps a trace only for states that it reaches within a step
  record SnAp1(boolean isStrict) implements OnlineRule {}

  /// What reaches a state within n steps, where the recurrent matrices have zeros: those that are zero when the rule is
  /// made stay so. With n = 1 what a unit hands on to itself; where n steps reach all states, exact. It is for networks
  /// whose zeros are given, so it has no name that [#parse] knows.
  ///
  /// **Source**: J. Menick et al., as [SnAp1].
  ///
  /// @param steps n
  record SnApN(int steps) implements OnlineRule {
    /// Checks the number.
    public SnApN {
      if (steps < 1) {
        throw new Refusal("steps", "n of 1 or more", steps);
      }
    }
  }

  /// What a unit hands on within itself.
  ///
  /// **Source**: G. Bellec et al., A solution to the learning dilemma for recurrent networks of spiking neurons, 2020;
  /// for an LSTM the gradient of S. Hochreiter and J. Schmidhuber, Long short-term memory, 1997.
  record EProp() implements OnlineRule {}

  /// As [EProp], but the layer learns from the readout's errors through fixed random weights.
  ///
  /// **Source**: J. M. Murray, Local online learning in recurrent networks with random feedback, 2019.
  ///
  /// @param feedback the weights
  record Rflo(Feedback feedback) implements OnlineRule {
    /// Checks that there is one.
    public Rflo {
      Expect.given("feedback", feedback);
    }
  }

  /// Nothing: an error goes back no further than its own step.
  record Immediate() implements OnlineRule {}

  /// J(t) as the product of two vectors with random signs.
  ///
  /// **Source**: C. Tallec and Y. Ollivier, Unbiased online recurrent optimization, 2017.
  ///
  /// @param signs one for each state
  record Uoro(Signs signs) implements OnlineRule {
    /// Checks that there are some.
    public Uoro {
      Expect.given("signs", signs);
    }
  }

  /// J(t) as the Kronecker product of a vector and a matrix with random signs.
  ///
  /// **Source**: A. Mujika et al., Approximating real-time recurrent learning with random Kronecker factors, 2018.
  ///
  /// @param signs two
  record KfRtrl(Signs signs) implements OnlineRule {
    /// Checks that there are some.
    public KfRtrl {
      Expect.given("signs", signs);
    }
  }

  /// The rule of a name.
  ///
  /// @param seed of what is random in it
  /// @param outputs K of the network
  ///
  /// **Errors**: [IllegalArgumentException] that lists the names.
  static OnlineRule parse(String name, long seed, int outputs) {
    return switch (Expect.given("rule", name)) {
      case "rtrl" -> new Rtrl(false);
      case "rtrl-layerwise" -> new Rtrl(true);
      case "snap1" -> new SnAp1(false);
      case "snap1-strict" -> new SnAp1(true);
      case "eprop" -> new EProp();
      case "rflo" -> new Rflo(Feedback.random(seed, outputs));
      case "immediate" -> new Immediate();
      case "uoro" -> new Uoro(Signs.random(seed));
      case "kf-rtrl" -> new KfRtrl(Signs.random(seed));
      default -> throw new Refusal("rule", NAMES, name);
    };
  }

  /// Checks that networks of `spec` can learn by it.
  ///
  /// **Errors**: [IllegalArgumentException] for layers of both directions, pooled outputs, random masks, starts that
  /// are learned, and cells whose units mix within a step where the rule keeps units apart.
  default void expectUsable(NetworkSpec spec) {
    RuleLimits.check(this, Expect.given("spec", spec));
  }

  /// Whether random signs are drawn for it, so that its gradient differs from seed to seed.
  default boolean isRandom() {
    return this instanceof Uoro || this instanceof KfRtrl;
  }

  /// What of an error it lets pass from a step to the one before; empty if nothing does. For rules with random signs
  /// that is so in the mean.
  default Optional<Passage> passage() {
    return switch (this) {
      case Rtrl _, Uoro _, KfRtrl _ -> Optional.of(Passage.WHOLE);
      case SnAp1 _ -> Optional.of(Passage.SAME_UNIT);
      // The whole way of each error, but not to all parameters.
      case SnApN _ -> Optional.of(Passage.WHOLE);
      case EProp _, Rflo _ -> Optional.of(Passage.WITHIN);
      case Immediate _ -> Optional.empty();
    };
  }

  /// Its name.
  default String text() {
    return switch (this) {
      case Rtrl own -> own.isLayerwise() ? "rtrl-layerwise" : "rtrl";
      case SnAp1 own -> own.isStrict() ? "snap1-strict" : "snap1";
      case SnApN own -> "snap" + own.steps();
      case EProp _ -> "eprop";
      case Rflo _ -> "rflo";
      case Immediate _ -> "immediate";
      case Uoro _ -> "uoro";
      case KfRtrl _ -> "kf-rtrl";
    };
  }
}
