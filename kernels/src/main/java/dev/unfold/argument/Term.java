package dev.unfold.argument;

import java.util.OptionalDouble;

/// A word, a number, or a word with a number, as options have them: `orthogonal`, `0.1`, `uniform:0.1`.
///
/// @param word empty for a number alone
/// @param number empty for a word alone
public record Term(String word, OptionalDouble number) {
  /// What `text` says. What follows a colon and is no number belongs to the word, which nobody knows then.
  public static Term parse(String text) {
    int colon = text.indexOf(':');
    OptionalDouble number = Decimal.parse(text.substring(colon + 1));
    return number.isEmpty() || colon == 0
        ? new Term(text, OptionalDouble.empty())
        : new Term(text.substring(0, Math.max(0, colon)), number);
  }

  /// A word with a number.
  public static Term of(String word, double number) {
    return new Term(word, OptionalDouble.of(number));
  }

  /// As [#parse] reads it.
  public String text() {
    if (number.isEmpty()) {
      return word;
    }
    return (word.isEmpty() ? "" : word + ":") + number.getAsDouble();
  }
}
