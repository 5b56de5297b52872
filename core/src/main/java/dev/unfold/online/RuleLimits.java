package dev.unfold.online;

import dev.unfold.argument.Refusal;
import dev.unfold.layer.Coupling;
import dev.unfold.layer.Passage;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;

/// Which networks can learn by a rule.
final class RuleLimits {
  private static final String RULE = "rule";

  private final NetworkSpec spec;

  private RuleLimits(NetworkSpec spec) {
    this.spec = spec;
  }

  /// **Errors**: [IllegalArgumentException] that says what does not go together.
  static void check(OnlineRule rule, NetworkSpec spec) {
    RuleLimits limits = new RuleLimits(spec);
    limits.checkNetwork();
    switch (rule) {
      case OnlineRule.Rtrl _, OnlineRule.Immediate _ -> {}
      case OnlineRule.SnAp1 _ -> limits.checkUnits(Passage.SAME_UNIT);
      case OnlineRule.SnApN _ -> {
        limits.checkUnits(Passage.SAME_UNIT);
        limits.checkOutputs();
      }
      case OnlineRule.EProp _ -> limits.checkUnits(Passage.WITHIN);
      case OnlineRule.Rflo _ -> limits.checkFeedback();
      case OnlineRule.Uoro _ -> limits.checkOutput();
      case OnlineRule.KfRtrl _ -> {
        limits.checkOnePreActivation();
        limits.checkOutput();
      }
    }
  }

  private void checkNetwork() {
    if (spec.directions() > 1) {
      throw new Refusal(RULE, "layers of one direction", "both directions");
    }
    if (!spec.noise().equals(Noise.NONE)) {
      throw new Refusal(RULE, "a network without random masks", spec.noise().text());
    }
    if (spec.start().isPresent()) {
      throw new Refusal(RULE, "sequences that start from zeros", "a start that is learned");
    }
    if (!spec.head().isOfSteps()) {
      throw new Refusal(RULE, "a loss of each step", spec.head().text());
    }
  }

  private Coupling coupling(int l) {
    LayerSpec layer = spec.stack().get(l);
    return Coupling.of(layer.cell(), spec.inputSize(l), layer.hidden());
  }

  private void checkUnits(Passage passage) {
    for (int l = 0; l < spec.layers(); l++) {
      coupling(l).expectUsable(passage);
    }
  }

  private void checkFeedback() {
    if (spec.layers() > 1 || !spec.encoder().categories().isEmpty()) {
      throw new Refusal(
          RULE,
          "one layer that reads numbers, for rflo, or another rule",
          spec.layers() + (spec.encoder().categories().isEmpty() ? " of numbers" : " of tokens"));
    }
    if (spec.factored().isPresent()) {
      throw new Refusal(RULE, "a softmax over all classes for rflo", "a factored one");
    }
    checkUnits(Passage.WITHIN);
  }

  private void checkOutputs() {
    for (int l = 0; l < spec.layers(); l++) {
      checkOutput(l, "snap-n");
    }
  }

  private void checkOutput() {
    checkOutput(spec.layers() - 1, "uoro or kf-rtrl");
  }

  private void checkOutput(int top, String rule) {
    if (coupling(top).outputState() < 0) {
      throw Refusal.within(
          RULE,
          "cell " + spec.stack().get(top).cell().name(),
          "rtrl, or a cell whose output is one of its states",
          rule);
    }
  }

  private void checkOnePreActivation() {
    Coupling first = coupling(0);
    if (spec.layers() > 1 || !first.hasOnePreActivation() || first.outputState() != 0) {
      throw new Refusal(
          RULE,
          "one layer of a cell with one state and one pre-activation, as elman, for kf-rtrl",
          "%d of %s".formatted(spec.layers(), spec.cell().name()));
    }
  }
}
