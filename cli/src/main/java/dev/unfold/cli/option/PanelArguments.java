package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.ProfileOptions;
import dev.unfold.data.series.Duplicates;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.data.table.Table;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which columns of a table are series that are to be foreseen, and what else is known of them.
public final class PanelArguments {
  @Mixin private SeriesArguments series;

  @Option(
      names = "--known",
      paramLabel = "COL",
      split = ",",
      converter = ColumnName.class,
      description =
          "Columns that are known of the future as well, such as holidays or planned prices;"
              + " numbers or texts.")
  private List<String> known = List.of();

  @Option(
      names = "--past",
      paramLabel = "COL",
      split = ",",
      converter = ColumnName.class,
      description = "Columns that are known of the past alone; numbers or texts.")
  private List<String> past = List.of();

  @Option(
      names = "--static",
      paramLabel = "COL",
      split = ",",
      converter = ColumnName.class,
      description = "Columns that never change in a series; numbers or texts.")
  private List<String> statics = List.of();

  @Option(
      names = "--duplicates",
      paramLabel = "WHAT",
      defaultValue = "refuse",
      description =
          "What rows of a series with the same time become: refuse, mean, sum or last (default:"
              + " ${DEFAULT-VALUE}).")
  private String duplicates;

  @Option(
      names = "--frequency",
      paramLabel = "WHAT",
      defaultValue = "auto",
      description =
          "auto: what lies between most rows; none: each row is a step, whatever its time (default:"
              + " ${DEFAULT-VALUE}).")
  private String frequency;

  /// What `--known` says, before it is known whether those are columns.
  public List<String> known() {
    return known;
  }

  /// What the columns of `table` are.
  public SeriesColumns columns(Table table) {
    ProfileOptions said = series.profile(table);
    if (!frequency.equals("auto") && !frequency.equals("none")) {
      throw new Refusal("frequency", "auto or none", frequency);
    }
    return new SeriesColumns(
        frequency.equals("none") && !table.isWide() ? List.of() : said.time(),
        said.by(),
        said.targets(),
        known,
        past,
        statics,
        said.zone(),
        frequency.equals("none"),
        Duplicates.parse(duplicates));
  }
}
