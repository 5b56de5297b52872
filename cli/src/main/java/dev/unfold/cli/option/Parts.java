package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import java.util.List;
import java.util.stream.Stream;

/// The parts of an option that is a list with commas. (Splitting is not left to picocli: it drops empty parts at the
/// end, so that `,` would be no parts at all.)
public final class Parts {
  private Parts() {}

  /// The parts of an option that may be given several times, in their order.
  ///
  /// @param expected what a part is, for messages
  ///
  /// **Errors**: [IllegalArgumentException] for a part that is empty, or there twice.
  public static List<String> of(String option, String expected, List<String> values) {
    List<String> parts =
        values.stream()
            .flatMap(value -> Stream.of(value.split(",", -1)))
            .map(String::strip)
            .toList();
    if (parts.stream().anyMatch(String::isEmpty)) {
      throw new Refusal(
          option,
          "%s between commas".formatted(expected),
          "none in \"%s\"".formatted(String.join("\", \"", values)));
    }
    for (int i = 0; i < parts.size(); i++) {
      if (parts.indexOf(parts.get(i)) < i) {
        throw new Refusal(option, "each once", "another %s".formatted(parts.get(i)));
      }
    }
    return parts;
  }

  /// A whole number of 1 or more.
  public static int count(String option, String expected, String part) {
    try {
      int count = Integer.parseInt(part);
      if (count >= 1) {
        return count;
      }
    } catch (NumberFormatException e) {
      throw wrong(option, expected, part);
    }
    throw wrong(option, expected, part);
  }

  private static Refusal wrong(String option, String expected, String part) {
    return new Refusal(option, expected, part);
  }
}
