package dev.unfold.run.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.library.Cells;
import dev.unfold.data.series.Duplicates;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.RowStream;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.train.Budget;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two machines, each with a load and a temperature that follows it, hour by hour.
final class DetectorTest {
  private static final Kernels KERNELS = Backends.best(Precision.FLOAT);
  private static final LocalDateTime START = LocalDateTime.of(2024, 1, 1, 0, 0);
  private static final int LEARNED = 1200;
  private static final int WEEK = 168;
  private static final AlarmRate WEEKLY = AlarmRate.parse("1/week");
  private static final long SEED = 21;

  @TempDir private static Path folder;
  private static Forecaster forecaster;
  private static Panel panel;

  /// What machines show.
  ///
  /// @param load by machine and hour
  /// @param heat by machine and hour
  private record Shown(double[][] load, double[][] heat) {
    static Shown of(long seed, int hours) {
      SplittableRandom random = new SplittableRandom(seed);
      Shown shown = new Shown(new double[2][hours], new double[2][hours]);
      for (int machine = 0; machine < 2; machine++) {
        double drift = 0;
        for (int t = 0; t < hours; t++) {
          drift = 0.8 * drift + random.nextGaussian();
          double day = Math.sin(2 * Math.PI * t / 24);
          shown.load[machine][t] = 30 + 5 * machine + 4 * day + drift;
          shown.heat[machine][t] = 50 + 0.5 * drift + 2 * day + 0.3 * random.nextGaussian();
        }
      }
      return shown;
    }

    List<String> rows(int from, int until) {
      List<String> rows = new ArrayList<>();
      for (int t = from; t < until; t++) {
        for (int machine = 0; machine < 2; machine++) {
          rows.add(
              "%s,m%d,%.3f,%.3f"
                  .formatted(START.plusHours(t), machine, load[machine][t], heat[machine][t]));
        }
      }
      return rows;
    }
  }

  private static String table(List<String> rows) {
    return "time,machine,load,heat\n" + String.join("\n", rows) + "\n";
  }

  private static SeriesTask task(String output, int horizon, StateUse state) {
    SeriesOptions options =
        new SeriesOptions(
                horizon,
                OptionalInt.of(24),
                OptionalInt.of(24),
                Optional.of(List.of(24)),
                Optional.empty(),
                Optional.of(Scale.LINEAR),
                0,
                OptionalInt.empty())
            .withState(state);
    return new SeriesTask(panel, options, Output.parse(output), Precision.FLOAT, 3, List.of());
  }

  private static Forecaster trained(String output, int epochs, int threads) {
    SeriesTask task = task(output, 1, StateUse.CARRIED);
    NetworkSpec spec = new NetworkSpec(Cells.gru(), task.encoder(), 8, 1, task.head());
    Network network = Network.create(spec, KERNELS, 5);
    TrainingOptions options =
        task.usualOptions().withBatch(8).withBudget(new Budget.Epochs(epochs));
    new Trainer(network, options, 5, Team.of(threads), _ -> {})
        .run(task.training(options), task.validator());
    return task.forecaster(network);
  }

  @BeforeAll
  static void train() throws IOException {
    Path file = folder.resolve("train.csv");
    Files.writeString(file, table(Shown.of(SEED, LEARNED).rows(0, LEARNED)));
    SeriesColumns columns =
        new SeriesColumns(
            List.of("time"),
            List.of("machine"),
            List.of("load", "heat"),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            false,
            Duplicates.REFUSE);
    try (Table table = Table.read(file)) {
      panel = Panel.read(table, columns);
    }
    forecaster = trained("student", 6, 2);
  }

  private static RowStream stream(String text) {
    return RowStream.of(
        "events",
        new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
        TableOptions.defaults());
  }

  private static List<Detection> read(Detector detector, List<String> rows) {
    List<Detection> all = new ArrayList<>();
    try (RowStream stream = stream(table(rows))) {
      detector.read(stream, all::add);
    }
    return all;
  }

  private static List<Detection> of(List<Detection> all, String machine) {
    return all.stream().filter(each -> each.keys().equals(List.of(machine))).toList();
  }

  private static String refused(List<String> rows) {
    Detector detector = new Detector(forecaster, WEEKLY);
    List<Detection> found = new ArrayList<>();
    String message;
    try (RowStream stream = stream(table(rows))) {
      message =
          assertThrows(DataException.class, () -> detector.read(stream, found::add)).getMessage();
    }
    assertEquals(rows.size() - 1, found.size(), message);
    assertEquals(1, message.lines().count());
    return message;
  }

  @Test
  void alarms_ofCleanSeries_areAboutThoseThatArePutUpWith() {
    int weeks = 40;
    Shown shown = Shown.of(SEED + 1, weeks * WEEK);
    List<Detection> all = read(new Detector(forecaster, WEEKLY), shown.rows(0, weeks * WEEK));
    long alarms = 0;
    for (String machine : List.of("m0", "m1")) {
      alarms += of(all, machine).getLast().alarms();
    }
    // 80 expected; twice as many is what is promised, and a third says that the budget is used.
    assertTrue(alarms > 80 / 3 && alarms < 2 * 80, alarms + " alarms");
  }

  @Test
  void faults_ofEachKind_areMostlyFoundWithinADay() {
    int weeks = 30;
    Shown shown = Shown.of(SEED + 2, weeks * WEEK);
    SplittableRandom random = new SplittableRandom(SEED);
    Map<Integer, String> faults = new TreeMap<>();
    for (int week = 2; week < weeks; week++) {
      int at = week * WEEK + random.nextInt(100);
      String kind = List.of("level", "spike", "stuck", "noise").get(week % 4);
      boolean isLoad = random.nextBoolean();
      double[] values = isLoad ? shown.load()[0] : shown.heat()[0];
      double size = isLoad ? 1.2 : 0.7;
      for (int t = at; t < at + 30; t++) {
        values[t] =
            switch (kind) {
              case "level" -> values[t] + 6 * size;
              case "spike" -> values[t] - (t == at ? 6 * size : 0);
              case "stuck" -> values[at];
              default -> values[t] + 3 * size * random.nextGaussian();
            };
      }
      faults.put(at, kind);
    }
    List<Detection> all =
        of(read(new Detector(forecaster, WEEKLY), shown.rows(0, weeks * WEEK)), "m0");
    List<String> missed = new ArrayList<>();
    faults.forEach((at, kind) -> {
      if (all.subList(at, at + 24).stream().noneMatch(Detection::alarm)) {
        missed.add(kind);
      }
    });
    assertTrue(missed.size() <= faults.size() / 5, missed + " of " + faults.size());
  }

  @Test
  void detector_thatGoesOnFromItsState_saysTheSameBits() throws IOException {
    Shown shown = Shown.of(SEED + 3, 400);
    List<String> rows = shown.rows(0, 400);
    rows.removeIf(row -> row.hashCode() % 9 == 0);
    List<Detection> whole = read(new Detector(forecaster, WEEKLY), rows);
    List<Detection> parts = new ArrayList<>();
    Path state = folder.resolve("state");
    Path model = folder.resolve("model.safetensors");
    forecaster.save(model);
    for (int from = 0; from < rows.size(); from += 101) {
      Detector detector = Detector.load(model, WEEKLY, KERNELS);
      if (from > 0) {
        detector.resume(state);
      }
      parts.addAll(read(detector, rows.subList(from, Math.min(from + 101, rows.size()))));
      detector.save(state);
    }
    assertEquals(whole.toString(), parts.toString());
  }

  @Test
  void series_alone_hasTheBitsOfOneBesideOthers() {
    List<String> rows = Shown.of(SEED + 4, 300).rows(0, 300);
    List<Detection> together = of(read(new Detector(forecaster, WEEKLY), rows), "m1");
    List<String> own = rows.stream().filter(row -> row.contains(",m1,")).toList();
    assertEquals(together.toString(), read(new Detector(forecaster, WEEKLY), own).toString());
  }

  @Test
  void events_areExpectedAsABacktestForesees() {
    List<String> rows = Shown.of(SEED, LEARNED).rows(0, LEARNED);
    List<Detection> found = of(read(new Detector(forecaster, WEEKLY), rows), "m0");
    List<Backtest.Tested> tested =
        Backtest.of(forecaster, panel, 30, 7).windows().stream()
            .filter(each -> each.forecast().series().equals("m0"))
            .toList();
    assertFalse(tested.isEmpty(), "no window is of m0");
    for (Backtest.Tested each : tested) {
      Detection.Value own =
          found.get(each.forecast().origin()).values().stream()
              .filter(value -> value.target().equals(each.forecast().target()))
              .findFirst()
              .orElseThrow();
      assertEquals(each.forecast().median(0), own.expected());
      assertEquals(each.forecast().quantiles()[0][0], own.low(), 1e-4);
      assertEquals(each.forecast().quantiles()[0][10], own.high(), 1e-4);
    }
  }

  @Test
  void model_thatWasTrainedOnOtherThreads_isCalibratedTheSame() {
    assertEquals(
        trained("normal", 1, 1).calibration().orElseThrow(),
        trained("normal", 1, 2).calibration().orElseThrow());
  }

  @Test
  void eachDistribution_detectsASpike() {
    for (String output : List.of("normal", "quantiles", "quantiles:0.1,0.5,0.9")) {
      Detector detector = new Detector(trained(output, 1, 2), WEEKLY);
      Shown shown = Shown.of(SEED + 5, 200);
      shown.load()[0][150] += 60;
      Detection found = of(read(detector, shown.rows(0, 200)), "m0").get(150);
      assertTrue(found.alarm(), output);
      assertEquals("load", found.oddest().target());
    }
  }

  @Test
  void newSeries_givesNoAlarmUntilItIsWarm() {
    Detector detector = new Detector(forecaster, WEEKLY);
    Shown shown = Shown.of(SEED + 6, 100);
    shown.load()[0][detector.warm() - 1] += 100;
    List<Detection> all = of(read(detector, shown.rows(0, 100)), "m0");
    assertTrue(all.stream().limit(detector.warm()).noneMatch(Detection::alarm));
  }

  @Test
  void gap_isSteppedOverAsMissing() {
    Shown shown = Shown.of(SEED + 7, 200);
    List<String> empty = new ArrayList<>();
    for (String row : shown.rows(0, 200)) {
      boolean isLost = row.contains("T05:00") || row.contains("T06:00");
      empty.add(isLost ? row.substring(0, row.indexOf(",m") + 4) + "," : row);
    }
    List<String> gone = empty.stream().filter(row -> !row.endsWith(",,")).toList();
    List<Detection> with = read(new Detector(forecaster, WEEKLY), empty);
    List<Detection> without = read(new Detector(forecaster, WEEKLY), gone);
    assertTrue(with.size() > without.size());
    assertEquals(
        with.stream().filter(each -> !Double.isNaN(each.score())).toList().toString(),
        without.toString());
    // A gap of years is as one that is long enough to forget all.
    List<String> years = new ArrayList<>(shown.rows(0, 100));
    years.add("2124-01-01T00:00,m0,30,50");
    assertEquals(201, read(new Detector(forecaster, WEEKLY), years).size());
  }

  @Test
  void rows_thatCannotBeRead_areRefusedByLineAndColumnAfterThoseBefore() {
    List<String> rows = Shown.of(SEED, 60).rows(0, 50);
    Map<String, String> wrong =
        Map.of(
            "2024-01-03T02:00,m0,x,1", "column load",
            "2024-01-03T02:00,m0,Infinity,1", "column load",
            "2024-01-03T02:00,m0,1", "line 102",
            "2024-01-03T02:00,m0,1,2,3", "line 102",
            "yesterday,m0,1,2", "column time",
            ",m0,1,2", "column time",
            "2024-01-03T01:30,m0,1,2", "column time",
            "2024-01-03T01:00,m0,1,2", "column time",
            "2024-01-02T01:00,m0,1,2", "after the one before");
    wrong.forEach((row, says) -> {
      List<String> all = new ArrayList<>(rows);
      all.add(row);
      String message = refused(all);
      assertTrue(message.contains("line 102") && message.contains(says), message);
    });
  }

  /// A line at a time, each only when all before have been answered.
  @Test
  void input_isAnsweredBeforeMoreIsAskedFor() {
    List<String> lines = new ArrayList<>(List.of("time,machine,load,heat"));
    lines.addAll(Shown.of(SEED, 20).rows(0, 20));
    List<Detection> found = new ArrayList<>();
    InputStream slow =
        new InputStream() {
          private byte[] line = {};
          private int at;
          private int next;

          @Override
          public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0];
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            if (at == line.length) {
              assertEquals(Math.max(0, next - 1), found.size());
              if (next == lines.size()) {
                return -1;
              }
              line = (lines.get(next++) + "\n").getBytes(StandardCharsets.UTF_8);
              at = 0;
            }
            int count = Math.min(length, line.length - at);
            System.arraycopy(line, at, into, offset, count);
            at += count;
            return count;
          }
        };
    try (RowStream rows = RowStream.of("input", slow, TableOptions.defaults())) {
      new Detector(forecaster, WEEKLY).read(rows, found::add);
    }
    assertEquals(40, found.size());
  }

  @Test
  void model_thatForeseesMore_isRefusedWithWhatToTrain() {
    for (SeriesTask task :
        List.of(
            task("student", 2, StateUse.CARRIED),
            task("student", 1, StateUse.WINDOW),
            task("point", 1, StateUse.CARRIED))) {
      Network network =
          Network.create(
              new NetworkSpec(Cells.gru(), task.encoder(), 4, 1, task.head()), KERNELS, 5);
      Forecaster other = task.forecaster(network);
      String message = assertThrows(Refusal.class, () -> new Detector(other, WEEKLY)).getMessage();
      assertTrue(message.contains("--horizon 1 --state carried"), message);
    }
  }

  @Test
  void stateFile_thatIsHostile_isRefused() throws IOException {
    Path good = folder.resolve("good");
    Detector detector = new Detector(forecaster, WEEKLY);
    read(detector, Shown.of(SEED, 60).rows(0, 60));
    detector.save(good);
    byte[] bytes = Files.readAllBytes(good);
    Path bad = folder.resolve("bad");
    SplittableRandom random = new SplittableRandom(SEED);
    System.out.println("seed " + SEED);
    for (int i = 0; i < 60; i++) {
      byte[] changed = i < 10 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes.clone();
      for (int k = 0; i >= 10 && k < 3; k++) {
        changed[random.nextInt(i < 40 ? 1200 : bytes.length)] = (byte) random.nextInt(256);
      }
      Files.write(bad, changed);
      Detector other = new Detector(forecaster, WEEKLY);
      try {
        other.resume(bad);
        // Other numbers in the right places may be taken, and then nothing breaks.
        read(other, Shown.of(SEED, 70).rows(60, 70));
      } catch (FormatException | DataException e) {
        assertEquals(1, e.getMessage().lines().count(), e::getMessage);
      }
    }
    Detector another = new Detector(trained("normal", 1, 2), WEEKLY);
    String message = assertThrows(FormatException.class, () -> another.resume(good)).getMessage();
    assertTrue(message.contains("another"), message);
  }

  @Test
  void calibration_thatIsNotSound_isRefused() {
    assertThrows(Refusal.class, () -> new Tail(List.of(), List.of(), 1));
    assertThrows(Refusal.class, () -> new Tail(List.of(2.0, 1.0), List.of(1.0, 2.0), 1));
    assertThrows(Refusal.class, () -> new Tail(List.of(1.0), List.of(1.0), 0));
    assertThrows(Refusal.class, () -> new Tail(List.of(Double.NaN), List.of(1.0), 1));
  }

  @Test
  void tail_ofExponentialPeaks_isAsRareAsTheyAre() {
    SplittableRandom random = new SplittableRandom(SEED);
    double[] peaks = new double[2000];
    for (int i = 0; i < peaks.length; i++) {
      peaks[i] = -2 * Math.log(1 - random.nextDouble());
    }
    Tail.Lookup tail = Tail.of(peaks, 20_000, 32, 0.05).lookup();
    assertEquals(0, tail.rarity(0));
    for (double x : new double[] {2, 4, 6, 8, 12, 16}) {
      // Ten events a peak; the spread of a count of 32, and its standard error on top.
      double expected = Math.log(10) + x / 2;
      assertEquals(expected, tail.rarity(x), 0.15 + Math.max(0, x - 8) / 2 * 0.35);
    }
  }

  @Test
  void alarmRate_isPerStep() {
    assertEquals(1.0 / WEEK, WEEKLY.perStep(panel.frequency()), 1e-12);
    assertEquals(0.001, AlarmRate.parse("1/1000").perStep(panel.frequency()));
    for (String wrong : List.of("1", "0/week", "-1/day", "1/fortnight", "1/0", "x/day", "2/hour")) {
      assertThrows(Refusal.class, () -> AlarmRate.parse(wrong).perStep(panel.frequency()), wrong);
    }
    assertFalse(AlarmRate.parse("0.5/month").text().isEmpty());
  }

  /// A model that has learned nothing, calibrated on logarithms of the panel's values with a 0 near its end.
  private static Forecaster ofLogarithms() {
    Panel copy = Panels.copy(panel);
    copy.series().getFirst().numbers()[0].set(LEARNED - 5, 0);
    SeriesOptions options = SeriesOptions.of(1).withState(StateUse.CARRIED).withScale(Scale.LOG);
    SeriesTask task =
        new SeriesTask(copy, options, Output.parse("student"), Precision.FLOAT, 3, List.of());
    NetworkSpec spec = new NetworkSpec(Cells.gru(), task.encoder(), 4, 1, task.head());
    return task.forecaster(Network.create(spec, KERNELS, 5));
  }

  @Test
  void zero_whereLogarithmsAreLearned_isReadAsHalfOfTheLeastBefore() {
    Forecaster model = ofLogarithms();
    for (Calibration.OfTarget each : model.calibration().orElseThrow().targets()) {
      assertFalse(each.relation().isEmpty());
    }
    List<String> rows = new ArrayList<>(Shown.of(SEED + 7, 60).rows(0, 60));
    rows.set(40, rows.get(40).replaceAll(",[0-9.]+,([0-9.]+)$", ",0,$1"));
    List<Detection> all = read(new Detector(model, WEEKLY), rows);
    assertEquals(120, all.size());
    assertEquals(0, all.get(40).values().getFirst().value());
    for (Detection each : all.subList(40, 120)) {
      assertTrue(Double.isFinite(each.score()), each.toString());
    }
    List<String> first = new ArrayList<>(rows.subList(0, 4));
    first.set(0, first.get(0).replaceAll(",[0-9.]+,([0-9.]+)$", ",0,$1"));
    String message =
        assertThrows(DataException.class, () -> read(new Detector(model, WEEKLY), first))
            .getMessage();
    assertTrue(message.contains("line 2, column load: expected a number above 0"), message);
  }

  @Test
  void lane_afterAJump_isAtTheTimeThereAndKnowsWhatNeverChanges() {
    SeriesTask task =
        new SeriesTask(
            Panels.of(7, 200),
            SeriesOptions.of(1).withState(StateUse.CARRIED),
            Output.parse("student"),
            Precision.FLOAT,
            3,
            List.of());
    SeriesSpec spec = task.spec();
    NetworkSpec network = new NetworkSpec(Cells.gru(), task.encoder(), 4, 1, task.head());
    Lane lane = new Lane(spec, List.of(), State.zeros(network, Precision.FLOAT, spec.targets()));
    Panel own = Panels.of(7, 200);
    lane.begin(own.series().getFirst().timeline());
    int targets = spec.targets();
    double[] others = new double[spec.numbers().size() - targets];
    Arrays.setAll(others, c -> 10 + c);
    lane.enter(others, new int[spec.texts().size()]);
    lane.jump(150);
    lane.enter(new double[others.length], new int[spec.texts().size()]);
    assertEquals(own.series().getFirst().timeline().local(150), lane.local(lane.step()));
    for (int c = 0; c < others.length; c++) {
      boolean isStatic = spec.columns().statics().contains(spec.numbers().get(targets + c));
      assertEquals(isStatic ? 10 + c : 0, lane.number(targets + c, 150));
    }
  }
}
