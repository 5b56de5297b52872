package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.ProfileOptions;
import dev.unfold.data.table.SeriesLayout;
import dev.unfold.data.table.Table;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Which columns of a table are series.
public final class SeriesArguments {
  @Option(
      names = "--time",
      paramLabel = "COL",
      split = ",",
      converter = ColumnName.class,
      description =
          "The column of times: dates, times, or whole numbers; or those of year, month and day,"
              + " with commas between them (default: the first with dates or times, or whole"
              + " numbers that are years, days or seconds and are called so).")
  private List<String> time = List.of();

  @Option(
      names = "--by",
      paramLabel = "COL",
      split = ",",
      converter = ColumnName.class,
      description =
          "The columns that tell series apart, with commas between them (default: all rows are one"
              + " series).")
  private List<String> by = List.of();

  @Option(
      names = "--target",
      paramLabel = "COL",
      split = ",",
      converter = ColumnName.class,
      description =
          "The columns whose series matter, with commas between them (default: all that have"
              + " numbers, up to 32).")
  private List<String> targets = List.of();

  @Option(
      names = "--tz",
      paramLabel = "ZONE",
      description =
          "The time zone of times without one, such as Europe/Berlin, and in which all are told"
              + " (default: none; a day has 24 hours then).")
  private String zone;

  /// What was said; what was not is plain for a table whose files have series.
  public ProfileOptions profile(Table table) {
    Optional<SeriesLayout> own = table.layout();
    return new ProfileOptions(
        or(time, own.map(each -> List.of(each.time()))),
        or(by, own.map(SeriesLayout::by)),
        or(targets, own.map(each -> List.of(each.value()))),
        Optional.ofNullable(zone).map(SeriesArguments::zone));
  }

  private static List<String> or(List<String> said, Optional<List<String>> own) {
    return said.isEmpty() ? own.orElse(said) : said;
  }

  private static ZoneId zone(String name) {
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      throw new Refusal("tz", "a zone such as Europe/Berlin, UTC or +01:00", name, e);
    }
  }
}
