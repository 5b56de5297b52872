package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.table.Table;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.label.LabelPrediction;
import dev.unfold.run.series.Forecast;
import dev.unfold.run.series.ForecastTable;
import dev.unfold.run.series.Forecaster;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// What is said of tables and texts that are sent as they are.
final class PredictServiceTest {
  private static final String SHOPS = "/v1/models/shops/predict";

  @TempDir private Path folder;
  private Running server;

  @BeforeEach
  void start() {
    server =
        Running.of(
            Predictors.shops(folder),
            Predictors.steps(folder),
            Predictors.questions(folder),
            Predictors.words(folder),
            Fixtures.values(folder, "sensor", 2));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private HttpResponse<String> csv(String path, String body) throws Exception {
    return server.send("POST", path, body, "Content-Type", "text/csv");
  }

  private HttpResponse<String> text(String path, String body) throws Exception {
    return server.send("POST", path, body, "Content-Type", "text/plain; charset=utf-8");
  }

  private static JsonNode ok(HttpResponse<String> answer) {
    assertEquals(200, answer.statusCode(), answer.body());
    return Running.json(answer);
  }

  private static String refusal(HttpResponse<String> answer) {
    assertEquals(400, answer.statusCode(), answer.body());
    assertEquals(
        "application/problem+json", answer.headers().firstValue("Content-Type").orElseThrow());
    return Running.json(answer).get("detail").asString();
  }

  private List<Forecast> expected() {
    Forecaster forecaster = Forecaster.load(Predictors.shops(folder), Fixtures.KERNELS);
    try (Table read = Predictors.table(Predictors.shops())) {
      return forecaster.forecast(forecaster.panel(List.of(read)));
    }
  }

  @Test
  void table_ofSeries_isForeseenBitForBit() throws Exception {
    List<Forecast> expected = expected();

    JsonNode said = ok(csv(SHOPS + "?history=4", Predictors.shops()));

    assertEquals("series", said.get("kind").asString());
    assertEquals(
        server.models.find("shops").version().version(), said.get("model_version").asString());
    for (int i = 0; i < 2; i++) {
      Forecast own = expected.get(i);
      JsonNode forecast = said.get("forecasts").get(i);
      assertEquals(own.series(), forecast.get("series").asString());
      assertEquals(own.series(), forecast.get("keys").get("shop").asString());
      assertEquals("sold", forecast.get("target").asString());
      assertEquals(4, forecast.get("history").get("values").size());
      assertEquals(
          "2024-02-29", forecast.get("history").get("times").get(3).asString(), "the last day");
      for (int h = 0; h < 5; h++) {
        assertEquals(own.times().get(h), forecast.get("times").get(h).asString());
        assertEquals(own.means()[h], forecast.get("mean").get(h).doubleValue());
        assertEquals(
            own.quantiles()[h][0], forecast.get("quantiles").get("0.025").get(h).doubleValue());
      }
    }
  }

  @Test
  void table_askedAsCsv_isThatOfTheCommandLine() throws Exception {
    StringWriter expected = new StringWriter();
    List<Forecast> forecasts = expected();
    new ForecastTable(List.of("shop"), forecasts.getFirst().levels(), forecasts)
        .csv(new PrintWriter(expected));

    HttpResponse<String> answer =
        server.send(
            "POST", SHOPS, Predictors.shops(), "Content-Type", "text/csv", "Accept", "text/csv");

    assertEquals(expected.toString(), answer.body());
  }

  @Test
  void jsonLines_areTheSameTable() throws Exception {
    StringBuilder lines = new StringBuilder();
    Predictors.shops()
        .lines()
        .skip(1)
        .map(line -> line.split(",", -1))
        .forEach(row ->
            lines.append(
                "{\"day\":\"%s\",\"shop\":\"%s\",\"sold\":%s,\"offer\":%s,\"kind\":\"%s\"}\n"
                    .formatted(
                        row[0], row[1], row[2].isEmpty() ? "null" : row[2], row[3], row[4])));

    JsonNode csv = ok(csv(SHOPS, Predictors.shops()));
    JsonNode json =
        ok(server.send("POST", SHOPS, lines.toString(), "Content-Type", "application/x-ndjson"));

    assertEquals(csv, json);
  }

  /// Whoever sends a body has no command line.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a NUL | day,shop,sold\\n2024-01-01,a\\0,1 | ?encoding=UTF-16 reads UTF-16",
        "two decimal signs | day,shop,sold\\n2024-01-01,a,\"1,234\"\\n2024-01-02,a,\"2,345\" |"
            + " ?decimal=",
        "dates | day,shop,sold\\n03/04/2024,a,1\\n04/04/2024,a,2 | ?dates=day-first or month-first",
        "no name | day,,sold\\n2024-01-01,a,1 | the parameter names",
        "a quote | day,shop,sold\\n2024-01-01,\"a,1\\n2024-01-02,b,2 | ?quote=none",
        "another column | day,shop,bought\\n2024-01-01,a,1 | body: expected a column offer, which"
            + " the model reads, got the columns day, shop, bought",
        "a row twice | day,shop,sold,offer,kind\\n2024-01-01,a,1,0,big\\n2024-01-01,a,1,0,big | a"
      })
  void table_thatCannotBeRead_isRefusedWithoutOptions(String what, String body, String said)
      throws Exception {
    String detail = refusal(csv(SHOPS, body.replace("\\n", "\n").replace("\\0", "\0")));
    assertTrue(detail.contains(said), what + ": " + detail);
    assertFalse(detail.contains("--"), what + ": " + detail);
  }

  /// The same table as it is written elsewhere.
  @Test
  void table_writtenOtherwise_isReadAsIsSaid() throws Exception {
    JsonNode usual = ok(csv(SHOPS, Predictors.shops()));
    String own =
        Predictors.shops().lines().skip(1).collect(Collectors.joining("\n")).replace(',', '|');
    HttpRequest request =
        HttpRequest.newBuilder(
                server.uri(SHOPS + "?delimiter=%7C&encoding=UTF-16&names=day,shop,sold,offer,kind"))
            .header("Content-Type", "text/csv")
            .POST(BodyPublishers.ofString(own, StandardCharsets.UTF_16))
            .build();

    assertEquals(usual, ok(server.client.send(request, BodyHandlers.ofString())));
    for (String bad :
        List.of("encoding=none", "delimiter=ab", "delimiter=a", "decimal=x", "dates=any")) {
      HttpResponse<String> refused = csv(SHOPS + "?" + bad, Predictors.shops());
      assertEquals(
          bad.substring(0, bad.indexOf('=')), Running.json(refused).get("argument").asString());
    }
  }

  @Test
  void stepsAhead_areReachedByPaths() throws Exception {
    JsonNode said = ok(csv("/v1/models/steps/predict?paths=20&ahead=7&seed=3", Predictors.pairs()));

    assertEquals(7, said.get("forecasts").get(1).get("mean").size());
  }

  @Test
  void lines_ofTexts_getTheLabelsOfTheModel() throws Exception {
    Path file = Predictors.questions(folder);
    LabelModel model = LabelModel.of(file, ModelFile.load(file, Fixtures.KERNELS));
    LabelPrediction expected = model.predict(LabelledSequence.ofWords("who", "is", "it"));

    JsonNode said = ok(text("/v1/models/questions/predict?top=2", "who is it\n\nnobody knows\n"));

    assertEquals("classes", said.get("kind").asString());
    JsonNode first = said.get("sequences").get(0);
    assertEquals(expected.labels().getFirst(), first.get("label").asString());
    assertEquals(2, first.get("probabilities").size());
    for (int k = 0; k < 2; k++) {
      assertEquals(
          expected.probabilities().getFirst()[k],
          first.get("probabilities").get(model.labels().get(k)).doubleValue());
    }
    assertEquals(3, said.get("sequences").get(1).get("line").asInt());
  }

  @Test
  void lines_withLabels_areReadWithoutThem() throws Exception {
    JsonNode without = ok(text("/v1/models/questions/predict", "who is it\n"));
    JsonNode with = ok(text("/v1/models/questions/predict?labelled=true", "ask who is it\n"));

    assertEquals(without, with);
  }

  @Test
  void label_thatIsNotLikelyEnough_isNull() throws Exception {
    JsonNode said = ok(text("/v1/models/questions/predict?threshold=1", "who is it\n"));

    assertTrue(said.get("sequences").get(0).get("label").isNull());
  }

  @Test
  void words_getTags() throws Exception {
    Path file = Predictors.words(folder);
    LabelModel model = LabelModel.of(file, ModelFile.load(file, Fixtures.KERNELS));
    LabelPrediction expected = model.predict(LabelledSequence.ofWords("the", "cat"));

    JsonNode said = ok(text("/v1/models/words/predict", "the\ncat\n\na\n"));

    JsonNode first = said.get("sequences").get(0);
    assertEquals("tags", said.get("kind").asString());
    assertEquals("cat", first.get("words").get(1).asString());
    assertEquals(expected.labels().get(1), first.get("tags").get(1).asString());
    assertEquals(1, first.get("probabilities").get(1).size());
    assertEquals(2, said.get("sequences").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "day,shop,sold,offer,kind\\n2024-01-01,north,1 | body: line 2: expected 5 values, as there"
            + " are columns, got 3, the first 2024-01-01",
        "day,shop,sold,offer,kind\\n2024-01-01,n,1,0,x\\n2024-01-02,n,2,0,x\\n2024-01-03,n,3,0,x"
            + "\\n2024-01-04,n,4,0,x\\n2024-01-05,n,5,0,x\\n2024-01-06,n,6,0,x\\n2024-01-07,n,abc,0,x"
            + " | body: target: expected a column of numbers, got sold, which is text; line 8 has"
            + " abc",
        "day,shop,sold\\n2024-01-01,n,1 | body: expected a column offer, which the model"
            + " reads, got the columns day, shop, sold",
        "day,shop,sold,offer,kind\\n2024-01-01,n,1,0,x\\n2024-01-01,n,2,0,x |"
            + " body: line 3 (series n): expected one row for 2024-01-01, got another"
            + " after line 2",
        "day,shop,sold,offer,kind\\n0001-01-01,n,1,0,x\\n9999-12-31,n,2,0,x |"
            + " body: line 3 (series n): expected fewer than 100,100 steps for 2 rows, got"
            + " 3,652,059 until 9999-12-31",
        "\"a | body: line 1: expected a quote \" that ends a value before the delimiter ,, got one"
            + " that does not, in this row; ?quote=none takes quotes as they are",
        "PAR1 | body: expected values as text, got Parquet",
        "[[[[[[ | body: line 1: expected an object a line, got a list",
      })
  void table_thatCannotBeUsed_isRefusedWithItsPlace(String body, String message) throws Exception {
    assertEquals(message, refusal(csv(SHOPS, body.replace("\\n", "\n"))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "top=0 | top: expected a whole number from 1 to 100, got 0",
        "top=x | top: expected a whole number from 1 to 100, got x",
        "threshold=2 | threshold: expected a probability from 0 to 1, got 2",
        "threshold=NaN | threshold: expected a probability from 0 to 1, got NaN",
        "labelled=yes | labelled: expected true or false, got yes",
        "history=-1 | history: expected a whole number from 0 to 10,000, got -1",
        "ahead=5 | ahead: expected paths beside it, got none",
        "paths=10 | paths: expected a model of horizon 1 state carried that tells more than a"
            + " point, got one of horizon 5 state window output"
            + " quantiles:0.025,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,0.975",
      })
  void parameter_thatCannotBeUsed_isRefusedInOneLine(String query, String message)
      throws Exception {
    assertEquals(message, refusal(csv(SHOPS + "?" + query, Predictors.shops())));
  }

  @Test
  void sequence_ofTooManySteps_isRefusedWithItsLine() throws Exception {
    String long_ = "who is it\n" + "a ".repeat(20_000) + "\n";

    assertEquals(
        "body: line 2: expected a sequence of at most 16,384 steps, got 20,000",
        refusal(text("/v1/models/questions/predict", long_)));
  }

  @Test
  void body_thatIsNoneOrOfAnotherKind_isRefused() throws Exception {
    assertEquals("body: expected a table or text, got none", refusal(csv(SHOPS, "")));
    assertEquals(415, server.send("POST", SHOPS, "x", "Content-Type", "image/png").statusCode());
    assertEquals(
        "model: expected one of series, classes or tags, got sensor, another",
        refusal(csv("/v1/models/sensor/predict", "a,b\n1,2\n")));
  }

  @Test
  void path_ofARequest_reachesNoFile() throws Exception {
    HttpResponse<String> answer = csv("/v1/models/..%2F..%2Fetc%2Fpasswd/predict", "a,b\n1,2\n");

    assertFalse(answer.body().contains("root"));
    assertTrue(answer.statusCode() == 404 || answer.statusCode() == 400, answer.body());
  }
}
