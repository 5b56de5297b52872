package dev.unfold.data.table;

import dev.unfold.data.source.DataException;

/// Where in the files something stands.
///
/// @param file its name, as it was given
/// @param line from 1; for a row of several lines the first
public record Place(String file, long line) {
  private static final int LONGEST = 60;

  /// What to throw for what stands there.
  public DataException refusal(String expected, String got) {
    return new DataException(
        "%s: line %d: expected %s, got %s".formatted(file, line, expected, got));
  }

  /// The same for a value of a column.
  public DataException refusal(String column, String expected, String got) {
    return new DataException(
        "%s: line %d, column %s: expected %s, got %s"
            .formatted(file, line, shown(column), expected, got));
  }

  /// A text from a file, short enough for a message.
  public static String shown(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...";
  }
}
