package dev.unfold.train.update;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// A name with numbers by name, as options are written: `sgd,momentum=0.9`.
///
/// @param option which option it is, for messages
record NamedNumbers(String option, String name, Map<String, Double> numbers) {
  /// **Errors**: [IllegalArgumentException] if what follows the name is no NAME=NUMBER.
  static NamedNumbers parse(String option, String text) {
    String[] parts = Expect.given(option, text).strip().split(",", -1);
    Map<String, Double> numbers = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      int sign = parts[i].indexOf('=');
      Double number = sign < 1 ? null : number(parts[i].substring(sign + 1));
      if (number == null || numbers.put(parts[i].substring(0, sign), number) != null) {
        throw new Refusal(option, "NAME=NUMBER after %s, each once".formatted(parts[0]), parts[i]);
      }
    }
    return new NamedNumbers(option, parts[0], numbers);
  }

  private static Double number(String text) {
    OptionalDouble number = Decimal.parse(text);
    return number.isPresent() ? number.getAsDouble() : null;
  }

  /// **Errors**: [IllegalArgumentException] if there is a number of another name.
  void expectOnly(String... names) {
    for (String given : numbers.keySet()) {
      if (!List.of(names).contains(given)) {
        throw Refusal.within(
            option, name, names.length == 0 ? "no numbers" : "one of " + List.of(names), given);
      }
    }
  }

  /// A number that has to be there.
  double get(String key) {
    Double number = numbers.get(key);
    if (number == null) {
      throw Refusal.within(option, name, key + "=NUMBER", "none");
    }
    return number;
  }

  /// A whole number of `least` or more that has to be there.
  int whole(String key, int least) {
    double number = get(key);
    if (number != Math.rint(number) || number < least || number > Integer.MAX_VALUE) {
      throw Refusal.within(
          option, name, "a whole number of %d or more for %s".formatted(least, key), number);
    }
    return (int) number;
  }
}
