package dev.unfold.data.table;

/// What the values of a column are, all of them but those that are missing.
public enum ColumnType {
  /// Numbers, at least one with a fraction or an exponent.
  NUMBER("number"),
  /// Numbers without a fraction.
  WHOLE("whole number"),
  /// `true` and `false`, or `yes` and `no`.
  BOOLEAN("yes or no"),
  /// Dates, or dates with times of day, months, quarters or weeks.
  TIME("time"),
  /// Anything else: categories, names, sentences.
  TEXT("text"),
  /// Nothing: all values are missing.
  EMPTY("empty");

  private final String text;

  ColumnType(String text) {
    this.text = text;
  }

  /// As people call it.
  public String text() {
    return text;
  }

  /// Whether it can be computed with.
  public boolean isNumeric() {
    return this == NUMBER || this == WHOLE;
  }
}
