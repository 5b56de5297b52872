package dev.unfold.data.profile;

import dev.unfold.data.table.Column;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// What a column holds.
///
/// @param column its name, type, and how much is missing
/// @param numbers if it has numbers
/// @param times if it has times: the first and the last
/// @param distinct how many different values a column of categories has, if not too many
/// @param frequent the most frequent of these, with their shares of all rows
/// @param isNamedAsAValue whether its name is one of its categories, as if the first row were in place of names
public record ColumnProfile(
    Column column,
    Optional<Numbers> numbers,
    Optional<Times> times,
    OptionalInt distinct,
    List<Share> frequent,
    boolean isNamedAsAValue) {

  /// The numbers of a column.
  ///
  /// @param zeros how many are 0
  /// @param sentinel a number below 0 in an otherwise positive column, which may mean that there is none
  public record Numbers(
      double least, double most, double mean, long zeros, Optional<Sentinel> sentinel) {}

  /// What may mean that there is no number.
  ///
  /// @param text as it is written where it is first
  /// @param count how many there are
  /// @param line of the first
  public record Sentinel(String text, long count, long line) {}

  /// The first and the last time, as people read them.
  public record Times(String first, String last) {}

  /// How frequent a category is.
  ///
  /// @param share of all rows
  public record Share(String value, double share) {}
}
