package dev.unfold.data.profile;

import dev.unfold.data.table.Place;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What happened in the order of rows, with the first places.
final class RowEvents {
  long missingTimes;
  Place missingTime;
  long skipped;
  Place skippedPlace;
  long twice;
  Place twicePlace;
  final List<Repeat> duplicates = new ArrayList<>();
  Repeat backward;

  /// A row whose time does not follow.
  record Repeat(Place place, String series, long local) {}

  /// A finding for each kind of event that was seen.
  List<Finding> findings(Optional<Clock> clock, Optional<ZoneId> asked, Frequency frequency) {
    List<Finding> findings = new ArrayList<>();
    String name = clock.map(Clock::name).orElse("");
    if (missingTimes > 0) {
      findings.add(
          Finding.at(
              missingTime,
              name,
              Profiler.rows(missingTimes) + " without a time, or with none that is a date"));
    }
    String zone = asked.map(Object::toString).orElse("");
    if (skipped > 0) {
      findings.add(
          Finding.at(
              skippedPlace,
              name,
              "%s with a time that does not exist in %s, where clocks were put forward"
                  .formatted(Profiler.rows(skipped), zone)));
    }
    if (twice > 0) {
      findings.add(
          Finding.at(
              twicePlace,
              name,
              "%s in an hour that exists twice in %s; the first that comes is taken as the first"
                  .formatted(Profiler.rows(twice), zone)));
    }
    if (backward != null) {
      findings.add(
          Finding.at(
              backward.place(),
              name,
              "%s lies before the row above it%s"
                  .formatted(
                      clock.orElseThrow().text(backward.local(), frequency),
                      Profiler.of(backward.series()))));
    }
    return findings;
  }
}
