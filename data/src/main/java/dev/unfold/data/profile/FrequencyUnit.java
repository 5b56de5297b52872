package dev.unfold.data.profile;

/// What lies between two steps of a series.
public enum FrequencyUnit {
  MICROSECOND("microsecond", 0),
  SECOND("second", 3600),
  MINUTE("minute", 1440),
  HOUR("hour", 24),
  DAY("day", 1),
  /// From Monday to Friday.
  BUSINESS_DAY("business day", 5),
  WEEK("week", 1),
  MONTH("month", 12),
  QUARTER("quarter", 4),
  YEAR("year", 1),
  /// Numbers that are no times.
  ORDER("step of the order", 1),
  /// Nothing that is always the same.
  IRREGULAR("irregular", 0),
  /// Nothing: no series has two different times.
  UNKNOWN("unknown", 0);

  private final String text;

  /// How many steps of one unit the usual season has; 0 for none.
  private final int season;

  FrequencyUnit(String text, int season) {
    this.text = text;
    this.season = season;
  }

  String text() {
    return text;
  }

  int season() {
    return season;
  }

  /// Whether its steps are all alike.
  public boolean isRegular() {
    return this != IRREGULAR && this != UNKNOWN;
  }
}
