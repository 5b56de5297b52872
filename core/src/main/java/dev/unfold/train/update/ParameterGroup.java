package dev.unfold.train.update;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Parameters that are trained in a way of their own.
///
/// @param names a regular expression that the whole name of a parameter matches, such as `bias.*` or
///     `embedding\.weight`
/// @param rate what the learning rate is multiplied with
/// @param decay what the weight decay is multiplied with
public record ParameterGroup(String names, double rate, double decay) {
  private static final ParameterGroup OTHERS = new ParameterGroup(".*", 1, 1);

  /// Checks the numbers and the expression.
  public ParameterGroup {
    Expect.given("names", names);
    if (!(rate >= 0 && decay >= 0 && rate < 1e6 && decay < 1e6)) {
      throw new Refusal(
          "group", "a rate and a decay of 0 or more", "%s and %s".formatted(rate, decay));
    }
    try {
      Pattern.compile(names);
    } catch (PatternSyntaxException e) {
      throw new Refusal("group", "a regular expression", names + ": " + e.getDescription(), e);
    }
  }

  /// The first of `groups` that `parameter` belongs to; for others one of 1 and 1.
  static ParameterGroup of(String parameter, List<ParameterGroup> groups) {
    return groups.stream()
        .filter(group -> parameter.matches(group.names))
        .findFirst()
        .orElse(OTHERS);
  }

  /// Checks that each of `groups` has a parameter of its own.
  ///
  /// @param parameters the names of the parameters of a network
  ///
  /// **Errors**: [IllegalArgumentException] for a group whose expression matches no name, or only names that groups
  /// before it match: it would change nothing.
  public static void check(List<ParameterGroup> groups, List<String> parameters) {
    Expect.given("groups", groups);
    List<String> left = new ArrayList<>(Expect.given("parameters", parameters));
    for (ParameterGroup group : groups) {
      if (!left.removeIf(parameter -> parameter.matches(group.names))) {
        throw new Refusal(
            "group",
            "a regular expression that matches the whole name of a parameter, and of one that no"
                + " group before it has",
            "%s; the names are %s".formatted(group.names, String.join(", ", parameters)));
      }
    }
  }

  /// What [#parse] reads.
  public String text() {
    return Clause.of(names).with("rate", rate).with("decay", decay).text();
  }

  /// Reads `NAMES,rate=NUMBER,decay=NUMBER`.
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  public static ParameterGroup parse(String text) {
    Clause read = Clause.headed("group", text).only("rate", "decay");
    if (read.parts().isEmpty()) {
      throw new Refusal(
          "group", "NAMES,rate=NUMBER,decay=NUMBER with one of the numbers or both", text);
    }
    return new ParameterGroup(read.head(), read.number("rate", 1), read.number("decay", 1));
  }
}
