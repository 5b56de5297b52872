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
import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.series.Timeline;
import dev.unfold.data.source.DataException;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import dev.unfold.run.series.OriginData.Origin;
import dev.unfold.train.Budget;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.junit.jupiter.params.provider.ValueSource;

final class ForecasterTest {
  private static final Kernels KERNELS = Backends.best(Precision.FLOAT);
  private static final int HORIZON = 6;
  private static final int HOLDOUT = 30;

  @TempDir private Path folder;

  private static SeriesTask task(Panel panel, String output, Optional<Scale> scale) {
    return task(panel, output, scale, StateUse.WINDOW, HORIZON);
  }

  private static SeriesTask task(
      Panel panel, String output, Optional<Scale> scale, StateUse state, int horizon) {
    SeriesOptions options =
        new SeriesOptions(
                horizon,
                OptionalInt.of(30),
                OptionalInt.of(24),
                Optional.empty(),
                Optional.empty(),
                scale,
                HOLDOUT,
                OptionalInt.empty())
            .withState(state);
    return new SeriesTask(panel, options, Output.parse(output), Precision.FLOAT, 3, List.of());
  }

  private static Network network(SeriesTask task) {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), task.encoder(), 8, 1, task.head());
    return Network.create(spec, KERNELS, 5);
  }

  private static Forecaster trained(SeriesTask task, int threads) {
    Network network = network(task);
    TrainingOptions options = task.usualOptions().withBatch(4).withBudget(new Budget.Epochs(1));
    new Trainer(network, options, 5, Team.of(threads), _ -> {})
        .run(task.training(options), task.validator());
    return task.forecaster(network);
  }

  private static List<Origin> origins(Panel panel, SeriesSpec spec, int back) {
    List<Origin> all = new ArrayList<>();
    for (Channel channel : Channels.of(panel, spec).all()) {
      all.add(new Origin(channel, channel.series().steps() - back));
    }
    return all;
  }

  private static void assertSame(Forecast expected, Forecast actual) {
    assertEquals(expected.quantiles().length, actual.quantiles().length);
    for (int h = 0; h < expected.quantiles().length; h++) {
      assertArrayEquals(expected.quantiles()[h], actual.quantiles()[h]);
    }
    assertArrayEquals(expected.means(), actual.means());
  }

  /// Changes all that nobody can know at the origin.
  private static Panel otherFuture(Panel panel, int back, SplittableRandom random) {
    Panel other = Panels.copy(panel);
    for (Series series : other.series()) {
      int origin = series.steps() - back;
      for (int t = origin; t < series.steps(); t++) {
        boolean isBehind = t >= origin + HORIZON;
        for (int c = 0; c < series.numbers().length; c++) {
          boolean isKnown = c == 2;
          if (!isKnown || isBehind) {
            series.numbers()[c].set(
                t, random.nextInt(5) == 0 ? Double.NaN : 1 + random.nextInt(99));
          }
        }
        series.texts()[1].set(t, random.nextInt(3));
        if (isBehind) {
          series.texts()[0].set(t, random.nextInt(2));
        }
      }
      series.numbers()[0].set(series.steps() - 1, 1);
    }
    return other;
  }

  @ParameterizedTest
  @CsvSource({
    "quantiles,LINEAR,WINDOW",
    "quantiles,LOG,WINDOW",
    "negbin,NONE,WINDOW",
    "student,LINEAR,WINDOW",
    "quantiles,LINEAR,CARRIED",
    "student,LOG,CARRIED",
    "negbin,NONE,CARRIED"
  })
  void forecast_whenAllBehindTheOriginIsChanged_keepsItsBits(
      String output, Scale scale, StateUse state) {
    long seed = 11;
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Panel panel = Panels.of(seed, 300, 200, 120);
    Forecaster forecaster = trained(task(panel, output, Optional.of(scale), state, HORIZON), 2);
    for (int back : new int[] {HORIZON, 29, 100}) {
      List<Forecast> all = forecaster.forecast(origins(panel, forecaster.spec(), back));
      Panel other = otherFuture(panel, back, random);
      List<Forecast> same = forecaster.forecast(origins(other, forecaster.spec(), back));
      for (int i = 0; i < all.size(); i++) {
        assertSame(all.get(i), same.get(i));
      }
    }
  }

  private static SampledPaths sampled(Forecaster forecaster) {
    return new SampledPaths(
        forecaster.spec(),
        forecaster.output(),
        forecaster.network(),
        new Runner(forecaster.network()));
  }

  @Test
  void paths_whenAllBehindTheOriginIsChanged_keepTheirBits() {
    SplittableRandom random = new SplittableRandom(12);
    Panel panel = Panels.of(12, 160, 90);
    for (String output : List.of("student", "negbin", "quantiles")) {
      Scale scale = output.equals("negbin") ? Scale.NONE : Scale.LINEAR;
      SeriesTask task = task(panel, output, Optional.of(scale), StateUse.CARRIED, 1);
      Forecaster forecaster = trained(task, 1);
      List<Origin> here = origins(panel, forecaster.spec(), 29);
      List<Origin> there = origins(otherFuture(panel, 29, random), forecaster.spec(), 29);
      for (int i = 0; i < here.size(); i++) {
        Forecast own = sampled(forecaster).of(here.get(i), HORIZON, 20, 4);
        assertSame(own, sampled(forecaster).of(there.get(i), HORIZON, 20, 4));
        Forecast other = sampled(forecaster).of(here.get(i), HORIZON, 20, 5);
        assertNotEquals(own.means()[0], other.means()[0]);
      }
    }
  }

  @Test
  void paths_ofOneStep_haveTheQuantilesThatAreForeseen() {
    Panel panel = Panels.of(13, 160);
    Forecaster forecaster =
        trained(task(panel, "normal", Optional.of(Scale.LINEAR), StateUse.CARRIED, 1), 1);
    Origin origin = origins(panel, forecaster.spec(), 20).getFirst();
    Forecast said = forecaster.forecast(List.of(origin)).getFirst();
    Forecast paths = sampled(forecaster).of(origin, 1, 20_000, 3);
    double width = said.quantiles()[0][9] - said.quantiles()[0][1];
    for (int q = 1; q < 10; q++) {
      assertEquals(said.quantiles()[0][q], paths.quantiles()[0][q], 0.02 * width);
    }
    assertEquals(said.means()[0], paths.means()[0], 0.02 * width);
    assertEquals(4, sampled(forecaster).of(origin, 4, 10, 3).times().size());
    String message =
        assertThrows(DataException.class, () -> forecaster.paths(panel, 4, 10, 3)).getMessage();
    assertTrue(message.contains("for all 4 steps"), message);
    Forecaster ofWindows =
        trained(task(panel, "normal", Optional.of(Scale.LINEAR), StateUse.WINDOW, 1), 1);
    assertThrows(Refusal.class, () -> ofWindows.paths(panel, 1, 10, 3));
    assertThrows(Refusal.class, () -> forecaster.paths(panel, 0, 10, 3));
    assertThrows(Refusal.class, () -> forecaster.paths(panel, 1 << 30, 1000, 3));
  }

  /// What the network says of a channel whose state starts at its first step, all read at once.
  private static double[][] encodedAnew(Forecaster forecaster, Origin origin) {
    SeriesSpec spec = forecaster.spec();
    int steps = origin.step() + spec.horizon();
    Windows rows = new Windows(spec, KERNELS.type(), steps, 1);
    Window window = new Window(spec, origin.channel(), origin.step());
    for (int t = 0; t < steps; t++) {
      rows.fill(window.at(t), t, t, 0);
    }
    Matrix said = new Runner(forecaster.network()).runWhole(rows.inputs(), steps);
    double[][] all = new double[spec.horizon()][];
    for (int h = 0; h < all.length; h++) {
      double[] own = new double[said.cols()];
      for (int k = 0; k < own.length; k++) {
        own[k] = said.get(origin.step() + h, k);
      }
      all[h] = forecaster.output().say(own);
      int step = origin.step() + h;
      all[h] = Arrays.stream(all[h]).map(z -> window.value(step, z)).toArray();
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, HORIZON})
  void backtest_ofACarriedState_isOnePassWithTheBitsOfEncodingEachOriginAnew(int horizon) {
    Panel panel = Panels.of(18, 170, 90, 131);
    Forecaster forecaster =
        trained(task(panel, "quantiles", Optional.of(Scale.LINEAR), StateUse.CARRIED, horizon), 2);
    Backtest tested = Backtest.of(forecaster, panel, 40, 3);
    assertTrue(tested.windows().size() > 40);
    for (Backtest.Tested each : tested.windows()) {
      Panel cut = Panels.copy(panel);
      for (Channel channel : Channels.of(cut, forecaster.spec()).all()) {
        if (channel.series().name().equals(each.forecast().series())
            && forecaster.spec().numbers().get(channel.target()).equals(each.forecast().target())) {
          double[][] expected =
              encodedAnew(forecaster, new Origin(channel, each.forecast().origin()));
          for (int h = 0; h < horizon; h++) {
            double[] quantiles = Arrays.copyOf(expected[h], expected[h].length - 1);
            assertArrayEquals(quantiles, each.forecast().quantiles()[h]);
            assertEquals(expected[h][quantiles.length], each.forecast().means()[h]);
          }
        }
      }
    }
  }

  @Test
  void forecast_whenAKnownValueWithinTheHorizonIsChanged_isAnother() {
    Panel panel = Panels.of(11, 300);
    Forecaster forecaster = trained(task(panel, "quantiles", Optional.empty()), 2);
    Panel other = Panels.copy(panel);
    Numbers known = other.series().getFirst().numbers()[2];
    known.set(300 - HORIZON + 2, known.at(300 - HORIZON + 2) + 1);
    double[] before =
        forecaster.forecast(origins(panel, forecaster.spec(), HORIZON)).getFirst().means();
    double[] after =
        forecaster.forecast(origins(other, forecaster.spec(), HORIZON)).getFirst().means();
    assertEquals(before[1], after[1]);
    assertNotEquals(before[2], after[2]);
  }

  @Test
  void whatIsLearned_followsFromTheTrainingPartAlone() {
    long seed = 12;
    System.out.println("seed " + seed);
    Panel panel = Panels.of(seed, 300, 200);
    SeriesTask task = task(panel, "quantiles", Optional.empty());
    Panel other = Panels.copy(panel);
    SplittableRandom random = new SplittableRandom(seed);
    for (Series series : other.series()) {
      for (int t = series.steps() - HOLDOUT; t < series.steps(); t++) {
        for (Numbers column : series.numbers()) {
          column.set(t, 1e3 * random.nextGaussian());
        }
        series.texts()[0].set(t, random.nextInt(2));
      }
    }
    SeriesTask same = task(other, "quantiles", Optional.empty());
    assertEquals(task.spec(), same.spec());
    Forecaster first = trained(task, 2);
    Forecaster second = trained(same, 1);
    List<Origin> origins = origins(panel, first.spec(), HOLDOUT);
    assertSame(first.forecast(origins).getFirst(), second.forecast(origins).getFirst());
  }

  @Test
  void forecast_besideOthers_hasTheBitsOfOneAlone() {
    Panel panel = Panels.of(13, 300, 200, 120, 40, 25);
    Forecaster forecaster = trained(task(panel, "quantiles", Optional.empty()), 2);
    List<Origin> origins = origins(panel, forecaster.spec(), 10);
    List<Forecast> together = forecaster.forecast(origins);
    for (int i = 0; i < origins.size(); i++) {
      assertSame(forecaster.forecast(List.of(origins.get(i))).getFirst(), together.get(i));
    }
  }

  @Test
  void naiveMethod_onATrend_isOffByTheTrend() {
    Panel panel = Panels.of(17, 400);
    Numbers trend = panel.series().getFirst().numbers()[0];
    for (int t = 0; t < trend.length(); t++) {
      trend.set(t, 10.0 * t);
    }
    double[][] said = new SeasonalNaive(7, List.of(0.1, 0.5, 0.9)).quantiles(trend.copy(0, 393), 7);
    for (int h = 0; h < 7; h++) {
      assertEquals(trend.at(393 + h) - 70, said[h][1]);
    }
  }

  @Test
  void mean_underLogarithms_isThatOfTheValues() {
    Output normal = Output.parse("normal");
    // A lognormal with mu = 1 and a variance of 1 has the mean exp(1.5).
    assertEquals(Math.exp(1.5), normal.mean(Math::exp, 1, 0), 0.1);
    assertTrue(normal.mean(Math::exp, 1, 0) > Math.exp(1) * 1.5);
  }

  @Test
  void value_withoutALogarithm_isReadAsHalfOfTheLeastBeforeIt() {
    Panel panel = Panels.of(44, 200);
    SeriesSpec spec = task(panel, "quantiles", Optional.of(Scale.LOG)).spec();
    Series series = panel.series().getFirst();
    Numbers values = Numbers.all(series.steps(), 8);
    series.numbers()[0] = values;
    values.set(10, 4);
    values.set(20, 0);
    values.set(30, 2);
    values.set(40, -3);
    int[][] codes = new int[spec.texts().size()][];
    Channel channel = Channel.of(spec, series, 0, codes);
    assertEquals(Math.log(2), channel.at(20));
    assertEquals(Math.log(1), channel.at(40));
    values.set(0, 0);
    String message =
        assertThrows(DataException.class, () -> Channel.of(spec, series, 0, codes)).getMessage();
    assertTrue(message.contains("--scale linear"), message);
  }

  @Test
  void number_ofAForecast_keepsItsDigits() {
    Forecast forecast =
        new Forecast(
            "",
            List.of("a"),
            "y",
            0,
            List.of("t"),
            List.of(0.5),
            new double[][] {{1000000003.0057749}},
            new double[] {-0.25});
    StringWriter text = new StringWriter();
    new ForecastTable(List.of("target"), List.of(0.5), List.of(forecast))
        .csv(new PrintWriter(text));
    assertEquals("by_target,time,target,mean,q0.5\na,t,y,-0.25,1000000003\n", text.toString());
  }

  @Test
  void cut_inTheHourThatExistsTwice_isAtTheStep() {
    long first = LocalDateTime.of(2023, 10, 28, 22, 0).toEpochSecond(ZoneOffset.UTC) * 1_000_000;
    Timeline berlin =
        new Timeline(
            new Frequency(FrequencyUnit.HOUR, 1),
            first - 7_200_000_000L,
            first,
            Optional.of(ZoneId.of("Europe/Berlin")));
    double[][] numbers = new double[4][12];
    Series series = new Series("", List.of(), berlin, numbers, new int[3][12]);
    Panel panel = Panels.with(Panels.of(1, 30), List.of(series));
    for (int steps = 0; steps < 12; steps++) {
      assertEquals(12 - steps, Cut.before(panel, steps).end(series, 2));
    }
  }

  @Test
  void model_thatWasSaved_saysTheSame() {
    Panel panel = Panels.of(14, 200);
    Forecaster forecaster = trained(task(panel, "student", Optional.empty()), 2);
    Path file = folder.resolve("model.safetensors");
    forecaster.save(file);
    Forecaster loaded = Forecaster.load(file, KERNELS);
    assertEquals(forecaster.spec(), loaded.spec());
    List<Origin> origins = origins(panel, forecaster.spec(), 10);
    assertSame(forecaster.forecast(origins).getFirst(), loaded.forecast(origins).getFirst());
  }

  @Test
  void description_fromBeforeThereWereLinearBaselines_isRead() {
    Panel panel = Panels.of(14, 200);
    NetworkModel model =
        task(panel, "quantiles", Optional.empty())
            .model(network(task(panel, "quantiles", Optional.empty())));
    Path file = folder.resolve("model.safetensors");
    Map<String, String> description = new HashMap<>(model.description());
    String without = description.get("series").replaceAll("\"linear\":(null|[{][^}]*[}]),", "");
    assertNotEquals(description.put("series", without), without);
    ModelFile.save(file, NetworkModel.of(model.network(), description));
    assertTrue(Forecaster.load(file, KERNELS).spec().linear().isEmpty());
  }

  @Test
  void model_thatSaysNothingOfItsState_isOneOfWindows() {
    SeriesTask task = task(Panels.of(14, 200), "quantiles", Optional.empty());
    NetworkModel model = task.model(network(task));
    Map<String, String> description = new HashMap<>(model.description());
    description.put("series", description.get("series").replace(",\"state\":\"WINDOW\"", ""));
    assertNotEquals(model.description(), description);
    Path file = folder.resolve("model.safetensors");
    ModelFile.save(file, NetworkModel.of(model.network(), description));
    assertEquals(task.spec(), Forecaster.load(file, KERNELS).spec());
  }

  @Test
  void stateThatIsCarried_inBothDirections_isRefused() {
    SeriesTask task =
        task(Panels.of(14, 200), "quantiles", Optional.empty(), StateUse.CARRIED, HORIZON);
    NetworkSpec both = network(task).spec().with(Wiring.BIDIRECTIONAL);
    Network network = Network.create(both, KERNELS, 5);
    String message = assertThrows(Refusal.class, () -> task.model(network)).getMessage();
    assertTrue(message.contains("window"), message);
  }

  @Test
  void description_thatDoesNotFitTheNetwork_isRefused() {
    Panel panel = Panels.of(14, 200);
    SeriesTask task = task(panel, "quantiles", Optional.empty());
    NetworkModel model = task.model(network(task));
    Path file = folder.resolve("model.safetensors");
    String good = model.description().get("series");
    for (String wrong :
        List.of(
            "",
            "{}",
            "[1]",
            "null",
            good.replace("\"horizon\":6", "\"horizon\":-6"),
            good.replace("\"horizon\":6", "\"horizon\":2000000000"),
            good.replace("\"lags\":[24,", "\"lags\":[24,25,"),
            good.replace("\"work\",", ""),
            good.replace("\"scale\":\"LINEAR\"", "\"scale\":\"OTHER\""))) {
      assertNotEquals(good, wrong);
      Map<String, String> description = new HashMap<>(model.description());
      description.put("series", wrong);
      ModelFile.save(file, NetworkModel.of(model.network(), description));
      String message =
          assertThrows(FormatException.class, () -> Forecaster.load(file, KERNELS)).getMessage();
      assertEquals(1, message.lines().count(), message);
    }
  }

  @Test
  void knownColumn_thatEndsBeforeTheHorizon_isRefusedByItsFirstMissingTime() {
    Panel panel = Panels.of(15, 200);
    Forecaster forecaster = trained(task(panel, "quantiles", Optional.empty()), 1);
    String message =
        assertThrows(DataException.class, () -> forecaster.forecast(panel)).getMessage();
    assertTrue(message.contains("price") && message.contains("1970-01-09 08:00"), message);
  }

  @Test
  void panel_ofAnotherFrequency_isRefused() {
    Panel panel = Panels.of(15, 200);
    Forecaster forecaster = trained(task(panel, "quantiles", Optional.empty()), 1);
    Panel daily =
        new Panel(
            panel.columns(),
            new Frequency(FrequencyUnit.DAY, 1),
            panel.numbers(),
            panel.texts(),
            panel.dictionary(),
            panel.series());
    assertThrows(DataException.class, () -> forecaster.forecast(daily));
  }

  @Test
  void seriesThatAreTooShort_areRefusedWithWhatIsNeeded() {
    String message =
        assertThrows(
                DataException.class, () -> task(Panels.of(16, 50), "quantiles", Optional.empty()))
            .getMessage();
    assertTrue(message.contains("more than"), message);
  }

  @Test
  void backtest_ofASeasonalSeries_isScoredBesideTheNaiveMethod() {
    Panel panel = Panels.of(17, 400, 300);
    Forecaster forecaster = trained(task(panel, "quantiles", Optional.empty()), 2);
    Backtest tested = Backtest.of(forecaster, panel, 4, 5);
    assertEquals(4 * 2 * 2, tested.windows().size());
    assertEquals(HORIZON, tested.steps().size());
    Backtest.Tested last = tested.windows().getLast();
    Series series = panel.series().get(1);
    assertEquals(series.steps() - HORIZON, last.forecast().origin());
    assertEquals(series.numbers()[1].at(series.steps() - HORIZON), last.actual()[0]);
    assertTrue(tested.naive().mase().orElseThrow() > 0);
  }
}
