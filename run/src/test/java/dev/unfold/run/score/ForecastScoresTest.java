package dev.unfold.run.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class ForecastScoresTest {
  private static final double NAN = Double.NaN;

  /// Sums of up to some tens of numbers.
  private static final double TOLERANCE = 1e-12;

  private static final double[] MEDIAN = {0.5};

  private static double[][] point(double... forecasts) {
    return Arrays.stream(forecasts).mapToObj(f -> new double[] {f}).toArray(double[][]::new);
  }

  private static void near(double expected, OptionalDouble actual) {
    assertEquals(expected, actual.orElseThrow(), TOLERANCE * Math.max(1, Math.abs(expected)));
  }

  private static double[] numbers(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }

  /// Numbers that others computed. They are in a folder of their own: `UNFOLD_GOLDEN_HEADS`, or beside the project.
  @Test
  void scores_ofGoldenForecasts_areThoseOfTheirFormulas() throws IOException {
    String named = System.getenv("UNFOLD_GOLDEN_HEADS");
    Path root = Path.of("").toAbsolutePath().getParent();
    Path folder =
        named == null || named.isBlank()
            ? root.resolveSibling("shared").resolve("golden-heads")
            : root.resolve(named);
    boolean isThere = Files.isDirectory(folder);
    if (!isThere) {
      System.out.println("ForecastScoresTest: 1 test skipped, there is no " + folder);
    }
    assumeTrue(isThere, () -> "no " + folder);
    int cases = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".json")).sorted().toList()) {
        JsonNode golden = new JsonMapper().readTree(Files.readString(file));
        if (golden.has("levels") && golden.has("series")) {
          check(golden);
          cases++;
        }
      }
    }
    System.out.println("ForecastScoresTest: golden cases " + cases);
    assertTrue(cases > 0, "expected a case with levels and series in " + folder);
  }

  private static void check(JsonNode golden) {
    double[] levels = numbers(golden.get("levels"));
    ForecastScores scores = new ForecastScores(golden.get("season").asInt(), levels);
    for (JsonNode series : golden.get("series")) {
      double[][] quantiles =
          StreamSupport.stream(series.get("quantiles").spliterator(), false)
              .map(ForecastScoresTest::numbers)
              .toArray(double[][]::new);
      double[] actual = numbers(series.get("actual"));
      ForecastScore score = scores.add(numbers(series.get("past")), actual, quantiles);
      near(series.get("smape").asDouble(), score.smape());
      near(series.get("mase").asDouble(), score.mase());
      near(series.get("msis_95").asDouble(), score.msis(0, levels.length - 1));
      near(series.get("seasonal_error").asDouble(), score.seasonalError());
      assertArrayEquals(
          numbers(series.get("quantile_losses")), score.quantileLosses(), 1e-12 * actual.length);
      double[] coverage = numbers(series.get("coverage"));
      for (int i = 0; i < levels.length; i++) {
        assertEquals(coverage[i], score.covered()[i] / (double) actual.length, TOLERANCE);
      }
      assertEquals(
          series.get("coverage_80").asDouble(),
          score.within(1, levels.length - 2) / (double) actual.length,
          TOLERANCE);
    }
    double[] losses = numbers(golden.get("weighted_quantile_losses"));
    for (int i = 0; i < levels.length; i++) {
      near(losses[i], scores.weightedQuantileLoss(levels[i]));
    }
    near(
        golden.get("mean_weighted_quantile_loss_0.1_to_0.9").asDouble(),
        scores.meanWeightedQuantileLoss());
    near(golden.get("mean_smape").asDouble(), scores.smape());
    near(golden.get("mean_mase").asDouble(), scores.mase());
    near(golden.get("mean_msis_95").asDouble(), scores.msis(0.95));
  }

  @Test
  void scores_ofNumbersByHand_areThose() {
    ForecastScores scores = new ForecastScores(2, 0.1, 0.5, 0.9);
    double[] past = {1, 5, 2, 7, NAN, 6};
    double[][] quantiles = {{1, 2, 3}, {4, 6, 8}, {0, 0, 0}};
    ForecastScore score = scores.add(past, new double[] {4, 6, 0}, quantiles);
    // |2 - 1|, |7 - 5|, |6 - 7|
    near(4 / 3.0, score.seasonalError());
    near(200 * (2 / 6.0) / 3, score.smape());
    near((2 / 3.0) / (4 / 3.0), score.mase());
    // Widths 2, 4, 0, and 4 is 1 above 3: 2 / 0.2 times 1.
    near((6 + 10) / 3.0 / (4 / 3.0), scores.msis(0.8));
    assertArrayEquals(
        new double[] {2 * (0.3 + 0.2), 2 * 1, 2 * (0.9 + 0.2)}, score.quantileLosses(), TOLERANCE);
    near(2 / 10.0, scores.weightedQuantileLoss(0.5));
    near(2 / 3.0, scores.intervalCoverage(0.8));
    near(1 / 3.0, scores.coverage(0.1));
    near(2 / 3.0, scores.coverage(0.5));
  }

  @Test
  void values_thatAreMissing_countNowhere() {
    ForecastScores with = new ForecastScores(1, MEDIAN);
    ForecastScores without = new ForecastScores(1, MEDIAN);
    double[] past = {1, 3, 2};
    with.add(past, new double[] {NAN, 5, NAN, 7}, point(100, 4, -100, 9));
    without.add(past, new double[] {5, 7}, point(4, 9));
    assertEquals(without.smape(), with.smape());
    assertEquals(without.mase(), with.mase());
    assertEquals(without.weightedQuantileLoss(0.5), with.weightedQuantileLoss(0.5));
    assertEquals(without.coverage(0.5), with.coverage(0.5));
  }

  /// Each undefined score is empty, counted, and leaves the averages of the others as they are.
  @Test
  void scores_thatAreNotDefined_areEmptyAndCounted() {
    ForecastScores scores = new ForecastScores(2, MEDIAN);
    double[] repeating = {1, 2, 1, 2};
    scores.add(repeating, new double[] {3, 4}, point(3, 5));
    assertEquals(OptionalDouble.empty(), scores.mase());
    scores.add(new double[] {1, 2}, new double[] {3, 4}, point(3, 5));
    scores.add(new double[] {1, 2, 3}, new double[] {NAN, NAN}, point(3, 5));
    assertEquals(3, scores.undefined(ForecastScore::mase));
    assertEquals(1, scores.undefined(ForecastScore::smape));
    scores.add(new double[] {1, 2, 3}, new double[] {3, 4}, point(3, 5));
    near(0.25, scores.mase());
    assertEquals(4, scores.windows());
    ForecastScores zeros = new ForecastScores(1, MEDIAN);
    zeros.add(new double[] {0, 1}, new double[] {0, 0}, point(0, 0));
    near(0, zeros.smape());
    assertEquals(OptionalDouble.empty(), zeros.weightedQuantileLoss(0.5));
    assertEquals(OptionalDouble.empty(), new ForecastScores(1, MEDIAN).coverage(0.5));
    assertEquals(OptionalDouble.empty(), zeros.meanWeightedQuantileLoss());
  }

  @Test
  void arguments_thatDoNotFit_areRefused() {
    refused("season: expected m of 1 or more, got 0", () -> new ForecastScores(0, MEDIAN));
    refused(
        "levels: expected numbers between 0 and 1, got 1.0", () -> new ForecastScores(1, 0.5, 1));
    refused(
        "levels: expected rising numbers, got 0.4 after 0.5",
        () -> new ForecastScores(1, 0.5, 0.4));
    refused("levels: expected 0.5 among them, got [0.1]", () -> new ForecastScores(1, 0.1));
    ForecastScores scores = new ForecastScores(1, MEDIAN);
    double[] past = {1, 2};
    double[] actual = {3, 4};
    refused(
        "quantiles: expected those of 2 steps, got 1", () -> scores.add(past, actual, point(3)));
    refused(
        "quantiles[1]: expected one for each of 1 levels, got 2",
        () -> scores.add(past, actual, new double[][] {{3}, {3, 4}}));
    refused(
        "quantiles[0]: expected finite numbers, got NaN",
        () -> scores.add(past, actual, point(NAN, 4)));
    refused("level: expected one of [0.5], got 0.9", () -> scores.coverage(0.9));
    List.of(0.8, 0.95)
        .forEach(share -> assertThrows(Refusal.class, () -> scores.intervalCoverage(share)));
  }

  private static void refused(String message, Runnable action) {
    assertEquals(message, assertThrows(Refusal.class, action::run).getMessage());
  }

  @Test
  void text_ofScores_leavesOutWhatIsNotDefined() {
    ForecastScores scores = new ForecastScores(1, MEDIAN);
    assertEquals("no score over 0 windows", scores.toString());
    scores.add(new double[] {1, 3}, new double[] {4}, point(5));
    assertEquals("MASE 0.5000, sMAPE 22.22, mean wQL 0.2500 over 1 window", scores.toString());
    scores.add(new double[] {0}, new double[] {4}, point(5));
    assertEquals("MASE 0.5000, sMAPE 22.22, mean wQL 0.2500 over 2 windows", scores.toString());
  }
}
