package dev.unfold.run.series;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.series.Duplicates;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.RowStream;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.series.OriginData.Origin;
import dev.unfold.train.Budget;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Rows at any distances, which are read.
final class GapsTest {
  private static final Kernels KERNELS = Backends.best(Precision.FLOAT);
  private static final LocalDateTime START = LocalDateTime.of(2024, 1, 1, 0, 0);
  private static final AlarmRate WEEKLY = AlarmRate.parse("1/week");
  private static final int ROWS = 260;

  @TempDir private Path folder;

  /// Rows of two pumps, the wetter the longer the last one is away.
  ///
  /// @param changed the first row from which on times and values are others
  private static List<String> rows(long seed, int changed) {
    SplittableRandom random = new SplittableRandom(seed);
    SplittableRandom other = new SplittableRandom(seed + 1);
    List<String> rows = new ArrayList<>();
    for (String pump : List.of("a", "b")) {
      LocalDateTime at = START;
      double wet = 0;
      for (int t = 0; t < ROWS; t++) {
        long seconds = 60 + Math.round(-600 * Math.log(random.nextDouble()));
        double noise = random.nextGaussian();
        seconds = t < changed ? seconds : 1 + other.nextInt(100_000);
        at = at.plusSeconds(seconds);
        wet = 0.5 * wet + seconds / 600.0 + 0.1 * noise + (t < changed ? 0 : other.nextInt(9));
        rows.add("%s,%s,%.3f".formatted(at, pump, wet));
      }
    }
    return rows;
  }

  private Panel panel(List<String> rows, Duplicates duplicates) throws IOException {
    Path file =
        Files.writeString(folder.resolve("t.csv"), "at,pump,wet\n" + String.join("\n", rows));
    SeriesColumns columns =
        new SeriesColumns(
            List.of("at"),
            List.of("pump"),
            List.of("wet"),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            false,
            duplicates);
    try (Table table = Table.read(file)) {
      return Panel.read(List.of(table), columns, Optional.of(Frequency.ofRows(0)));
    }
  }

  private Panel panel(List<String> rows) throws IOException {
    return panel(rows, Duplicates.REFUSE);
  }

  private static SeriesTask task(Panel panel, StateUse state, int horizon) {
    SeriesOptions options =
        new SeriesOptions(
                horizon,
                OptionalInt.of(12),
                OptionalInt.of(1),
                Optional.of(List.of()),
                Optional.of(List.of(Calendar.HOUR)),
                Optional.of(Scale.LINEAR),
                60,
                OptionalInt.of(20))
            .withState(state);
    return new SeriesTask(panel, options, Output.parse("student"), Precision.FLOAT, 3, List.of());
  }

  private static Forecaster trained(SeriesTask task, int threads) {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), task.encoder(), 8, 1, task.head());
    Network network = Network.create(spec, KERNELS, 5);
    TrainingOptions options = task.usualOptions().withBatch(8).withBudget(new Budget.Epochs(1));
    new Trainer(network, options, 5, Team.of(threads), _ -> {})
        .run(task.training(options), task.validator());
    return task.forecaster(network);
  }

  private static List<Forecast> forecasts(Forecaster forecaster, Panel panel, int origin) {
    List<Origin> origins =
        Channels.of(panel, forecaster.spec()).all().stream()
            .map(channel -> new Origin(channel, origin))
            .toList();
    return forecaster.forecast(origins);
  }

  private static void assertSame(Forecast expected, Forecast actual) {
    for (int h = 0; h < expected.quantiles().length; h++) {
      assertArrayEquals(expected.quantiles()[h], actual.quantiles()[h]);
    }
    assertArrayEquals(expected.means(), actual.means());
  }

  @Test
  void rows_atAnyDistances_areSteps() throws IOException {
    Panel panel =
        panel(
            List.of(
                "2024-01-01T00:00,a,1",
                "2024-01-01T00:01,b,2",
                "2024-01-01T00:07:30,a,3",
                "2024-01-01T00:07:30,a,5",
                "2024-03-01T00:00,a,"),
            Duplicates.MEAN);
    Series first = panel.series().getFirst();
    assertEquals(3, first.steps());
    assertArrayEquals(new double[] {1, 4, Double.NaN}, first.numbers()[0].copy(0, 3));
    assertEquals("2024-01-01 00:07:30", first.timeline().text(1));
    assertEquals("2024-03-01 00:00", first.timeline().text(2));
    assertEquals(1, panel.series().getLast().steps());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2024-01-01T00:02,a,1;2024-01-01T00:01,a,2|line 3 (series a): expected a time that is not"
            + " before that of the row above, 2024-01-01 00:02, got 2024-01-01 00:01",
        "2024-01-01T00:02,a,1;2024-01-01T00:02,a,2|line 3 (series a): expected one row for"
            + " 2024-01-01 00:02; --duplicates mean, sum or last takes more, got another after"
            + " line 2",
        "3,a,1;4,a,2|expected a column of times, whose distances are read, got an order in at"
      })
  void rows_thatAreNoSteps_areRefusedByTheirLine(String rows, String expected) {
    String message =
        assertThrows(DataException.class, () -> panel(List.of(rows.split(";", -1)))).getMessage();
    assertTrue(message.endsWith(expected), message);
  }

  @ParameterizedTest
  @CsvSource({"WINDOW,4", "CARRIED,4", "CARRIED,1"})
  void forecast_whenTimesAndValuesBehindTheOriginAreChanged_keepsItsBits(
      StateUse state, int horizon) throws IOException {
    Panel panel = panel(rows(1, ROWS));
    Forecaster forecaster = trained(task(panel, state, horizon), 1);
    Panel other = panel(rows(1, 230));
    List<Forecast> own = forecasts(forecaster, panel, 230);
    List<Forecast> changed = forecasts(forecaster, other, 230);
    for (int i = 0; i < own.size(); i++) {
      assertSame(own.get(i), changed.get(i));
      assertNotEquals(own.get(i).times(), changed.get(i).times());
    }
    // What is learned follows from the training part alone.
    assertEquals(forecaster.spec(), task(panel(rows(1, ROWS - 40)), state, horizon).spec());
    // One row earlier is known.
    Panel late = panel(rows(1, 229));
    assertNotEquals(
        own.getFirst().means()[0], forecasts(forecaster, late, 230).getFirst().means()[0]);
  }

  @Test
  void distance_ofTheLastRow_isReadAtTheNextStep() throws IOException {
    Panel panel = panel(rows(1, ROWS));
    SeriesSpec spec = task(panel, StateUse.WINDOW, 4).spec();
    Channel channel = Channels.of(panel, spec).all().getFirst();
    Window window = new Window(spec, channel, 100);
    double[] read = new double[Window.numbers(spec)];
    window.read(100, read);
    double gap = channel.gap(99) / spec.frequency().count();
    assertEquals(Math.log((1 + gap) / 2), read[read.length - 1], 1e-12);
    window.read(101, read);
    assertEquals(0, read[read.length - 1]);
    assertEquals(
        channel.local(99, 100).plusNanos(2000 * spec.frequency().count()), channel.local(101, 100));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void forecast_ofAFile_goesOnByTheMedianDistance(int horizon) throws IOException {
    Panel panel = panel(rows(1, ROWS));
    Forecaster forecaster = trained(task(panel, StateUse.CARRIED, horizon), 2);
    Path file = folder.resolve("m.safetensors");
    forecaster.save(file);
    Forecaster read = Forecaster.load(file, KERNELS);
    List<Forecast> own = forecaster.forecast(panel);
    try (Table table = Table.read(folder.resolve("t.csv"))) {
      List<Forecast> again = read.forecast(read.panel(List.of(table)));
      assertEquals(own.getFirst().times(), again.getFirst().times());
      assertSame(own.getFirst(), again.getFirst());
    }
    Series first = panel.series().getFirst();
    long micros = forecaster.spec().frequency().count();
    assertTrue(micros > 300_000_000 && micros < 700_000_000, micros + "");
    String expected =
        first.timeline().textAt(first.timeline().position(ROWS - 1) + horizon * micros);
    assertEquals(expected, own.getFirst().times().getLast());
    if (horizon == 1) {
      assertEquals(
          first.timeline().textAt(first.timeline().position(ROWS - 1) + 3 * micros),
          read.paths(panel, 3, 4, 1).getFirst().times().getLast());
    }
    Forecaster other = trained(task(panel, StateUse.CARRIED, horizon), 1);
    assertSame(own.getFirst(), other.forecast(panel).getFirst());
  }

  private static List<Detection> read(Detector detector, List<String> rows) {
    List<Detection> all = new ArrayList<>();
    String text = "at,pump,wet\n" + String.join("\n", rows) + "\n";
    try (RowStream stream =
        RowStream.of(
            "events",
            new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
            TableOptions.defaults())) {
      detector.read(stream, all::add);
    }
    return all;
  }

  @Test
  void detector_ofRowsAtAnyDistances_expectsWhatABacktestForeseesAndGoesOnWithTheSameBits()
      throws IOException {
    List<String> rows = rows(1, ROWS);
    Panel panel = panel(rows);
    Forecaster forecaster = trained(task(panel, StateUse.CARRIED, 1), 1);
    List<Detection> whole = read(new Detector(forecaster, WEEKLY), rows);
    assertEquals(rows.size(), whole.size());
    for (Backtest.Tested each : Backtest.of(forecaster, panel, 20, 7).windows()) {
      int at = each.forecast().origin() + (each.forecast().series().equals("a") ? 0 : ROWS);
      assertEquals(each.forecast().median(0), whole.get(at).values().getFirst().expected());
    }
    List<Detection> parts = new ArrayList<>();
    Path state = folder.resolve("state");
    for (int from = 0; from < rows.size(); from += 101) {
      Detector detector = new Detector(forecaster, WEEKLY);
      if (from > 0) {
        detector.resume(state);
      }
      parts.addAll(read(detector, rows.subList(from, Math.min(from + 101, rows.size()))));
      detector.save(state);
    }
    assertEquals(whole.toString(), parts.toString());
    String again = rows.getFirst();
    String message =
        assertThrows(
                DataException.class,
                () -> read(new Detector(forecaster, WEEKLY), List.of(rows.get(1), again)))
            .getMessage();
    assertTrue(
        message.startsWith("events: line 3, column at: expected a time after the one before of"),
        message);
  }
}
