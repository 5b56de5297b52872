package dev.unfold.run.series;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.library.Cells;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.data.series.Timeline;
import dev.unfold.data.source.DataException;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class HolidaysTest {
  private static final Kernels KERNELS = Backends.best(Precision.FLOAT);
  private static final LocalDate FIRST = LocalDate.of(2023, 1, 1);
  private static final int DAYS = 300;

  @TempDir private Path folder;

  private Holidays read(String text) throws IOException {
    return Holidays.read(Files.writeString(folder.resolve("h.csv"), text));
  }

  private static Panel panel(Frequency frequency, LocalDate first, double... values) {
    long at = first.toEpochDay() * 86_400_000_000L;
    Timeline timeline =
        new Timeline(
            frequency, at, at, Optional.empty(), first.getDayOfMonth() == first.lengthOfMonth());
    Series series = new Series("", List.of(), timeline, new double[][] {values}, new int[0][]);
    return new Panel(
        SeriesColumns.of("y"), frequency, List.of("y"), List.of(), List.of(), List.of(series));
  }

  private static Frequency every(FrequencyUnit unit) {
    return new Frequency(unit, 1);
  }

  private static SeriesTask task(Panel panel, Optional<Holidays> holidays, StateUse state) {
    SeriesOptions options =
        new SeriesOptions(
            7,
            OptionalInt.of(14),
            OptionalInt.of(7),
            Optional.empty(),
            Optional.empty(),
            Optional.of(Scale.LINEAR),
            60,
            OptionalInt.of(20),
            state,
            holidays);
    return new SeriesTask(panel, options, Output.quantiles(), Precision.FLOAT, 3, List.of());
  }

  private static Forecaster trained(SeriesTask task, int epochs) {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), task.encoder(), 8, 1, task.head());
    Network network = Network.create(spec, KERNELS, 5);
    TrainingOptions options =
        task.usualOptions().withBatch(8).withBudget(new Budget.Epochs(epochs));
    new Trainer(network, options, 5, Team.of(1), _ -> {})
        .run(task.training(options), task.validator());
    return task.forecaster(network);
  }

  /// Days of which one in ten is a holiday, on which much more is sold on some and nothing on others.
  private static Map<LocalDate, String> days(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<LocalDate, String> named = new HashMap<>();
    for (int day = 0; day < DAYS + 30; day++) {
      if (random.nextInt(10) == 0) {
        named.put(FIRST.plusDays(day), random.nextBoolean() ? "feast" : "rest");
      }
    }
    return named;
  }

  private static double[] sales(Map<LocalDate, String> named, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] y = new double[DAYS];
    for (int day = 0; day < DAYS; day++) {
      String name = named.getOrDefault(FIRST.plusDays(day), "");
      double more = name.equals("feast") ? 40 : name.equals("rest") ? -40 : 0;
      y[day] = 100 + 5 * (day % 7) + more + random.nextGaussian();
    }
    return y;
  }

  @Test
  void table_ofDatesAndNames_isReadInTheOrderOfDates() throws IOException {
    Holidays read = read("day,what\n2025-12-25,Christmas\n2025-01-01,New Year\n2025-05-01,\n");
    assertEquals(
        List.of(LocalDate.of(2025, 1, 1), LocalDate.of(2025, 5, 1), LocalDate.of(2025, 12, 25)),
        read.dates());
    assertEquals(List.of("New Year", "Christmas"), read.names());
    assertEquals(List.of(1, 0, 2), read.which());
    assertEquals(read.dates(), read("what;day\nx;1.1.2025\ny;1.5.2025\nz;25.12.2025\n").dates());
    assertEquals(List.of(), read("day\n2025-12-25\n").names());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "day,x\\n2025-12-25,a\\n2025-12-26,b\\nsoon,c\\n"
            + "|line 4, column day: expected a date such as 2025-12-25, got soon",
        "day,x\\n2025-12-25,a\\n,b\\n"
            + "|line 3, column day: expected a date such as 2025-12-25, got none",
        "day,x\\n2025-12-25 08:00,a\\n"
            + "|line 2, column day: expected a date such as 2025-12-25, got 2025-12-25 08:00",
        "day,x\\n2025-12,a\\n"
            + "|line 2, column day: expected a date such as 2025-12-25, got 2025-12",
        "day,x\\n2025-12-25,a\\n2025-12-24,b\\n2025-12-25,c\\n"
            + "|line 4, column day: expected one row for 2025-12-25, got another after line 2",
        "2025-12-24,x\\n2025-12-25,y\\n"
            + "|line 1, column 2025-12-24: expected the name of the column of dates, got a date",
        "day,x,y\\n2025-12-25,a,b\\n"
            + "|h.csv: expected a column of dates, and one of names or none, got 3 columns",
        "day\\nsoon\\n"
            + "|h.csv: expected a column of dates such as 2025-12-25, got day, which is text"
      })
  void table_withARowThatIsNoHoliday_isRefusedByItsPlace(String text, String expected) {
    String message =
        assertThrows(DataException.class, () -> read(text.replace("\\n", "\n"))).getMessage();
    assertTrue(message.endsWith(expected), message);
    assertTrue(message.contains("h.csv"), message);
  }

  /// What is read of holidays at some steps, by a spec that is found in a panel.
  private static double[] read(Panel panel, Holidays holidays, int step) {
    SeriesSpec spec = task(panel, Optional.of(holidays), StateUse.WINDOW).spec();
    Channel channel = Channels.of(panel, spec).all().getFirst();
    double[] all = new double[Window.numbers(spec)];
    new Window(spec, channel, panel.series().getFirst().steps()).read(step, all);
    double[] own = new double[Holidays.NUMBERS];
    System.arraycopy(all, all.length - own.length, own, 0, own.length);
    return own;
  }

  @Test
  void step_ofOneDay_hasItsHolidayAndHowNearOthersAre() {
    Holidays holidays =
        Holidays.of(Map.of(LocalDate.of(2023, 2, 10), "a", LocalDate.of(2023, 2, 14), "b"));
    Panel panel = panel(every(FrequencyUnit.DAY), FIRST, sales(Map.of(), 1));
    assertArrayEquals(new double[] {1, 1 / 5.0, 0}, read(panel, holidays, 40));
    assertArrayEquals(new double[] {0, 1 / 4.0, 1 / 2.0}, read(panel, holidays, 41));
    assertArrayEquals(new double[] {1, 0, 1 / 5.0}, read(panel, holidays, 44));
    assertArrayEquals(new double[] {0, 0, 1 / 3.0}, read(panel, holidays, 46));
  }

  @Test
  void step_ofManyDays_hasTheHolidaysUntilTheNextOrOfTheMonthThatItEnds() {
    Holidays holidays =
        Holidays.of(
            Map.of(
                LocalDate.of(2023, 5, 1), "",
                LocalDate.of(2023, 5, 18), "",
                LocalDate.of(2023, 5, 29), ""));
    double three = Math.log1p(3) / Math.log(2);
    Panel begins = panel(every(FrequencyUnit.MONTH), FIRST, sales(Map.of(), 1));
    assertArrayEquals(new double[] {three, 0, 0}, read(begins, holidays, 4));
    assertArrayEquals(new double[] {0, 1 / 2.0, 0}, read(begins, holidays, 3));
    Panel ends = panel(every(FrequencyUnit.MONTH), LocalDate.of(2023, 1, 31), sales(Map.of(), 1));
    assertArrayEquals(new double[] {three, 0, 0}, read(ends, holidays, 4));
    Panel weeks = panel(every(FrequencyUnit.WEEK), LocalDate.of(2023, 1, 2), sales(Map.of(), 1));
    assertArrayEquals(new double[] {1, 1 / 12.0, 0}, read(weeks, holidays, 17), 1e-12);
  }

  @ParameterizedTest
  @EnumSource(StateUse.class)
  void forecast_withHolidays_isBetterAndKeptInTheFile(StateUse state) {
    Map<LocalDate, String> named = days(7);
    Panel panel = panel(every(FrequencyUnit.DAY), FIRST, sales(named, 8));
    Forecaster without = trained(task(panel, Optional.empty(), state), 4);
    Forecaster with = trained(task(panel, Optional.of(Holidays.of(named)), state), 4);
    double before = Backtest.of(without, panel, 8, 7).model().mase().orElseThrow();
    double after = Backtest.of(with, panel, 8, 7).model().mase().orElseThrow();
    System.out.printf("%s: MASE %.3f, with holidays %.3f%n", state, before, after);
    assertTrue(after < 0.9 * before, before + " " + after);
    Path file = folder.resolve("m.safetensors");
    with.save(file);
    Forecaster read = Forecaster.load(file, KERNELS);
    assertEquals(with.spec(), read.spec());
    assertArrayEquals(
        with.forecast(panel).getFirst().means(), read.forecast(panel).getFirst().means());
  }

  @Test
  void forecast_whenAHolidayOfTheHorizonIsMoved_isAnother() {
    Map<LocalDate, String> named = days(7);
    Panel panel = panel(every(FrequencyUnit.DAY), FIRST, sales(named, 8));
    Forecaster with = trained(task(panel, Optional.of(Holidays.of(named)), StateUse.WINDOW), 1);
    Origin origin = new Origin(Channels.of(panel, with.spec()).all().getFirst(), DAYS - 7);
    double[] own = with.forecast(List.of(origin)).getFirst().means();
    Map<LocalDate, String> other = new HashMap<>(named);
    other.put(FIRST.plusDays(DAYS - 3), "feast");
    other.remove(FIRST.plusDays(DAYS - 4));
    Forecaster moved = trained(task(panel, Optional.of(Holidays.of(other)), StateUse.WINDOW), 1);
    Origin there = new Origin(Channels.of(panel, moved.spec()).all().getFirst(), DAYS - 7);
    assertNotEquals(own[4], moved.forecast(List.of(there)).getFirst().means()[4]);
  }

  @Test
  void names_thatTheTrainingPartHasNot_areUnknown() {
    Map<LocalDate, String> named = new HashMap<>();
    named.put(FIRST.plusDays(10), "feast");
    named.put(FIRST.plusDays(DAYS), "moon");
    Panel panel = panel(every(FrequencyUnit.DAY), FIRST, sales(named, 8));
    Holidays known =
        task(panel, Optional.of(Holidays.of(named)), StateUse.WINDOW)
            .spec()
            .holidays()
            .orElseThrow();
    assertEquals(List.of("feast"), known.names());
    assertEquals(List.of(1, 0), known.which());
  }

  @Test
  void order_withoutDates_isRefused() {
    Panel panel = panel(new Frequency(FrequencyUnit.ORDER, 1), FIRST, sales(Map.of(), 8));
    Refusal refusal =
        assertThrows(
            Refusal.class, () -> task(panel, Optional.of(Holidays.of(days(7))), StateUse.WINDOW));
    assertEquals(
        "holidays: expected series with dates, got rows in an order alone", refusal.getMessage());
  }
}
