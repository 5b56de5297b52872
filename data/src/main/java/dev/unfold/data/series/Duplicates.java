package dev.unfold.data.series;

import dev.unfold.argument.Refusal;
import java.util.Locale;

/// What becomes of several rows of a series with the same time.
public enum Duplicates {
  /// They are refused.
  REFUSE,
  /// The mean of the numbers, the last of the texts.
  MEAN,
  /// The sum of the numbers, the last of the texts.
  SUM,
  /// The last of each.
  LAST;

  /// As people write it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The one that `text` says.
  ///
  /// **Errors**: [Refusal] if it says none.
  public static Duplicates parse(String text) {
    for (Duplicates each : values()) {
      if (each.text().equals(text)) {
        return each;
      }
    }
    throw new Refusal("duplicates", "refuse, mean, sum or last", text);
  }
}
