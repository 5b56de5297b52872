package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.data.table.Table;
import dev.unfold.run.series.Forecast;
import dev.unfold.run.series.Forecaster;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Forecasts in the contract of KServe.
final class ForecastServiceTest {
  private static final String PATH = "/v1/timeseries/forecast";
  private static final JsonMapper MAPPER = new JsonMapper();

  @TempDir private Path folder;
  private Running server;

  @BeforeEach
  void start() {
    server =
        Running.of(
            Predictors.shops(folder),
            Predictors.pairs(folder),
            Predictors.steps(folder),
            Fixtures.values(folder, "sensor", 2));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Map<String, Object> shop(String name) {
    List<Object> series = new ArrayList<>();
    List<Object> offers = new ArrayList<>();
    for (int t = 0; t < Predictors.DAYS + 5; t++) {
      if (t < Predictors.DAYS) {
        series.add(t % 17 == 3 ? null : Double.valueOf(Predictors.text(Predictors.sold(name, t))));
      }
      offers.add(Predictors.offer(t));
    }
    Map<String, Object> input = new LinkedHashMap<>();
    input.put("type", "univariate_time_series");
    input.put("name", name);
    input.put("series", series);
    input.put("frequency", "day");
    input.put("start_timestamp", "2024-01-01T00:00:00");
    input.put("known", Map.of("offer", offers));
    input.put("static", Map.of("kind", Predictors.kind(name)));
    return input;
  }

  private static Map<String, Object> pair(List<List<Double>> series) {
    Map<String, Object> input = new LinkedHashMap<>();
    // As that of a table with one series, whose paths are drawn by it.
    input.put("name", "");
    input.put("series", series);
    return input;
  }

  private static List<List<Double>> pairs() {
    return Predictors.pairs()
        .lines()
        .skip(1)
        .map(line -> List.of(line.split(",")).stream().map(Double::valueOf).toList())
        .toList();
  }

  private HttpResponse<String> ask(String model, Object inputs, Map<String, ?> options)
      throws Exception {
    return server.post(
        PATH,
        MAPPER.writeValueAsString(Map.of("model", model, "inputs", inputs, "options", options)));
  }

  private JsonNode content(HttpResponse<String> answer, int output) {
    assertEquals(200, answer.statusCode(), answer.body());
    return Running.json(answer).get("outputs").get(output).get("content").get(0);
  }

  private String refusal(HttpResponse<String> answer) {
    assertEquals(400, answer.statusCode(), answer.body());
    return Running.json(answer).get("error").get("message").asString();
  }

  private List<Forecast> expected(Path model, String table) {
    Forecaster forecaster = Forecaster.load(model, Fixtures.KERNELS);
    try (Table read = Predictors.table(table)) {
      return forecaster.forecast(forecaster.panel(List.of(read)));
    }
  }

  @Test
  void models_asked_areThoseOfSeries() throws Exception {
    assertEquals("[\"shops\",\"pairs\",\"steps\"]", server.get("/v1/timeseries/models").body());
  }

  @Test
  void forecast_ofSeries_isThatOfTheSameTableBitForBit() throws Exception {
    List<Forecast> expected = expected(Predictors.shops(folder), Predictors.shops());

    HttpResponse<String> answer =
        ask("shops", List.of(shop("north"), shop("south")), Map.of("horizon", 5));

    JsonNode all = Running.json(answer);
    assertEquals("completed", all.get("status").asString());
    assertEquals("shops", all.get("model").asString());
    assertEquals(
        server.models.find("shops").version().version(), all.get("model_version").asString());
    for (int i = 0; i < 2; i++) {
      Forecast own = expected.get(i);
      JsonNode content = content(answer, i);
      assertEquals(own.series(), content.get("name").asString());
      assertEquals("day", content.get("frequency").asString());
      // Ten steps are foreseen of which the first is a day after the last value.
      assertEquals("2024-03-01T00:00:00", content.get("start_timestamp").asString());
      assertEquals(own.levels().size(), content.get("quantiles").size());
      for (int h = 0; h < 5; h++) {
        assertEquals(own.means()[h], content.get("mean_forecast").get(h).doubleValue());
        for (int q = 0; q < own.levels().size(); q++) {
          assertEquals(
              own.quantiles()[h][q],
              content
                  .get("quantiles")
                  .get(Double.toString(own.levels().get(q)))
                  .get(h)
                  .doubleValue());
        }
      }
    }
  }

  @Test
  void forecast_ofSeveralTargets_hasAListAStep() throws Exception {
    List<Forecast> expected = expected(Predictors.pairs(folder), Predictors.pairs());

    JsonNode content =
        content(
            ask(
                "pairs",
                List.of(pair(pairs())),
                Map.of("horizon", 3, "quantiles", List.of(0.9, 0.5))),
            0);

    assertEquals("multivariate_time_series", content.get("type").asString());
    assertEquals(3, content.get("mean_forecast").size());
    assertEquals("81", content.get("start_timestamp").asString(), "rows are counted from 1");
    assertEquals(List.of("0.9", "0.5"), List.copyOf(content.get("quantiles").propertyNames()));
    for (int h = 0; h < 3; h++) {
      for (int target = 0; target < 2; target++) {
        Forecast own = expected.get(target);
        assertEquals(own.means()[h], content.get("mean_forecast").get(h).get(target).doubleValue());
        assertEquals(
            own.quantiles()[h][own.levels().indexOf(0.9)],
            content.get("quantiles").get("0.9").get(h).get(target).doubleValue());
      }
    }
  }

  @Test
  void horizon_beyondAModelOfSteps_isReachedByPaths() throws Exception {
    Forecaster forecaster = Forecaster.load(Predictors.steps(folder), Fixtures.KERNELS);
    List<Forecast> expected;
    try (Table read = Predictors.table(Predictors.pairs())) {
      expected = forecaster.paths(forecaster.panel(List.of(read)), 6, 50, 9);
    }

    JsonNode content =
        content(
            ask("steps", List.of(pair(pairs())), Map.of("horizon", 6, "paths", 50, "seed", 9)), 0);

    for (int h = 0; h < 6; h++) {
      assertEquals(
          expected.get(1).means()[h], content.get("mean_forecast").get(h).get(1).doubleValue());
    }
  }

  @Test
  void horizon_beyondAModel_isRefusedWithWhatItHas() throws Exception {
    assertEquals(
        "options.horizon: expected 1 to 5, the model's own, got 6",
        refusal(ask("shops", List.of(shop("north")), Map.of("horizon", 6))));
  }

  @Test
  void start_withAnOffset_isToldWithIt() throws Exception {
    Map<String, Object> shop = shop("north");
    shop.put("start_timestamp", "2024-01-01T00:00:00+01:00");

    JsonNode content = content(ask("shops", List.of(shop), Map.of("horizon", 1)), 0);

    assertEquals("2024-03-01T00:00:00+01:00", content.get("start_timestamp").asString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "frequency | \"hour\" | inputs[0].frequency: expected day, as the model has it, got hour",
        "start_timestamp | null | inputs[0].start_timestamp: expected the time of the first value,"
            + " which the model reads, got none",
        "start_timestamp | \"yesterday\" | inputs[0].start_timestamp: expected a time such as"
            + " 2025-01-31 or 2025-01-31T12:00:00Z, got yesterday",
        "start_timestamp | \"9999-12-30\" | inputs[0].start_timestamp: expected one from which 65"
            + " steps end by the year 9999, got a later one",
        "series | [] | inputs[0].series: expected one value or more, got none",
        "series | [1, \"x\"] | inputs[0].series[1]: expected a finite number, got x",
        "series | [1, 1e999] | inputs[0].series[1]: expected a finite number, got Infinity",
        "series | [null, null] | series north: expected values to go on from, got none",
        "series | [[1, 2]] | inputs[0].type: expected multivariate_time_series, as the series is"
            + " one, got univariate_time_series",
        "known | null | inputs[0].known.offer: expected a list of values, which the model reads,"
            + " got none",
        "known | {\"offer\": [1, 2]} | inputs[0].known.offer: expected a value for each of 60"
            + " steps and for those to come, got 2",
        "static | {} | inputs[0].static.kind: expected a value, which the model reads, got none",
        "static | {\"kind\": {}} | inputs[0].static.kind[0]: expected a text, got an object",
        "name | 7 | inputs[0].name: expected a text, got 7",
      })
  void input_thatCannotBeUsed_isRefusedInOneLine(String member, String value, String message)
      throws Exception {
    Map<String, Object> shop = shop("north");
    shop.put(member, MAPPER.readTree(value));

    assertEquals(message, refusal(ask("shops", List.of(shop), Map.of("horizon", 5))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | options.horizon: expected a whole number from 1 to 100,000, got none",
        "{\"horizon\": 0} | options.horizon: expected a whole number from 1 to 100,000, got 0",
        "{\"horizon\": 1.5} | options.horizon: expected a whole number from 1 to 100,000, got 1.5",
        "{\"horizon\": 1, \"quantiles\": [0.33]} | options.quantiles[0]: expected one of the"
            + " model's, [0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975], got 0.33",
        "{\"horizon\": 1, \"quantiles\": [0.5, 0.5]} | options.quantiles: expected each level"
            + " once, got 0.5",
        "{\"horizon\": 1, \"paths\": 5} | options.paths: expected none, since the model does not"
            + " go step by step, got 5",
      })
  void options_thatCannotBeUsed_areRefusedInOneLine(String options, String message)
      throws Exception {
    assertEquals(
        message,
        refusal(
            server.post(
                PATH,
                "{\"model\": \"shops\", \"inputs\": [%s], \"options\": %s}"
                    .formatted(MAPPER.writeValueAsString(shop("north")), options))));
  }

  @Test
  void answer_ofTooManyNumbers_isRefusedBeforeItIsMade() throws Exception {
    List<Object> inputs = new ArrayList<>();
    for (int i = 0; i < 9000; i++) {
      inputs.add(Map.of("name", "s" + i, "series", List.of(List.of(1, 2))));
    }
    String message = refusal(ask("steps", inputs, Map.of("horizon", 10, "paths", 1)));

    assertTrue(message.contains("an answer of at most 1,048,576 numbers"), message);
  }

  @Test
  void model_ofAnotherKind_isRefused() throws Exception {
    assertEquals(
        "model: expected one of series, got sensor, which is another",
        refusal(ask("sensor", List.of(shop("north")), Map.of("horizon", 1))));
    assertEquals(404, ask("nobody", List.of(shop("north")), Map.of("horizon", 1)).statusCode());
  }
}
