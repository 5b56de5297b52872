package dev.unfold.cli.command;

import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.SeriesArguments;
import dev.unfold.cli.option.TableArguments;
import dev.unfold.data.profile.TableProfile;
import dev.unfold.data.table.Table;
import dev.unfold.run.output.Json;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `unfold look`
@Command(
    name = "look",
    description = {
      "Tells what a table holds: columns and their types, found from all rows; the frequency of its"
          + " series, gaps and rows that are there twice; seasons; and what could go wrong.",
      ""
    },
    footer = {
      "Examples:",
      "  unfold look sales.csv",
      "  unfold look sales.csv --time date --by store,item --target sales"
    })
public final class LookCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Mixin private TableArguments table;
  @Mixin private SeriesArguments series;
  @Mixin private JsonOption json;

  @Override
  public void run() {
    try (Table read = table.read()) {
      TableProfile profile = TableProfile.of(read, series.profile(read));
      PrintWriter out = spec.commandLine().getOut();
      LookReport report = new LookReport(read, profile);
      if (json.isAsked()) {
        Json.print(out, report.json());
      } else {
        report.print(out);
      }
    }
  }
}
