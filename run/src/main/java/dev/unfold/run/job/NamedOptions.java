package dev.unfold.run.job;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/// What was said of options, as texts by the names that the command line has for them, without hyphens before them:
/// `hidden` is `64`.
///
/// **Errors**: all that read a value throw a [Refusal] that names the option.
///
/// @param said texts by name; of an option that is a list, with commas between its parts
public record NamedOptions(Map<String, String> said) {
  private static final String BETWEEN = ",";

  /// Copies the map.
  public NamedOptions {
    said = Map.copyOf(said);
  }

  /// The same, where what was not said is as in `usual`.
  public NamedOptions or(Map<String, String> usual) {
    Map<String, String> all = new HashMap<>(usual);
    all.putAll(said);
    return new NamedOptions(all);
  }

  /// Refuses options that nobody knows.
  public NamedOptions expectOnly(Set<String> known) {
    for (String name : new TreeSet<>(said.keySet())) {
      if (!known.contains(name)) {
        throw new Refusal(name, "one of " + String.join(", ", new TreeSet<>(known)), "another");
      }
    }
    return this;
  }

  /// Whether something was said of it.
  public boolean has(String name) {
    return said.containsKey(name);
  }

  /// What was said.
  public Optional<String> find(String name) {
    return Optional.ofNullable(said.get(name));
  }

  /// The same, or `usual`.
  public String text(String name, String usual) {
    return said.getOrDefault(name, usual);
  }

  /// The parts of a list; none if nothing was said.
  public List<String> list(String name) {
    String text = text(name, "");
    return text.isEmpty() ? List.of() : List.of(text.split(BETWEEN, -1));
  }

  /// A whole number.
  public int whole(String name, int usual) {
    return find(name).map(text -> whole(name, "a whole number", text)).orElse(usual);
  }

  /// A whole number from 1 on, or `auto` for what follows from the data.
  public OptionalInt wholeOrAuto(String name) {
    String text = text(name, "auto");
    return text.equals("auto")
        ? OptionalInt.empty()
        : OptionalInt.of(positive(name, "auto, or a whole number from 1 on", text));
  }

  static int positive(String name, String expected, String text) {
    int number = whole(name, expected, text);
    if (number < 1) {
      throw new Refusal(name, expected, text);
    }
    return number;
  }

  private static int whole(String name, String expected, String text) {
    return Decimal.whole(Decimal.parse(text).orElse(Double.NaN))
        .orElseThrow(() -> new Refusal(name, expected, text));
  }

  /// A number.
  public double number(String name, double usual) {
    return find(name)
        .map(text -> Decimal.parse(text).orElseThrow(() -> new Refusal(name, "a number", text)))
        .orElse(usual);
  }

  /// A seed.
  public long seed() {
    String text = text("seed", "1");
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new Refusal("seed", "a whole number", text, e);
    }
  }

  /// `true` or `false`; false if nothing was said.
  public boolean isSet(String name) {
    String text = text(name, "false");
    if (!text.equals("true") && !text.equals("false")) {
      throw new Refusal(name, "true or false", text);
    }
    return text.equals("true");
  }
}
