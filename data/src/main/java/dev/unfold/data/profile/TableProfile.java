package dev.unfold.data.profile;

import dev.unfold.data.table.Table;
import java.util.List;
import java.util.Optional;

/// What a table holds.
///
/// **Memory**: bounded, but for what up to 100,000 series need (about a kilobyte each): it takes one pass over the
/// files, and keeps the first 16,384 rows of 8 series for their seasons.
///
/// @param rows how many
/// @param columns each
/// @param time if there is a column of times
/// @param series how many series there are
/// @param targets the columns that were looked at as series
/// @param findings what could go wrong
public record TableProfile(
    long rows,
    List<ColumnProfile> columns,
    Optional<TimeProfile> time,
    long series,
    List<TargetProfile> targets,
    List<Finding> findings) {

  public TableProfile {
    columns = List.copyOf(columns);
    targets = List.copyOf(targets);
    findings = List.copyOf(findings);
  }

  /// Looks at a table.
  ///
  /// **Errors**: [dev.unfold.data.source.DataException] and [dev.unfold.argument.Refusal] for columns that are not
  /// there, or not of the kind that is needed.
  public static TableProfile of(Table table, ProfileOptions options) {
    return new Profiler(table, options).profile();
  }
}
