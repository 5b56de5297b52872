package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.sequence.Inputs;
import dev.unfold.serve.http.Limits;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Sessions over HTTP and WebSocket.
final class SessionsServiceTest {
  private static final String ROWS = "[[0.5,-1,2],[1,0.25,0],[0,0,-3.5]]";
  private static final float[][] NUMBERS = {{0.5f, -1, 2}, {1, 0.25f, 0}, {0, 0, -3.5f}};

  @TempDir private Path folder;
  private Running server;

  @BeforeEach
  void start() {
    server = Running.of(Fixtures.text(folder, "poem", 1), Fixtures.values(folder, "sensor", 2));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private JsonNode open(String body) throws Exception {
    HttpResponse<String> answer = server.post("/v1/sessions", body);
    assertEquals(201, answer.statusCode(), answer::body);
    return Running.json(answer);
  }

  private HttpResponse<String> step(String id, String body) throws Exception {
    return server.post("/v1/sessions/" + id + "/step", body);
  }

  private JsonNode stepped(String id, String body) throws Exception {
    HttpResponse<String> answer = step(id, body);
    assertEquals(200, answer.statusCode(), answer::body);
    return Running.json(answer);
  }

  private static float[] numbers(JsonNode row) {
    float[] numbers = new float[row.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = row.get(i).floatValue();
    }
    return numbers;
  }

  private float[][] expected() {
    ModelVersion version = server.models.find("sensor").version();
    Network network = version.network();
    State state = network.zeroState(1);
    Matrix outputs =
        new Runner(network).run(new Inputs.Vectors(Matrix.of(NUMBERS)), state).outputs();
    float[][] rows = new float[outputs.rows()][];
    for (int row = 0; row < rows.length; row++) {
      double[] prediction = network.spec().head().prediction(outputs, row);
      rows[row] = new float[prediction.length];
      for (int i = 0; i < prediction.length; i++) {
        rows[row][i] = (float) prediction[i];
      }
    }
    return rows;
  }

  @Test
  void step_ofAllRows_saysWhatTheNetworkSays() throws Exception {
    open("{\"model\": \"sensor\", \"id\": \"a\"}");
    JsonNode answer =
        stepped("a", "{\"rows\": " + ROWS + ", \"outputs\": \"all\", \"logits\": true}");

    assertEquals(3, answer.get("step").asInt());
    assertEquals(
        server.models.find("sensor").version().version(), answer.get("version").asString());
    float[][] expected = expected();
    for (int row = 0; row < 3; row++) {
      assertArrayEquals(expected[row], numbers(answer.get("outputs").get(row)), 0);
      // Of squared errors, an output is its own value.
      assertArrayEquals(expected[row], numbers(answer.get("logits").get(row)), 0);
    }
  }

  @Test
  void step_rowByRow_saysTheSameAsAtOnce() throws Exception {
    open("{\"model\": \"sensor\", \"id\": \"a\"}");
    float[][] expected = expected();
    String[] rows = {"[0.5,-1,2]", "[1,0.25,0]", "[0,0,-3.5]"};
    for (int row = 0; row < 3; row++) {
      JsonNode answer =
          stepped("a", "{\"rows\": [" + rows[row] + "], \"expect_step\": " + row + "}");
      assertEquals(row + 1, answer.get("step").asInt());
      assertArrayEquals(expected[row], numbers(answer.get("outputs").get(0)), 0);
    }
  }

  @Test
  void step_asEvents_tellsEachRow() throws Exception {
    open("{\"model\": \"sensor\", \"id\": \"a\"}");
    HttpResponse<String> answer =
        server.send(
            "POST",
            "/v1/sessions/a/step",
            "{\"rows\": " + ROWS + "}",
            "Accept",
            "text/event-stream");

    assertEquals("text/event-stream", answer.headers().firstValue("Content-Type").orElseThrow());
    List<String> events = Arrays.asList(answer.body().split("\n\n"));
    assertEquals(3, events.size(), answer::body);
    float[][] expected = expected();
    for (int row = 0; row < 3; row++) {
      assertTrue(events.get(row).startsWith("data: "));
      JsonNode event = Running.json(events.get(row).substring(6));
      assertEquals(row + 1, event.get("step").asInt());
      assertArrayEquals(expected[row], numbers(event.get("outputs").get(0)), 0);
    }
  }

  @Test
  void step_ofText_readsItsTokens() throws Exception {
    open("{\"model\": \"poem\", \"id\": \"t\"}");
    open("{\"model\": \"poem\", \"id\": \"u\"}");
    JsonNode text = stepped("t", "{\"text\": \"abc\"}");
    JsonNode tokens = stepped("u", "{\"tokens\": [2, 3, 4]}");

    assertEquals(3, text.get("step").asInt());
    assertEquals(text.get("outputs"), tokens.get("outputs"));
    double sum = 0;
    for (float probability : numbers(text.get("outputs").get(0))) {
      sum += probability;
    }
    assertEquals(1, sum, 1e-5);
  }

  @Test
  void outputs_none_areNotTold() throws Exception {
    open("{\"model\": \"poem\", \"id\": \"t\"}");

    assertEquals(
        "{\"version\":\"%s\",\"step\":2}".formatted(server.models.find("poem").version().version()),
        step("t", "{\"text\": \"ab\", \"outputs\": \"none\"}").body());
  }

  @Test
  void fork_ofSession_goesOnByItself() throws Exception {
    String id = open("{\"model\": \"poem\"}").get("id").asString();
    stepped(id, "{\"text\": \"abc\"}");
    HttpResponse<String> forked = server.post("/v1/sessions/" + id + "/fork", "{\"id\": \"b\"}");
    JsonNode from = open("{\"from\": \"" + id + "\", \"id\": \"c\"}");

    assertEquals(201, forked.statusCode());
    assertEquals("/v1/sessions/b", forked.headers().firstValue("Location").orElseThrow());
    assertEquals(3, from.get("step").asInt());
    JsonNode own = stepped(id, "{\"text\": \"d\"}");
    assertEquals(own, stepped("b", "{\"text\": \"d\"}"));
    assertEquals(own, stepped("c", "{\"text\": \"d\"}"));
    assertNotEquals(own.get("outputs"), stepped("b", "{\"text\": \"d\"}").get("outputs"));
  }

  @Test
  void rewind_toMark_forgetsWhatWasReadSince() throws Exception {
    open("{\"model\": \"poem\", \"id\": \"t\"}");
    stepped("t", "{\"text\": \"ab\"}");
    JsonNode mark = Running.json(server.post("/v1/sessions/t/mark", ""));
    JsonNode first = stepped("t", "{\"text\": \"c\"}");
    HttpResponse<String> rewound = server.post("/v1/sessions/t/rewind", "{\"step\": 2}");

    assertEquals(2, mark.get("step").asInt());
    assertEquals(2, Running.json(rewound).get("step").asInt());
    assertEquals(first, stepped("t", "{\"text\": \"c\"}"));
    HttpResponse<String> unmarked = server.post("/v1/sessions/t/rewind", "{\"step\": 1}");
    assertEquals(409, unmarked.statusCode());
    assertEquals("no_mark", Running.json(unmarked).get("kind").asString());
  }

  @Test
  void state_takenAndBrought_isGoneOnFrom() throws Exception {
    open("{\"model\": \"poem\", \"id\": \"t\"}");
    open("{\"model\": \"poem\", \"id\": \"u\"}");
    stepped("t", "{\"text\": \"abc\"}");
    HttpResponse<byte[]> state =
        server.client.send(
            HttpRequest.newBuilder(server.uri("/v1/sessions/t/state")).build(),
            BodyHandlers.ofByteArray());
    HttpResponse<String> put =
        server.client.send(
            HttpRequest.newBuilder(server.uri("/v1/sessions/u/state?step=3"))
                .PUT(BodyPublishers.ofByteArray(state.body()))
                .build(),
            BodyHandlers.ofString());

    assertEquals("3", state.headers().firstValue("Unfold-Step").orElseThrow());
    assertEquals(204, put.statusCode(), put::body);
    assertEquals(stepped("t", "{\"text\": \"d\"}"), stepped("u", "{\"text\": \"d\"}"));
  }

  @Test
  void state_ofAnotherModel_isRefused() throws Exception {
    open("{\"model\": \"poem\", \"id\": \"t\"}");
    HttpResponse<String> put =
        server.send(
            "PUT", "/v1/sessions/t/state", "{}", "Content-Type", "application/octet-stream");

    assertEquals(400, put.statusCode(), put::body);
    assertTrue(Running.json(put).get("detail").asString().startsWith("state: "), put::body);
  }

  @Test
  void sessions_listed_areInOrderAndInParts() throws Exception {
    for (String id : new String[] {"c", "a", "b"}) {
      open("{\"model\": \"%s\", \"id\": \"%s\"}".formatted(id.equals("b") ? "sensor" : "poem", id));
    }

    assertEquals(List.of("a", "b", "c"), ids("/v1/sessions"));
    assertEquals(List.of("b"), ids("/v1/sessions?after=a&limit=1"));
    assertEquals(List.of("a", "c"), ids("/v1/sessions?model=poem"));
  }

  private List<String> ids(String path) throws Exception {
    return Running.json(server.get(path))
        .get("sessions")
        .valueStream()
        .map(each -> each.get("id").asString())
        .toList();
  }

  @Test
  void session_ended_isNotThere() throws Exception {
    open("{\"model\": \"poem\", \"id\": \"t\"}");

    assertEquals(200, server.get("/v1/sessions/t").statusCode());
    assertEquals(204, server.send("DELETE", "/v1/sessions/t", null).statusCode());
    assertEquals(404, server.get("/v1/sessions/t").statusCode());
  }

  @Test
  void name_thatIsTaken_isRefusedInAllModels() throws Exception {
    open("{\"model\": \"poem\", \"id\": \"t\"}");
    HttpResponse<String> again =
        server.post("/v1/sessions", "{\"model\": \"poem\", \"id\": \"t\"}");
    HttpResponse<String> other =
        server.post("/v1/sessions", "{\"model\": \"sensor\", \"id\": \"t\"}");

    assertEquals(409, again.statusCode());
    assertEquals(409, other.statusCode());
    assertEquals("exists", Running.json(other).get("kind").asString());
  }

  @Test
  void step_ofTooManyRows_isRefusedAndReadsNothing() throws Exception {
    open("{\"id\": \"t\", \"model\": \"poem\"}");
    String tokens = "0" + ",0".repeat(65_536);
    HttpResponse<String> answer = step("t", "{\"tokens\": [%s]}".formatted(tokens));

    assertEquals(413, answer.statusCode(), answer::body);
    assertEquals("rows", Running.json(answer).get("argument").asString());
    assertEquals(0, Running.json(server.get("/v1/sessions/t")).get("step").asInt());
  }

  @Test
  void step_ofTooManyNumbers_isRefusedAndReadsNothing() throws Exception {
    open("{\"id\": \"t\", \"model\": \"poem\"}");
    HttpResponse<String> answer =
        step(
            "t",
            "{\"tokens\": [0%s], \"outputs\": \"all\", \"logits\": true}"
                .formatted(",0".repeat(65_535)));

    assertEquals(413, answer.statusCode(), () -> answer.body().substring(0, 200));
    assertEquals("outputs", Running.json(answer).get("argument").asString());
    assertEquals(0, Running.json(server.get("/v1/sessions/t")).get("step").asInt());
  }

  @Test
  void names_drawn_areOf128Bits() throws Exception {
    String first = open("{\"model\": \"poem\"}").get("id").asString();
    String second = open("{\"model\": \"poem\"}").get("id").asString();

    assertTrue(first.matches("[0-9a-f]{32}"), first);
    assertNotEquals(first, second);
  }

  @Test
  void step_expectedElsewhere_isAConflictAndReadsNothing() throws Exception {
    open("{\"model\": \"poem\", \"id\": \"t\"}");
    stepped("t", "{\"text\": \"ab\"}");
    HttpResponse<String> answer = step("t", "{\"text\": \"c\", \"expect_step\": 1}");

    assertEquals(409, answer.statusCode());
    assertEquals("moved", Running.json(answer).get("kind").asString());
    assertEquals(2, Running.json(server.get("/v1/sessions/t")).get("step").asInt());
  }

  @Test
  void model_unsaidAmongSeveral_isAsked() throws Exception {
    HttpResponse<String> answer = server.post("/v1/sessions", "{}");

    assertEquals(400, answer.statusCode());
    assertEquals("model", Running.json(answer).get("argument").asString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "poem | {\"text\": \"a\" | body",
        "poem | [] | body",
        "poem | {} | body",
        "poem | {\"text\": \"a\"} {} | body",
        "poem | {\"text\": \"a\", \"tokens\": [1]} | body",
        "poem | {\"text\": 5} | text",
        "poem | {\"text\": \"\"} | text",
        "poem | {\"tokens\": [11]} | tokens",
        "poem | {\"tokens\": [-1]} | tokens",
        "poem | {\"tokens\": [99999999999]} | tokens",
        "poem | {\"tokens\": []} | tokens",
        "poem | {\"tokens\": 1} | tokens",
        "poem | {\"rows\": [[1, 2, 3]]} | rows",
        "poem | {\"text\": \"a\", \"other\": 1} | body",
        "poem | {\"text\": \"a\", \"text\": \"b\"} | body",
        "poem | {\"text\": \"a\", \"expect_step\": 0.5} | expect_step",
        "poem | {\"text\": \"a\", \"expect_step\": 1e400} | expect_step",
        "poem | {\"text\": \"a\", \"outputs\": \"some\"} | outputs",
        "poem | {\"text\": \"a\", \"logits\": 1} | logits",
        "sensor | {\"rows\": [[1, 2]]} | rows",
        "sensor | {\"rows\": [[1, 2, 3], [1]]} | rows",
        "sensor | {\"rows\": [[1, 2, null]]} | rows",
        "sensor | {\"rows\": [[1, 2, 1e39]]} | rows",
        "sensor | {\"rows\": [[1, 2, NaN]]} | body",
        "sensor | {\"rows\": [1, 2, 3]} | rows",
        "sensor | {\"rows\": []} | rows",
        "sensor | {\"rows\": [[]]} | rows",
        "sensor | {\"tokens\": [1]} | tokens",
        "sensor | {\"text\": \"a\"} | text"
      })
  void step_ofWhatCannotBeRead_isRefusedByItsArgument(String model, String body, String argument)
      throws Exception {
    open("{\"model\": \"%s\", \"id\": \"x\"}".formatted(model));
    HttpResponse<String> answer = step("x", body);

    assertEquals(400, answer.statusCode(), answer::body);
    assertEquals(argument, Running.json(answer).get("argument").asString(), answer::body);
    assertEquals(0, Running.json(server.get("/v1/sessions/x")).get("step").asInt());
  }

  @Test
  void stream_ofMessages_stepsTheSession() throws Exception {
    open("{\"model\": \"poem\", \"id\": \"t\"}");
    open("{\"model\": \"poem\", \"id\": \"u\"}");
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    WebSocket socket = socket("t", answers);
    socket.sendText("{\"text\": \"ab\"}", true).join();
    String first = answers.poll(10, TimeUnit.SECONDS);
    socket.sendText("{\"text\": ", false).join();
    socket.sendText("\"c\"}", true).join();
    String second = answers.poll(10, TimeUnit.SECONDS);
    socket.sendText("{", true).join();
    String third = answers.poll(10, TimeUnit.SECONDS);
    socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();

    assertEquals(step("u", "{\"text\": \"ab\"}").body(), first);
    assertEquals(step("u", "{\"text\": \"c\"}").body(), second);
    assertEquals(400, Running.json(third).get("status").asInt());
  }

  @Test
  void stream_ofUnknownSession_tellsWhyAndEnds() throws Exception {
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    WebSocket _ = socket("nobody", answers);

    assertEquals(404, Running.json(answers.poll(10, TimeUnit.SECONDS)).get("status").asInt());
    assertEquals("closed 1008", answers.poll(10, TimeUnit.SECONDS));
  }

  @Test
  void stream_ofMoreThanABody_isClosed() throws Exception {
    server.close();
    Limits limits = new Limits(1000, Duration.ofSeconds(20), 10);
    server = Running.of(SessionOptions.defaults(), limits, Fixtures.text(folder, "poem", 1));
    open("{\"model\": \"poem\", \"id\": \"t\"}");
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    WebSocket socket = socket("t", answers);
    String part = " ".repeat(300);
    for (int i = 0; i < 4; i++) {
      socket.sendText(part, false).join();
    }

    assertEquals("closed 1009", answers.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void stream_ofSessionThatWasOpenedAnew_goesOnWithTheNewOne() throws Exception {
    open("{\"model\": \"poem\", \"id\": \"t\"}");
    BlockingQueue<String> answers = new LinkedBlockingQueue<>();
    WebSocket socket = socket("t", answers);
    socket.sendText("{\"text\": \"ab\"}", true).join();
    String first = answers.poll(10, TimeUnit.SECONDS);
    server.send("DELETE", "/v1/sessions/t", null);
    socket.sendText("{\"text\": \"ab\"}", true).join();
    String gone = answers.poll(10, TimeUnit.SECONDS);
    open("{\"model\": \"poem\", \"id\": \"t\"}");
    socket.sendText("{\"text\": \"ab\"}", true).join();

    assertEquals(404, Running.json(gone).get("status").asInt());
    assertEquals(first, answers.poll(10, TimeUnit.SECONDS));
    String counted = "{method=\"MESSAGE\",route=\"/v1/sessions/{id}/stream\",status=\"%d\"} %d.0";
    String metrics = "";
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!metrics.contains(counted.formatted(200, 2)) && System.nanoTime() < end) {
      // A message is counted when its answer has been sent.
      metrics = server.get("/metrics").body();
    }
    assertTrue(metrics.contains(counted.formatted(200, 2)), metrics);
    assertTrue(metrics.contains(counted.formatted(404, 1)), metrics);
  }

  private WebSocket socket(String id, BlockingQueue<String> answers) {
    URI uri = URI.create("ws://127.0.0.1:%d/v1/sessions/%s/stream".formatted(server.port(), id));
    StringBuilder begun = new StringBuilder();
    return server
        .client
        .newWebSocketBuilder()
        .buildAsync(
            uri,
            new WebSocket.Listener() {
              @Override
              public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                begun.append(text);
                if (last) {
                  answers.add(begun.toString());
                  begun.setLength(0);
                }
                socket.request(1);
                return null;
              }

              @Override
              public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                answers.add("closed " + code);
                return null;
              }
            })
        .join();
  }
}
