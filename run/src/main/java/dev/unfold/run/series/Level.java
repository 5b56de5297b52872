package dev.unfold.run.series;

/// How large the values of a channel are before an origin, on their scale.
///
/// @param center c, where they are
/// @param width w, how far they are from there
/// @param change d, how far each is from the one before
/// @param unit s, how far each is from the one a season before
/// @param shift r, how far the last are from their baseline
record Level(double center, double width, double change, double unit, double shift) {
  /// Of numbers that may be 0 or none: the first of those that can stand in for it which is above 0 does.
  static Level of(double center, double width, double change, double unit, double shift) {
    double spread = firstPositive(width, change, Math.abs(center), 1);
    double step = firstPositive(change, spread);
    return new Level(center, spread, step, firstPositive(unit, step), shift);
  }

  private static double firstPositive(double... values) {
    for (double value : values) {
      if (value > 0 && Double.isFinite(value)) {
        return value;
      }
    }
    return 1;
  }

  /// That of the C steps before an origin.
  static Level ofContext(SeriesSpec spec, Track track, int origin) {
    int from = Math.max(0, origin - spec.context());
    double sum = 0;
    int count = 0;
    double seasonal = 0;
    int seasons = 0;
    double changes = 0;
    int pairs = 0;
    for (int t = from; t < origin; t++) {
      double y = track.at(t);
      if (Double.isNaN(y)) {
        continue;
      }
      sum += y;
      count++;
      double before = Math.abs(y - track.at(t - 1));
      if (!Double.isNaN(before)) {
        changes += before;
        pairs++;
      }
      double last = Math.abs(y - track.at(t - spec.season()));
      if (!Double.isNaN(last)) {
        seasonal += last;
        seasons++;
      }
    }
    double center = count == 0 ? 0 : sum / count;
    double squares = 0;
    for (int t = from; t < origin; t++) {
      double y = track.at(t);
      squares += Double.isNaN(y) ? 0 : (y - center) * (y - center);
    }
    return of(
        center,
        count == 0 ? 0 : Math.sqrt(squares / count),
        pairs == 0 ? 0 : changes / pairs,
        seasons == 0 ? 0 : seasonal / seasons,
        shift(spec, track, origin));
  }

  private static double shift(SeriesSpec spec, Track track, int origin) {
    double sum = 0;
    int count = 0;
    for (int t = Math.max(0, origin - spec.shift()); t < origin; t++) {
      double distance = track.at(t) - track.at(t - spec.baseline());
      sum += Double.isNaN(distance) ? 0 : distance;
      count += Double.isNaN(distance) ? 0 : 1;
    }
    return count == 0 ? 0 : sum / count;
  }
}
