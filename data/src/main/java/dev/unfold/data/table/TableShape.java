package dev.unfold.data.table;

/// How a file lays series out.
public enum TableShape {
  /// A row has one value of each column, and the first line of a file the columns' names.
  LONG,
  /// A row is a series: its name, then its values in order, as many as it has. Rows may be filled up with empty values.
  /// It is read as a table of three columns, `id`, `step` (from 1) and `value`.
  WIDE
}
