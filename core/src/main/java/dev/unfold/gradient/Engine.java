package dev.unfold.gradient;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.online.OnlineGradient;
import dev.unfold.online.OnlineRule;
import dev.unfold.sequence.Truncation;
import java.util.function.Supplier;

/// How the gradient of a loss is found: followed back through time, or carried forward with it.
public sealed interface Engine {
  /// Checks that networks of `spec` can be trained so.
  ///
  /// **Errors**: [IllegalArgumentException] for a budget or truncation if layers run in both directions.
  default void expectUsable(NetworkSpec spec) {
    if (!(this instanceof Full) && spec.directions() > 1) {
      throw new Refusal("engine", "full back-propagation for layers of both directions", this);
    }
  }

  /// Back-propagation through all T steps, with all of them in memory.
  record Full() implements Engine {}

  /// Back-propagation cut as `truncation` says, with all T steps in memory.
  record Truncated(Truncation truncation) implements Engine {
    /// Checks that there is one.
    public Truncated {
      Expect.given("truncation", truncation);
    }
  }

  /// No way back: the gradient of each step comes with the step, by an online rule ([OnlineRule#parse]), and parameters
  /// change every so many steps.
  ///
  /// @param rule the rule's name
  /// @param updateEvery after how many steps
  record Online(String rule, int updateEvery) implements Engine {
    /// Checks both.
    public Online {
      named(() -> OnlineRule.parse(rule, 1, 1));
      if (updateEvery < 1) {
        throw new Refusal("update-every", "1 step or more", updateEvery);
      }
    }

    @Override
    public void expectUsable(NetworkSpec spec) {
      named(() -> {
        rule(spec, 1).expectUsable(spec);
        return null;
      });
    }

    /// The rule for networks of `spec`.
    ///
    /// @param seed of what is random in it
    public OnlineRule rule(NetworkSpec spec, long seed) {
      return OnlineRule.parse(rule, seed, spec.outputs());
    }

    /// What learns by it.
    ///
    /// @param seed of what is random in it
    ///
    /// **Errors**: as [OnlineGradient#of].
    public OnlineGradient of(Network network, Team team, int batch, long seed) {
      return named(() -> OnlineGradient.of(network, team, batch, rule(network.spec(), seed)));
    }

    /// Here a rule is an engine.
    private static <R> R named(Supplier<R> made) {
      try {
        return made.get();
      } catch (Refusal refused) {
        throw refused.argument().equals("rule") ? refused.renamed("engine") : refused;
      }
    }
  }

  /// Back-propagation through all T steps in at most `bytes` of memory, with parts of the forward pass computed again:
  /// the same gradient as [Full], bit for bit.
  record Budgeted(long bytes) implements Engine {
    /// Checks the number.
    public Budgeted {
      if (bytes < 1) {
        throw new Refusal("memory", "1 byte or more", bytes);
      }
    }
  }
}
