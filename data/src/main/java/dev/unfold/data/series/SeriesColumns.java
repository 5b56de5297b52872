package dev.unfold.data.series;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.ProfileOptions;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What the columns of a table are for its series.
///
/// @param time the column of times, or those of year, month and day; found if empty
/// @param by the columns that tell series apart; none if all rows are one series
/// @param targets what is to be foreseen
/// @param known what is known of the future as well: holidays, prices that are planned
/// @param past what is known of the past alone
/// @param statics what never changes in a series
/// @param zone the time zone of times that have none with them
/// @param isOrdered whether times say nothing but which row comes first, so that each row is a step
/// @param duplicates what becomes of rows with the same time
public record SeriesColumns(
    List<String> time,
    List<String> by,
    List<String> targets,
    List<String> known,
    List<String> past,
    List<String> statics,
    Optional<ZoneId> zone,
    boolean isOrdered,
    Duplicates duplicates) {

  /// Checks that there is a target, and that each column has one purpose.
  public SeriesColumns {
    time = List.copyOf(time);
    by = List.copyOf(by);
    targets = List.copyOf(targets);
    known = List.copyOf(known);
    past = List.copyOf(past);
    statics = List.copyOf(statics);
    if (targets.isEmpty()) {
      throw new Refusal("target", "one column or more", "none");
    }
    Set<String> seen = new HashSet<>();
    for (List<String> each : List.of(time, targets, known, past, statics)) {
      for (String name : each) {
        if (!seen.add(name)) {
          throw new Refusal(
              "known, past, static, target, time", "each column once", name + " twice");
        }
      }
    }
    if (new HashSet<>(by).size() != by.size()) {
      throw new Refusal("by", "each column once", String.join(",", by));
    }
  }

  /// One series of one target whose times are found.
  public static SeriesColumns of(String... targets) {
    return new SeriesColumns(
        List.of(),
        List.of(),
        List.of(targets),
        List.of(),
        List.of(),
        List.of(),
        Optional.empty(),
        false,
        Duplicates.REFUSE);
  }

  /// The same with a series for each combination of what the columns `names` say.
  public SeriesColumns withBy(String... names) {
    return new SeriesColumns(
        time, List.of(names), targets, known, past, statics, zone, isOrdered, duplicates);
  }

  /// What to look at a table for.
  ProfileOptions profile() {
    return new ProfileOptions(time, by, targets, zone);
  }
}
