package dev.unfold.data.profile;

import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/// What a table is looked at for.
///
/// @param time the column of times, or those of year, month and, perhaps, day; found if empty
/// @param by the columns that tell series apart; none if there is one series
/// @param targets the columns whose series matter; all that have numbers if none
/// @param zone the time zone of times that have none with them, and that all are told in
public record ProfileOptions(
    List<String> time, List<String> by, List<String> targets, Optional<ZoneId> zone) {

  public ProfileOptions {
    time = List.copyOf(time);
    by = List.copyOf(by);
    targets = List.copyOf(targets);
  }

  /// All is found, and there is one series.
  public static ProfileOptions defaults() {
    return new ProfileOptions(List.of(), List.of(), List.of(), Optional.empty());
  }
}
