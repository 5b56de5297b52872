package dev.unfold.run.series;

import java.util.List;

/// What a detector says of an event.
///
/// @param keys the values that tell its series from the others
/// @param time as it was given
/// @param values for each target
/// @param score how many alarms an event would give if such a score gave one: the smaller, the odder; NaN if nothing
///     came
/// @param alarm whether it gives alarm, alone or with those before
/// @param alarms how many alarms its series has had, runs of such events counted once
public record Detection(
    List<String> keys, String time, List<Value> values, double score, boolean alarm, long alarms) {

  /// What is said of one target.
  ///
  /// @param target its name
  /// @param value what came; NaN for nothing
  /// @param expected the median of what was foreseen
  /// @param low what one in forty was foreseen to be below
  /// @param high what one in forty was foreseen to be above
  /// @param score as that of the event, of this target alone
  public record Value(
      String target, double value, double expected, double low, double high, double score) {}

  /// Copies the lists.
  public Detection {
    keys = List.copyOf(keys);
    values = List.copyOf(values);
  }

  /// The target that was oddest.
  public Value oddest() {
    Value oddest = values.getFirst();
    for (Value each : values) {
      boolean isOdder = Double.isNaN(oddest.score()) || each.score() < oddest.score();
      oddest = isOdder ? each : oddest;
    }
    return oddest;
  }
}
