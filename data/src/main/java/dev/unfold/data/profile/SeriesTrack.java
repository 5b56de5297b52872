package dev.unfold.data.profile;

/// What is known of one series.
final class SeriesTrack {
  private final String name;
  private final SeriesTimes times;
  private final ValueTrack[] values;

  /// Null for series that are not looked at for seasons.
  private final KeptSeries kept;

  // How many values each column has behind the last value of a target; null if none.
  private int[] later;

  /// @param kept null for a series that is not looked at for a season
  SeriesTrack(String name, SeriesTimes times, int targets, KeptSeries kept) {
    this.name = name;
    this.times = times;
    this.kept = kept;
    values = new ValueTrack[targets];
    for (int i = 0; i < targets; i++) {
      values[i] = new ValueTrack();
    }
  }

  String name() {
    return name;
  }

  SeriesTimes times() {
    return times;
  }

  ValueTrack values(int target) {
    return values[target];
  }

  KeptSeries kept() {
    return kept;
  }

  void targetIsThere() {
    later = null;
  }

  int[] later(int columns) {
    if (later == null) {
      later = new int[columns];
    }
    return later;
  }

  int[] later() {
    return later;
  }
}
