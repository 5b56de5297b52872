package dev.unfold.data.table;

import java.util.Optional;

/// A column, as all of its values make it.
///
/// @param index from 0
/// @param name as the file has it
/// @param type what its values are
/// @param rows how many values it could have
/// @param missing how many are missing
/// @param decimal the decimal sign of its numbers
/// @param dates the order in its dates
/// @param isZoned whether its times have their zone with them
/// @param clock what time its whole numbers are, if they are times
/// @param odd what made it text though other values could be read as something else
public record Column(
    int index,
    String name,
    ColumnType type,
    long rows,
    long missing,
    char decimal,
    DateOrder dates,
    boolean isZoned,
    NumberClock clock,
    Optional<Odd> odd) {

  /// The first value that is not what most of a column of text could be read as.
  ///
  /// @param place where it stands
  /// @param value it, or its beginning
  /// @param type what most values could be read as
  /// @param count how many can
  /// @param others how many cannot
  public record Odd(Place place, String value, ColumnType type, long count, long others) {}

  /// The share of values that are missing.
  public double missingShare() {
    return rows == 0 ? 0 : (double) missing / rows;
  }
}
