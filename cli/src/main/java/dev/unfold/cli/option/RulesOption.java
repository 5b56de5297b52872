package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.online.OnlineRule;
import java.util.List;
import picocli.CommandLine.Option;

/// The option that says which online rules are compared with the exact gradient.
public final class RulesOption {
  private static final String NONE = "none";

  @Option(
      names = "--rules",
      paramLabel = "NAME,...",
      split = ",",
      description =
          "Online rules whose gradients are compared with the exact one: rtrl, rtrl-layerwise,"
              + " snap1, snap1-strict, eprop, rflo, immediate, uoro, kf-rtrl; or none (default:"
              + " ${DEFAULT-VALUE}).")
  private List<String> rules;

  /// @param usual what they are where nothing is said
  public RulesOption(String... usual) {
    rules = List.of(usual);
  }

  /// Their names.
  ///
  /// **Errors**: [IllegalArgumentException] for one that is none.
  public List<String> names() {
    if (rules.equals(List.of(NONE))) {
      return List.of();
    }
    for (String rule : rules) {
      if (!OnlineRule.names().contains(rule)) {
        throw new Refusal("rules", NONE + ", or names of " + OnlineRule.NAMES, rule);
      }
    }
    return rules;
  }
}
