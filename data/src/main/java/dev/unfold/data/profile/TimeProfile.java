package dev.unfold.data.profile;

import java.util.Collection;

/// The times of a table's series.
///
/// @param column that has them
/// @param isFound whether nobody said so
/// @param frequency that of most rows
/// @param first of all series, for people
/// @param last of all series, for people
/// @param shortest how many rows the shortest series has
/// @param longest how many rows the longest has
/// @param others how many series have another frequency
/// @param gaps how many places there are where steps are missing
/// @param missingSteps how many steps those are
/// @param duplicates how many rows have the time of the row before them in their series
/// @param backwards how many rows lie before the row before them
public record TimeProfile(
    String column,
    boolean isFound,
    Frequency frequency,
    String first,
    String last,
    long shortest,
    long longest,
    long others,
    long gaps,
    long missingSteps,
    long duplicates,
    long backwards) {
  /// That of these series.
  ///
  /// @param frequency that of most rows
  static TimeProfile of(
      Clock by, boolean isFound, Frequency frequency, Collection<SeriesTrack> series) {
    long from = Long.MAX_VALUE;
    long to = Long.MIN_VALUE;
    long shortest = Long.MAX_VALUE;
    long longest = 0;
    long others = 0;
    long gaps = 0;
    long missing = 0;
    long duplicates = 0;
    long backwards = 0;
    for (SeriesTrack each : series) {
      SeriesTimes times = each.times();
      from = Math.min(from, times.first());
      to = Math.max(to, times.last());
      shortest = Math.min(shortest, times.rows());
      longest = Math.max(longest, times.rows());
      duplicates += times.duplicates();
      backwards += times.backwards();
      Frequency own = times.frequency(by.isOrder());
      others += own.equals(frequency) || own.equals(Frequency.UNKNOWN) ? 0 : 1;
      if (own.unit().isRegular()) {
        StepCounts.Gaps found = times.gaps();
        gaps += found.count();
        missing += found.missing();
      }
    }
    return new TimeProfile(
        by.name(),
        isFound,
        frequency,
        by.text(from, frequency),
        by.text(to, frequency),
        shortest,
        longest,
        others,
        gaps,
        missing,
        duplicates,
        backwards);
  }
}
