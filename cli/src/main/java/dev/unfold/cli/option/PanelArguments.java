package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.ProfileOptions;
import dev.unfold.data.series.Duplicates;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.data.table.Table;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.series.SeriesTask;
import java.util.List;
import java.util.Optional;
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
      names = "--static-start",
      description =
          "Start the state of each window from the columns of --static, by a map that is learned,"
              + " and not from zeros.")
  private boolean isStaticStart;

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

  @Option(
      names = "--gaps",
      paramLabel = "WHAT",
      defaultValue = "grid",
      description =
          "What the distances of rows are: grid, steps are even and those that no row has are"
              + " missing; input, each row is a step, and the time since the last one is read"
              + " (default: ${DEFAULT-VALUE}).")
  private String gaps;

  /// What `--known` says, before it is known whether those are columns.
  public List<String> known() {
    return known;
  }

  /// A network of a task, with the start that is asked for.
  public NetworkSpec started(NetworkSpec network, SeriesTask task) {
    return isStaticStart ? network.with(task.staticStart()) : network;
  }

  /// The series of `table`.
  public Panel read(Table table) {
    SeriesColumns columns = columns(table);
    if (!gaps.equals("grid") && !gaps.equals("input")) {
      throw new Refusal("gaps", "grid or input", gaps);
    }
    if (gaps.equals("input") && columns.isOrdered()) {
      throw new Refusal("gaps", "grid beside --frequency none, where no time is read", gaps);
    }
    return Panel.read(
        List.of(table),
        columns,
        gaps.equals("input") ? Optional.of(Frequency.ofRows(0)) : Optional.empty());
  }

  /// What the columns of `table` are.
  private SeriesColumns columns(Table table) {
    ProfileOptions said = series.profile(table);
    if (!frequency.equals("auto") && !frequency.equals("none")) {
      throw new Refusal("frequency", "auto or none", frequency);
    }
    return new SeriesColumns(
        frequency.equals("none") && table.layout().isEmpty() ? List.of() : said.time(),
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
