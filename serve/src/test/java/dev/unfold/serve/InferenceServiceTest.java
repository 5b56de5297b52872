package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.run.session.Session;
import dev.unfold.run.session.SessionException;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.run.session.Sessions;
import dev.unfold.run.session.Turn;
import dev.unfold.sequence.Inputs;
import dev.unfold.serve.http.Limits;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The Open Inference Protocol, and sequences as Triton has them.
final class InferenceServiceTest {
  private static final JsonMapper MAPPER = new JsonMapper();

  @TempDir private Path folder;
  private Running server;

  @BeforeEach
  void start() {
    server =
        Running.of(
            Fixtures.values(folder, "sensor", 2),
            Fixtures.text(folder, "poem", 1),
            Predictors.pooled(folder),
            Predictors.columns(folder));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Network network(String model) {
    return server.models.find(model).version().network();
  }

  private static Map<String, Object> input(String name, String type, Object data, int... shape) {
    Map<String, Object> input = new LinkedHashMap<>();
    input.put("name", name);
    input.put("shape", shape);
    input.put("datatype", type);
    input.put("data", data);
    return input;
  }

  private HttpResponse<String> infer(String model, Object inputs, Map<String, ?> parameters)
      throws Exception {
    return server.post(
        "/v2/models/" + model + "/infer",
        MAPPER.writeValueAsString(Map.of("id", "7", "inputs", inputs, "parameters", parameters)));
  }

  private static double[] data(HttpResponse<String> answer) {
    assertEquals(200, answer.statusCode(), answer.body());
    JsonNode data = Running.json(answer).get("outputs").get(0).get("data");
    double[] all = new double[data.size()];
    Arrays.setAll(all, i -> (float) data.get(i).doubleValue());
    return all;
  }

  private static String refusal(HttpResponse<String> answer) {
    assertEquals(400, answer.statusCode(), answer.body());
    JsonNode json = Running.json(answer);
    assertEquals(json.get("detail"), json.get("error"), "the protocol's member");
    return json.get("error").asString();
  }

  private static double[] random(int count) {
    SplittableRandom random = new SplittableRandom(8);
    return random.doubles(count, -2, 2).map(x -> (float) x).toArray();
  }

  /// Numbers of B sequences as rows of steps.
  private static Matrix rows(double[] data, int batch, int steps, int width) {
    Matrix rows = Matrix.onHeap(ElementType.FLOAT32, batch * steps, width);
    for (int i = 0; i < data.length; i++) {
      int step = i / width;
      rows.set(step % steps * batch + step / steps, i % width, data[i]);
    }
    return rows;
  }

  /// Outputs as the protocol has them.
  private static double[] bySequence(Matrix outputs, int batch) {
    int steps = outputs.rows() / batch;
    double[] all = new double[outputs.rows() * outputs.cols()];
    int at = 0;
    for (int b = 0; b < batch; b++) {
      for (int t = 0; t < steps; t++) {
        for (int k = 0; k < outputs.cols(); k++) {
          all[at++] = outputs.get(t * batch + b, k);
        }
      }
    }
    return all;
  }

  private static int[] lengths(int batch, int steps) {
    int[] lengths = new int[batch];
    Arrays.fill(lengths, steps);
    return lengths;
  }

  @Test
  void server_asked_announcesItsExtensions() throws Exception {
    JsonNode metadata = Running.json(server.get("/v2"));

    assertEquals("unfold", metadata.get("name").asString());
    assertEquals("[\"sequence\",\"sequence(string_id)\"]", metadata.get("extensions").toString());
  }

  @Test
  void model_asked_tellsItsTensors() throws Exception {
    String version = server.models.find("columns").version().version();

    JsonNode metadata = Running.json(server.get("/v2/models/columns/versions/" + version));

    assertEquals(
        "[{\"name\":\"numbers\",\"datatype\":\"FP32\",\"shape\":[-1,-1,2]},"
            + "{\"name\":\"categories\",\"datatype\":\"INT64\",\"shape\":[-1,-1,2]}]",
        metadata.get("inputs").toString());
    assertEquals(
        "[{\"name\":\"output\",\"datatype\":\"FP32\",\"shape\":[-1,-1,2]}]",
        metadata.get("outputs").toString());
    assertEquals(version, metadata.get("versions").get(0).asString());
    assertTrue(Running.json(server.get("/v2/models/pooled/ready")).get("ready").asBoolean());
    assertEquals(
        "[-1,3]",
        Running.json(server.get("/v2/models/pooled"))
            .get("outputs")
            .get(0)
            .get("shape")
            .toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"live", "ready"})
  void health_ofAServerThatRuns_isGood(String what) throws Exception {
    HttpResponse<String> answer = server.get("/v2/health/" + what);

    assertEquals(200, answer.statusCode());
    assertTrue(Running.json(answer).get(what).asBoolean());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/v2/models/nobody", "/v2/models/sensor/versions/0", "/v2/models/x/ready"})
  void model_thatIsNotServed_isNotFound(String path) throws Exception {
    HttpResponse<String> answer = server.get(path);

    assertEquals(404, answer.statusCode());
    assertTrue(Running.json(answer).get("error").isString());
  }

  // One sequence, several, more rows than are run at a time, and more sequences than that.
  @ParameterizedTest
  @CsvSource({"1,1", "3,5", "2,4100", "4100,2", "1,9000"})
  void vectors_inferred_areThoseOfARunFromZeros(int batch, int steps) throws Exception {
    double[] data = random(batch * steps * 3);
    Matrix rows = rows(data, batch, steps, 3);
    Matrix expected =
        new Runner(network("sensor")).runWhole(new Inputs.Vectors(rows), lengths(batch, steps));

    HttpResponse<String> answer =
        infer("sensor", List.of(input("input", "FP32", data, batch, steps, 3)), Map.of());

    assertEquals("7", Running.json(answer).get("id").asString());
    assertEquals(
        server.models.find("sensor").version().version(),
        Running.json(answer).get("model_version").asString());
    assertEquals(
        List.of(batch, steps, 2).toString(),
        Running.json(answer).get("outputs").get(0).get("shape").toString().replace(",", ", "));
    assertArrayEquals(bySequence(expected, batch), data(answer));
  }

  @Test
  void data_inLists_areTheSame() throws Exception {
    double[][][] nested = {{{1, 2, 3}, {4, 5, 6}}, {{7, 8, 9}, {0, 1, 2}}};
    double[] flat = {1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2};

    HttpResponse<String> first =
        infer("sensor", List.of(input("input", "FP64", nested, 2, 2, 3)), Map.of());
    HttpResponse<String> second =
        infer("sensor", List.of(input("input", "FP32", flat, 2, 2, 3)), Map.of());

    assertEquals(second.body(), first.body());
  }

  @Test
  void tokens_inferred_areThoseOfARunFromZeros() throws Exception {
    int[] tokens = {1, 2, 3, 4, 5, 6};
    Matrix expected =
        new Runner(network("poem"))
            .runWhole(new Inputs.Tokens(new int[] {1, 4, 2, 5, 3, 6}, 0), 3, 3);

    HttpResponse<String> answer =
        infer("poem", List.of(input("tokens", "UINT8", tokens, 2, 3)), Map.of());

    assertArrayEquals(bySequence(expected, 2), data(answer));
  }

  @Test
  void pooledOutputs_areThoseOfSequences() throws Exception {
    double[] data = random(2 * 4 * 2);
    Matrix expected =
        new Runner(network("pooled")).runWhole(new Inputs.Vectors(rows(data, 2, 4, 2)), 4, 4);

    HttpResponse<String> answer =
        infer("pooled", List.of(input("input", "FP32", data, 2, 4, 2)), Map.of());

    assertEquals("[2,3]", Running.json(answer).get("outputs").get(0).get("shape").toString());
    assertArrayEquals(bySequence(expected, 2), data(answer));
  }

  @Test
  void columns_areTwoTensors() throws Exception {
    double[] numbers = random(2 * 2);
    int[][] categories = {{0, 2}, {4, 1}};
    Matrix expected =
        new Runner(network("columns"))
            .runWhole(new Inputs.Columns(rows(numbers, 1, 2, 2), categories), 2);

    HttpResponse<String> answer =
        infer(
            "columns",
            List.of(
                input("categories", "INT32", new int[] {0, 4, 2, 1}, 1, 2, 2),
                input("numbers", "FP32", numbers, 1, 2, 2)),
            Map.of());

    assertArrayEquals(bySequence(expected, 1), data(answer));
  }

  @Test
  void outputs_notAskedFor_areNotSaid() throws Exception {
    HttpResponse<String> answer =
        server.post(
            "/v2/models/poem/infer",
            "{\"inputs\":[{\"name\":\"tokens\",\"shape\":[1,1],\"datatype\":\"INT8\",\"data\":[1]}],"
                + "\"outputs\":[]}");

    assertEquals(200, answer.statusCode());
    assertEquals(0, Running.json(answer).get("outputs").size());
    assertFalse(Running.json(answer).has("id"));
  }

  private double[] step(Map<String, ?> parameters, double... rows) throws Exception {
    return data(
        infer("sensor", List.of(input("input", "FP32", rows, 1, rows.length / 3, 3)), parameters));
  }

  @ParameterizedTest
  @ValueSource(strings = {"42", "18446744073709551615", "\"e333c95a\"", "\"any ../ text\""})
  void sequence_inParts_isTheSameAsWhole(String id) throws Exception {
    Object sequence = MAPPER.readTree(id);
    double[] data = random(6 * 3);
    double[] whole = step(Map.of(), data);

    double[] first =
        step(Map.of("sequence_id", sequence, "sequence_start", true), Arrays.copyOf(data, 3));
    double[] second = step(Map.of("sequence_id", sequence), Arrays.copyOfRange(data, 3, 15));
    double[] last =
        step(
            Map.of("sequence_id", sequence, "sequence_end", true),
            Arrays.copyOfRange(data, 15, 18));

    assertArrayEquals(Arrays.copyOf(whole, 2), first);
    assertArrayEquals(Arrays.copyOfRange(whole, 2, 10), second);
    assertArrayEquals(Arrays.copyOfRange(whole, 10, 12), last);
    assertEquals(0, server.models.find("sensor").expectSessions().size(), "it ended");
  }

  @Test
  void sequence_startedAgain_beginsAnew() throws Exception {
    Map<String, Object> start = Map.of("sequence_id", 5, "sequence_start", true);
    double[] first = step(start, 1, 2, 3);
    double[] second = step(Map.of("sequence_id", 5), 1, 2, 3);
    double[] again = step(start, 1, 2, 3);

    assertArrayEquals(first, again);
    assertNotEquals(first[0], second[0]);
  }

  /// The end comes with the step that asks for it: behind that step nobody finds the sequence, however often he looks.
  @Test
  void sequence_endedBesideOneWhoTriesAllTheTime_isNotFoundBehindItsLastStep() throws Exception {
    Sessions sessions = server.models.find("sensor").expectSessions();
    // A thread of the system: one that spins would keep a processor from those of the server.
    try (ExecutorService spinning = Executors.newSingleThreadExecutor()) {
      for (int round = 0; round < 150; round++) {
        step(Map.of("sequence_id", 9, "sequence_start", true), 1, 2, 3);
        Session session = sessions.find("v2:sensor:u:9");
        Future<Boolean> other = spinning.submit(() -> isFoundBehind(session, 1));
        try {
          end(9);
          assertFalse(other.get(), "round " + round);
        } finally {
          other.cancel(true);
        }
        assertEquals(0, sessions.size());
      }
    }
  }

  /// Whether a session can be held that has read more than `steps` rows, before it has ended.
  private static boolean isFoundBehind(Session session, long steps) {
    while (!Thread.currentThread().isInterrupted()) {
      try (Turn turn = session.begin()) {
        if (turn.step() > steps) {
          return true;
        }
      } catch (SessionException e) {
        if (e.reason() == SessionException.Reason.UNKNOWN) {
          return false;
        }
        assertEquals(SessionException.Reason.BUSY, e.reason());
      }
    }
    return false;
  }

  /// The last step of a sequence, as soon as nobody else is at it.
  private void end(int id) throws Exception {
    Object inputs = List.of(input("input", "FP32", new int[] {1, 2, 3}, 1, 1, 3));
    HttpResponse<String> answer;
    do {
      answer = infer("sensor", inputs, Map.of("sequence_id", id, "sequence_end", true));
    } while (answer.statusCode() == 409);
    assertEquals(200, answer.statusCode(), answer.body());
  }

  @Test
  void sequences_ofANumberAndItsText_areTwo() throws Exception {
    step(Map.of("sequence_id", 42, "sequence_start", true), 1, 2, 3);

    assertEquals(
        "parameters.sequence_start: expected true in the first request of a sequence, got none for"
            + " sequence 42",
        refusal(
            infer(
                "sensor",
                List.of(input("input", "FP32", new int[] {1, 2, 3}, 1, 1, 3)),
                Map.of("sequence_id", "42"))));
  }

  @Test
  void sessions_mayNotBeNamedAsSequencesAre() throws Exception {
    step(Map.of("sequence_id", 42, "sequence_start", true), 1, 2, 3);

    assertEquals(1, Running.json(server.get("/v1/sessions/v2:sensor:u:42")).get("step").asInt());
    HttpResponse<String> answer =
        server.post("/v1/sessions", "{\"model\": \"sensor\", \"id\": \"v2:sensor:u:43\"}");
    assertEquals(400, answer.statusCode());
    assertEquals(
        "id: expected no v2: at its start, as of sequences, got v2:sensor:u:43",
        Running.json(answer).get("detail").asString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "\"\"", "null"})
  void sequence_ofNoIdentifier_isNone(String id) throws Exception {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("sequence_id", MAPPER.readTree(id));

    step(parameters, 1, 2, 3);

    assertEquals(0, server.models.find("sensor").expectSessions().size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"sequence_start\": true} | parameters.sequence_id: expected one that is neither 0 nor"
            + " empty beside sequence_start, got none",
        "{\"sequence_id\": 0, \"sequence_end\": true} | parameters.sequence_id: expected one that"
            + " is neither 0 nor empty beside sequence_end, got 0",
        "{\"sequence_id\": -1} | parameters.sequence_id: expected a text, or a whole number from 0"
            + " to 2^64-1, got -1",
        "{\"sequence_id\": 18446744073709551616} | parameters.sequence_id: expected a text, or a"
            + " whole number from 0 to 2^64-1, got 18446744073709551616",
        "{\"sequence_id\": 1.5} | parameters.sequence_id: expected a text, or a whole number from 0"
            + " to 2^64-1, got 1.5",
        "{\"sequence_id\": {}} | parameters.sequence_id: expected a text, or a whole number from 0"
            + " to 2^64-1, got an object",
        "{\"sequence_id\": 3} | parameters.sequence_start: expected true in the first request of a"
            + " sequence, got none for sequence 3",
        "{\"sequence_id\": 3, \"sequence_start\": 1} | parameters.sequence_start: expected true or"
            + " false, got 1",
        "7 | parameters: expected an object, got 7",
      })
  void parameters_thatCannotBeUsed_areRefused(String parameters, String message) throws Exception {
    assertEquals(
        message,
        refusal(
            server.post(
                "/v2/models/sensor/infer",
                ("{\"parameters\": %s, \"inputs\": [{\"name\": \"input\", \"shape\": [1, 1, 3],"
                        + " \"datatype\": \"FP32\", \"data\": [1, 2, 3]}]}")
                    .formatted(parameters))));
  }

  @Test
  void sequence_ofAModelThatHasToSeeAll_isRefused() throws Exception {
    assertEquals(
        "parameters.sequence_id: expected none, since the model does not run step by step, got 1",
        refusal(
            infer(
                "pooled",
                List.of(input("input", "FP32", new int[] {1, 2}, 1, 1, 2)),
                Map.of("sequence_id", 1, "sequence_start", true))));
  }

  @Test
  void sequence_idleForTooLong_isGoneUntilItStartsAgain() throws Exception {
    SessionOptions shortly =
        new SessionOptions(9, 9, Duration.ofMillis(50), Duration.ofMillis(50), 1, 8);
    try (Running own =
        Running.of(shortly, Limits.defaults(), Fixtures.values(folder, "sensor", 2))) {
      String body =
          "{\"parameters\": {\"sequence_id\": 1%s}, \"inputs\": [{\"name\": \"input\", \"shape\":"
              + " [1, 1, 3], \"datatype\": \"FP32\", \"data\": [1, 2, 3]}]}";
      String path = "/v2/models/sensor/infer";
      String start = body.formatted(", \"sequence_start\": true");
      assertEquals(200, own.post(path, start).statusCode());
      Thread.sleep(100);
      own.models.find("sensor").expectSessions().sweep();

      HttpResponse<String> gone = own.post(path, body.formatted(""));

      assertEquals(410, gone.statusCode(), gone.body());
      assertTrue(Running.json(gone).get("error").asString().contains("expired at"), gone.body());
      assertEquals(200, own.post(path, start).statusCode());
    }
  }

  @Test
  void sequence_ofABatch_isRefused() throws Exception {
    assertEquals(
        "inputs[0].shape[0]: expected 1, since a request is of one sequence, got 2",
        refusal(
            infer(
                "sensor",
                List.of(input("input", "FP32", new int[6], 2, 1, 3)),
                Map.of("sequence_id", 1, "sequence_start", true))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[] | FP32 | [] | inputs[0].shape: expected 3 dimensions, [-1, -1, 3], got 0",
        "[1, 1, 2] | FP32 | [1, 2] | inputs[0].shape[2]: expected a whole number from 3 to 3, got"
            + " 2",
        "[-1, 1, 3] | FP32 | [1, 2, 3] | inputs[0].shape[0]: expected a whole number from 1 to"
            + " 4,194,304, got -1",
        "[1000000, 1000000, 3] | FP32 | [1] | inputs[0].shape: expected at most 4,194,304 numbers,"
            + " got more",
        "[9223372036854775808, 1, 3] | FP32 | [1] | inputs[0].shape[0]: expected a whole number"
            + " from 1 to 4,194,304, got 9223372036854775808",
        "[1, 2, 3] | FP32 | [1, 2, 3] | inputs[0].data: expected 6 numbers for a shape of [1, 2,"
            + " 3], got 3",
        "[1, 1, 3] | FP32 | [[[1, 2]]] | inputs[0].data[0][0]: expected a list of 3, as the shape"
            + " says, got 2",
        "[1, 2, 3] | FP32 | [[[1, 2, 3], 4]] | inputs[0].data[0][1]: expected a list of 3, as the"
            + " shape says, got 4",
        "[1, 1, 3] | FP32 | [[[1, 2, [3]]]] | inputs[0].data[0][0][2]: expected a finite number,"
            + " got a list",
        "[1, 1, 3] | FP32 | [1, [2], 3] | inputs[0].data[1]: expected a finite number, got a list",
        "[1, 1, 3] | FP32 | [1, null, 3] | inputs[0].data[1]: expected a finite number, got null",
        "[1, 1, 3] | FP32 | [1, \"NaN\", 3] | inputs[0].data[1]: expected a finite number, got NaN",
        "[1, 1, 3] | FP32 | [1, 1e39, 3] | inputs[0].data[1]: expected a number that 32 bits have,"
            + " got 1.0E39",
        "[1, 1, 3] | INT32 | [1, 2, 3] | inputs[0].datatype: expected one of [FP32, FP64], got"
            + " INT32",
        "[1, 1, 3] | BYTES | [1, 2, 3] | inputs[0].datatype: expected one of [FP32, FP64], got"
            + " BYTES",
        "{} | FP32 | [1, 2, 3] | inputs[0].shape: expected a list, got an object",
        "[1, 1, 3] | FP32 | 5 | inputs[0].data: expected a list, got 5",
      })
  void tensor_thatCannotBeUsed_isRefused(String shape, String type, String data, String message)
      throws Exception {
    assertEquals(
        message,
        refusal(
            server.post(
                "/v2/models/sensor/infer",
                ("{\"inputs\": [{\"name\": \"input\", \"shape\": %s, \"datatype\": \"%s\","
                        + " \"data\": %s}]}")
                    .formatted(shape, type, data))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INT64 | [99] | inputs[0].data[0]: expected INT64 from 0 to 10, got 99",
        "INT64 | [-1] | inputs[0].data[0]: expected INT64 from 0 to 10, got -1",
        "INT64 | [1.5] | inputs[0].data[0]: expected INT64 from 0 to 10, got 1.5",
        "FP32 | [1] | inputs[0].datatype: expected one of [UINT8, UINT16, UINT32, UINT64, INT8,"
            + " INT16, INT32, INT64], got FP32",
      })
  void token_thatCannotBeUsed_isRefused(String type, String data, String message) throws Exception {
    assertEquals(
        message,
        refusal(
            server.post(
                "/v2/models/poem/infer",
                ("{\"inputs\": [{\"name\": \"tokens\", \"shape\": [1, 1], \"datatype\": \"%s\","
                        + " \"data\": %s}]}")
                    .formatted(type, data))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | inputs: expected a list, got none",
        "{\"inputs\": []} | inputs: expected one or more, got none",
        "{\"inputs\": [5]} | inputs[0]: expected an object, got 5",
        "{\"inputs\": [{\"name\": \"x\"}]} | inputs[0].name: expected one of [numbers, categories],"
            + " got x",
        "{\"inputs\": [{\"name\": \"numbers\", \"shape\": [1, 1, 2], \"datatype\": \"FP32\","
            + " \"data\": [1, 2]}]} | inputs: expected all of [numbers, categories], got [numbers]",
      })
  void inputs_thatAreNotThoseOfTheModel_areRefused(String body, String message) throws Exception {
    assertEquals(message, refusal(server.post("/v2/models/columns/infer", body)));
  }

  @Test
  void inputs_ofOneNameOrOfDifferentSizes_areRefused() throws Exception {
    Map<String, Object> numbers = input("numbers", "FP32", new int[] {1, 2}, 1, 1, 2);
    Map<String, Object> others = input("categories", "INT8", new int[4], 2, 1, 2);

    assertEquals(
        "inputs[1].name: expected each input once, got numbers twice",
        refusal(infer("columns", List.of(numbers, numbers), Map.of())));
    assertEquals(
        "inputs: expected as many sequences and steps in each, 1 and 1, got 2 and 1",
        refusal(infer("columns", List.of(numbers, others), Map.of())));
  }

  @Test
  void binaryData_areRefused() throws Exception {
    Map<String, Object> input = input("input", "FP32", new int[] {1, 2, 3}, 1, 1, 3);
    input.put("parameters", Map.of("binary_data_size", 12));

    assertEquals(
        "inputs[0].parameters.binary_data_size: expected none: numbers come as JSON, got one",
        refusal(infer("sensor", List.of(input), Map.of())));
  }
}
