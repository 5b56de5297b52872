package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.data.table.QuerySink;
import dev.unfold.data.table.RowCopy;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.model.Provenance;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.job.NamedOptions;
import dev.unfold.run.job.TrainingJob;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.CommandSpec;

/// Trainings by options and rows take the options of `unfold train` by their names, and mean the same by what is not
/// said: the two are written down apart.
final class JobOptionsTest {
  /// What the command line alone has: where data come from, how they are written, where a training runs and goes on,
  /// and what clusters do not do.
  private static final Set<String> OF_THE_COMMAND =
      Set.of(
          "backend",
          "checkpoint",
          "column",
          "config",
          "dates",
          "decimal",
          "delimiter",
          "encoding",
          "engine",
          "from",
          "help",
          "holidays",
          "jdbc",
          "jdbc-user",
          "json",
          "label-until",
          "memory",
          "minutes",
          "na",
          "names",
          "on",
          "out",
          "quote",
          "reach",
          "resume",
          "run",
          "sql",
          "test",
          "threads",
          "update-every",
          "valid",
          "vector-words",
          "vectors",
          "version",
          "watch",
          "wide",
          "window",
          "words",
          "workers");

  /// A column of rows, where the command line has files.
  private static final Set<String> OF_ROWS = Set.of("text");

  @TempDir private Path folder;

  private static Set<String> options(TrainingJob.Kind kind) {
    Set<String> names = new TreeSet<>();
    command(kind).options().forEach(option -> names.add(option.longestName().substring(2)));
    return names;
  }

  @Test
  void names_ofAllKinds_areThoseOfTheCommandLine() {
    Set<String> unknown = new TreeSet<>();
    Set<String> absent = new TreeSet<>();
    for (TrainingJob.Kind kind : TrainingJob.Kind.values()) {
      Set<String> command = options(kind);
      Set<String> job = kind.names();
      job.stream().filter(name -> !command.contains(name)).forEach(unknown::add);
      command.stream().filter(name -> !job.contains(name)).forEach(absent::add);
    }
    assertEquals(OF_ROWS, unknown);
    assertEquals(new TreeSet<>(OF_THE_COMMAND), absent);
  }

  private interface Filling {
    void into(QuerySink sink, List<String> lines);
  }

  private void assertSame(
      TrainingJob.Kind kind, String file, Filling filling, Map<String, String> said)
      throws IOException {
    List<String> lines = new ArrayList<>();
    RowCopy rows = RowCopy.of("rows", sink -> filling.into(sink, lines));
    Path data = Files.write(folder.resolve(file), lines);
    Path model = folder.resolve("model.safetensors");
    List<Object> arguments = new ArrayList<>(List.of("train", kind.text(), data));
    arguments.addAll(List.of("--epochs", 1, "--threads", 1, "--out", model));
    new TreeMap<>(said)
        .forEach((name, value) -> {
          if (!OF_ROWS.contains(name) || kind != TrainingJob.Kind.TEXT) {
            arguments.addAll(List.of("--" + name, value));
          }
        });
    Cli.printed(arguments.toArray());

    Kernels kernels = Backends.best(Precision.FLOAT);
    TrainingRun run =
        new TrainingJob(kind, new NamedOptions(said), rows)
            .run(kernels, Team.of(1), folder.resolve("none"), Optional.empty());
    Map<String, Object> expected = told(ModelFile.load(model, kernels));
    TrainingOptions options = (TrainingOptions) expected.get("options");
    // To go through the data as often as is usual would take a minute.
    expected.put("options", options.withBudget(usual(kind)));
    assertEquals(expected, told(run.described()));
  }

  private static Budget usual(TrainingJob.Kind kind) {
    return new Budget.Epochs(
        Integer.parseInt(command(kind).findOption("--epochs").defaultValueString()));
  }

  private static CommandSpec command(TrainingJob.Kind kind) {
    return Main.commandLine()
        .getSubcommands()
        .get("train")
        .getSubcommands()
        .get(kind.text())
        .getCommandSpec();
  }

  private static Map<String, Object> told(Model model) {
    Provenance provenance = model.provenance().orElseThrow();
    Map<String, Object> told = new TreeMap<>();
    if (model instanceof NetworkModel network) {
      told.putAll(network.description());
    }
    told.put("network", model.network().spec());
    told.put("options", provenance.options());
    told.put("seed", provenance.beginning().seed());
    told.put("init", provenance.beginning().initialization().text());
    return told;
  }

  @Test
  void series_ofWhichNothingIsSaid_areLearnedAsByTheCommandLine() throws IOException {
    assertSame(
        TrainingJob.Kind.SERIES,
        "days.csv",
        (sink, lines) -> {
          sink.columns(List.of("day", "y"));
          lines.add("day,y");
          for (int t = 0; t < 60; t++) {
            LocalDate day = LocalDate.of(2026, 1, 1).plusDays(t);
            double y = 3 + t % 7 + 0.25 * (t % 3);
            lines.add(day + "," + y);
            sink.local(day.atStartOfDay());
            sink.number(y);
            sink.end();
          }
        },
        Map.of("target", "y", "horizon", "2"));
  }

  @Test
  void texts_ofWhichNothingIsSaid_areClassifiedAsByTheCommandLine() throws IOException {
    assertSame(
        TrainingJob.Kind.CLASSIFY,
        "texts.csv",
        (sink, lines) -> {
          sink.columns(List.of("body", "class"));
          lines.add("body,class");
          for (int i = 0; i < 40; i++) {
            String body = "it was " + (i % 2 == 0 ? "good" : "bad");
            String name = i % 2 == 0 ? "yes" : "no";
            lines.add(body + "," + name);
            sink.text(body);
            sink.text(name);
            sink.end();
          }
        },
        Map.of("text", "body", "label", "class"));
  }

  @Test
  void tags_ofWhichNothingIsSaid_areLearnedAsByTheCommandLine() throws IOException {
    assertSame(
        TrainingJob.Kind.TAGS,
        "tags.txt",
        (sink, lines) -> {
          sink.columns(List.of("sentence", "word", "tag"));
          for (int i = 0; i < 40; i++) {
            for (String each : List.of("the\tDET", i % 2 == 0 ? "dog\tNOUN" : "cat\tNOUN")) {
              lines.add(each);
              String[] parts = each.split("\t", -1);
              sink.whole(i);
              sink.text(parts[0]);
              sink.text(parts[1]);
              sink.end();
            }
            lines.add("");
          }
        },
        Map.of());
  }

  @Test
  void text_ofWhichNothingIsSaid_isLearnedAsByTheCommandLine() throws IOException {
    assertSame(
        TrainingJob.Kind.TEXT,
        "text.txt",
        (sink, lines) -> {
          sink.columns(List.of("value"));
          for (int i = 0; i < 100; i++) {
            lines.add("so it goes " + i % 5);
            sink.text(lines.getLast());
            sink.end();
          }
        },
        Map.of());
  }
}
