package dev.unfold.data.table;

/// What one value can be read as, by itself.
enum Reading {
  WHOLE,
  /// With a point, an exponent, or both.
  FRACTION,
  /// With a comma that can only be a decimal one.
  COMMA,
  /// `1,234`: a decimal comma, or a separator of thousands.
  COMMA_OR_THOUSANDS,
  /// `1,234.5`, `1.234.567`, `1 234`.
  THOUSANDS,
  /// Infinite, or too large for a double.
  INFINITE,
  BOOLEAN,
  /// `2025-03-04`, with or without a time of day.
  DATE,
  /// `2025-03`
  MONTH,
  /// `2025-Q1`
  QUARTER,
  /// `2025-W09`
  WEEK,
  /// `03/04/2025`
  EITHER_ORDER,
  /// `31/01/2025`
  DAY_FIRST,
  /// `01/31/2025`
  MONTH_FIRST,
  /// `03/04/25`
  SHORT_YEAR,
  OTHER;

  boolean isTime() {
    return compareTo(DATE) >= 0 && compareTo(SHORT_YEAR) <= 0;
  }
}
