package dev.unfold.data.table;

/// What stands first in dates such as 03/04/2025.
public enum DateOrder {
  DAY_FIRST,
  MONTH_FIRST;

  /// As an option says it.
  public String text() {
    return this == DAY_FIRST ? "day-first" : "month-first";
  }
}
