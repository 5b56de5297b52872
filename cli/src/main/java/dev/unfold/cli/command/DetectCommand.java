package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.InputFiles;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.TableForm;
import dev.unfold.cli.option.WeightsOption;
import dev.unfold.cli.report.DetectionReport;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.RowStream;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.run.Interrupts;
import dev.unfold.run.output.OutputFile;
import dev.unfold.run.series.AlarmRate;
import dev.unfold.run.series.Detection;
import dev.unfold.run.series.DetectionTable;
import dev.unfold.run.series.Detector;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.series.SeriesSpec;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold detect`
@Command(
    name = "detect",
    description = {
      "Finds what is odd in series, event by event: how unlikely each is by what a model foresaw,"
          + " and an alarm where that is rarer than the alarms that are put up with.",
      "",
      "The model is one of unfold train series --horizon 1 --state carried --output student (or"
          + " normal, negbin, quantiles). Rows of a series have to come in the order of their"
          + " times; a time that is left out is a missing value. Standard input is answered line by"
          + " line.",
      ""
    },
    footer = {
      "Examples:",
      "  unfold detect model.safetensors cpu.csv --alarms 1/week --out scores.csv",
      "  tail -f cpu.csv | unfold detect model.safetensors - --alarms 1/month --state cpu.state"
    })
public final class DetectCommand implements Callable<Integer> {
  /// Characters that are written at a time.
  private static final int BUFFERED = 1 << 16;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model of series that detects.")
  private Path model;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "Tables of such series, as those that it was trained on; or - alone, standard input,"
              + " which is answered line by line. None beside --jdbc.")
  private List<Path> files = List.of();

  @Mixin private TableForm form;

  @Option(
      names = "--alarms",
      paramLabel = "N/TIME",
      required = true,
      description =
          "False alarms that are put up with in each series: a number an hour, day, week, month or"
              + " year, or in so many steps: 1/week, 1/1000.")
  private String alarms;

  @Option(
      names = "--state",
      paramLabel = "FILE",
      description =
          "What is known of the series: gone on from if the file is there, and kept there in the"
              + " end (default: all series begin anew).")
  private Path state;

  @Option(
      names = "--out",
      paramLabel = "FILE.csv",
      description =
          "Where the table of all events goes, and alarms alone are printed (default: the table is"
              + " printed).")
  private Path out;

  @Mixin private WeightsOption weights;
  @Mixin private JsonOption json;
  @Mixin private BackendOption backend;

  @Override
  public Integer call() {
    if (out != null && json.isAsked()) {
      throw new Refusal("json", "no --out beside it", out);
    }
    AlarmRate rate = AlarmRate.parse(alarms);
    Detector detector =
        new Detector(Forecaster.of(model, weights.load(model, backend.kernels())), rate);
    SeriesSpec series = detector.forecaster().spec();
    DetectionTable table = new DetectionTable(series.columns().by(), series.columns().targets());
    if (out != null) {
      OutputFile.checkTable(out, table.header());
    }
    if (state != null && Files.exists(state)) {
      detector.resume(state);
    } else if (state != null) {
      OutputFile.check(state);
    }
    boolean isInput = files.size() == 1 && InputFiles.isInput(files.getFirst());
    if (!isInput) {
      try (RowStream rows = form.stream(files)) {
        detect(detector, rows, table, rate);
      }
      return 0;
    }
    StoppableInput input = new StoppableInput(InputFiles.standardInput());
    try (RowStream rows = form.stream("standard input", input);
        Interrupts interrupts = Interrupts.catching(input::stop)) {
      detect(detector, rows, table, rate);
      return interrupts.exitCode();
    }
  }

  private void detect(Detector detector, RowStream rows, DetectionTable table, AlarmRate rate) {
    Optional<DataException> wrong =
        out == null ? print(detector, rows, table) : write(detector, rows, table, rate);
    if (state != null) {
      detector.save(state);
    }
    if (wrong.isPresent()) {
      throw wrong.get();
    }
  }

  /// Each line is printed before more is waited for.
  private Optional<DataException> print(Detector detector, RowStream rows, DetectionTable table) {
    PrintWriter printed = spec.commandLine().getOut();
    StringBuilder lines = new StringBuilder();
    if (!json.isAsked()) {
      lines.append(table.header()).append('\n');
    }
    Runnable print =
        () -> {
          printed.append(lines);
          printed.flush();
          lines.setLength(0);
        };
    Consumer<Detection> found =
        json.isAsked() ? each -> table.json(lines, each) : each -> table.row(lines, each);
    Optional<DataException> wrong = read(detector, rows, found, print);
    print.run();
    return wrong;
  }

  /// The file has all rows up to the first that cannot be read.
  private Optional<DataException> write(
      Detector detector, RowStream rows, DetectionTable table, AlarmRate rate) {
    DetectionReport report = new DetectionReport(spec.commandLine().getOut(), rate);
    List<DataException> wrong = new ArrayList<>();
    AtomicFile.write(
        out,
        channel -> {
          Writer writer = Channels.newWriter(channel, StandardCharsets.UTF_8);
          writer.write(table.header() + "\n");
          StringBuilder lines = new StringBuilder();
          Consumer<Detection> found =
              each -> {
                table.row(lines, each);
                report.add(each);
                if (lines.length() > BUFFERED) {
                  put(writer, lines);
                }
              };
          read(detector, rows, found, () -> {}).ifPresent(wrong::add);
          put(writer, lines);
          writer.flush();
        });
    report.end(out);
    return wrong.stream().findFirst();
  }

  private static void put(Writer writer, StringBuilder lines) {
    try {
      writer.append(lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    lines.setLength(0);
  }

  /// What came before a row that cannot be read counts, and is told.
  private static Optional<DataException> read(
      Detector detector, RowStream rows, Consumer<Detection> found, Runnable wait) {
    try {
      detector.read(rows, found, wait);
      return Optional.empty();
    } catch (DataException e) {
      return Optional.of(e);
    }
  }
}
