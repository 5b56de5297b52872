package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.model.NetworkSpec;
import dev.unfold.online.OnlineRule;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import picocli.CommandLine.Option;

/// The option that says which online rules are measured.
public final class RulesOption {
  private static final String NONE = "none";

  @Option(
      names = "--rules",
      paramLabel = "NAME,...",
      description =
          "Online rules to measure beside back-propagation: rtrl, rtrl-layerwise, snap1,"
              + " snap1-strict, eprop, rflo, immediate, uoro, kf-rtrl; or none (default:"
              + " ${DEFAULT-VALUE}).")
  private String rules;

  /// @param usual what they are where nothing is said
  public RulesOption(String... usual) {
    rules = String.join(",", usual);
  }

  /// Their names.
  ///
  /// **Errors**: [IllegalArgumentException] for one that is none.
  public List<String> names() {
    if (rules.equals(NONE)) {
      return List.of();
    }
    List<String> names = List.of(rules.split(",", -1));
    for (String rule : names) {
      if (!OnlineRule.names().contains(rule)) {
        throw new Refusal("rules", NONE + " alone, or names of " + OnlineRule.NAMES, rule);
      }
    }
    return names.stream().distinct().toList();
  }

  /// Those that networks of `spec` can learn by.
  ///
  /// @param left is told the name of each other one, and why
  public List<String> usable(NetworkSpec spec, BiConsumer<String, String> left) {
    List<String> usable = new ArrayList<>();
    for (String name : names()) {
      try {
        OnlineRule.parse(name, 1, spec.outputs()).expectUsable(spec);
        usable.add(name);
      } catch (Refusal refused) {
        left.accept(name, refused.withName("network"));
      }
    }
    return usable;
  }
}
