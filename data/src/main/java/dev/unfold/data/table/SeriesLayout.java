package dev.unfold.data.table;

import dev.unfold.argument.Expect;
import java.util.List;

/// Which columns of a table are what, where the form of its files says so: one that has series and not rows.
///
/// @param by the columns that tell series apart
/// @param time the column of times, or of the numbers of steps
/// @param value the column of values
public record SeriesLayout(List<String> by, String time, String value) {
  /// Copies the list.
  public SeriesLayout {
    by = List.copyOf(by);
    Expect.given("time", time);
    Expect.given("value", value);
  }
}
