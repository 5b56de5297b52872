package dev.unfold.run.series;

import dev.unfold.data.series.SeriesColumns;
import java.util.ArrayList;
import java.util.List;

/// Something that a network for series reads beside the past of the target.
///
/// @param kind what it is
/// @param column its name; empty for what is none
public record SeriesInput(Kind kind, String column) {
  /// What an input is.
  public enum Kind {
    /// A column that is known of the future as well.
    KNOWN,
    /// A column that is known of the past alone.
    PAST,
    /// A column that never changes in a series.
    STATIC,
    /// The parts of times.
    CALENDAR,
    /// Holidays.
    HOLIDAYS,
    /// The distances of rows.
    GAPS
  }

  /// All that a network reads.
  static List<SeriesInput> of(SeriesSpec spec) {
    List<SeriesInput> all = new ArrayList<>();
    SeriesColumns columns = spec.columns();
    columns.known().forEach(name -> all.add(new SeriesInput(Kind.KNOWN, name)));
    columns.past().forEach(name -> all.add(new SeriesInput(Kind.PAST, name)));
    columns.statics().forEach(name -> all.add(new SeriesInput(Kind.STATIC, name)));
    if (!spec.calendar().isEmpty()) {
      all.add(new SeriesInput(Kind.CALENDAR, ""));
    }
    spec.holidays().ifPresent(_ -> all.add(new SeriesInput(Kind.HOLIDAYS, "")));
    if (spec.isOfRows()) {
      all.add(new SeriesInput(Kind.GAPS, ""));
    }
    return all;
  }

  boolean isColumn(String name) {
    return !column.isEmpty() && column.equals(name);
  }
}
