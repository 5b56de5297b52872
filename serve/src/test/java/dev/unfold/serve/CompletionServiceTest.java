package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.task.TextModel;
import dev.unfold.serve.model.ServedModel;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// Text as OpenAI's clients ask for it.
final class CompletionServiceTest {
  private static final String PATH = "/v1/completions";

  @TempDir private Path folder;
  private Running server;

  @BeforeEach
  void start() {
    server = Running.of(Fixtures.text(folder, "poem", 1));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private JsonNode complete(String body) throws Exception {
    HttpResponse<String> answer = server.post(PATH, body);
    assertEquals(200, answer.statusCode(), answer::body);
    return Running.json(answer);
  }

  private static String text(JsonNode answer) {
    return answer.get("choices").get(0).get("text").asString();
  }

  private TextModel model() {
    ServedModel model = server.models.only();
    return model.text(model.version()).orElseThrow();
  }

  @Test
  void completion_ofSeed_isWhatTheModelWritesByIt() throws Exception {
    JsonNode answer =
        complete("{\"prompt\": \"abc\", \"max_tokens\": 30, \"seed\": 5, \"temperature\": 0.7}");

    assertEquals(model().generate("abc", 30, 0.7, 5), text(answer));
    assertEquals("length", answer.get("choices").get(0).get("finish_reason").asString());
    assertEquals(3, answer.get("usage").get("prompt_tokens").asInt());
    assertEquals(30, answer.get("usage").get("completion_tokens").asInt());
    assertEquals(5, answer.get("seed").asLong());
  }

  @Test
  void completion_withoutSeed_tellsOneThatWritesItAgain() throws Exception {
    JsonNode first = complete("{\"prompt\": \"abc\", \"max_tokens\": 30}");
    JsonNode again =
        complete(
            "{\"prompt\": \"abc\", \"max_tokens\": 30, \"seed\": %d}"
                .formatted(first.get("seed").asLong()));

    assertEquals(text(first), text(again));
  }

  @Test
  void completion_echoed_beginsWithItsPrompt() throws Exception {
    assertEquals("abc", text(complete("{\"prompt\": \"abc\", \"max_tokens\": 0, \"echo\": true}")));
  }

  @Test
  void completion_streamed_isTheSameInPieces() throws Exception {
    String body = "{\"prompt\": \"ab\", \"max_tokens\": 12, \"seed\": 3";
    String whole = text(complete(body + "}"));
    HttpResponse<String> answer =
        server.post(
            PATH, body + ", \"stream\": true, \"stream_options\": {\"include_usage\": true}}");

    assertEquals("text/event-stream", answer.headers().firstValue("Content-Type").orElseThrow());
    List<String> events = new ArrayList<>(List.of(answer.body().split("\n\n")));
    assertEquals("data: [DONE]", events.removeLast());
    JsonNode usage = Running.json(events.removeLast().substring(6));
    assertEquals(0, usage.get("choices").size());
    assertEquals(14, usage.get("usage").get("total_tokens").asInt());
    StringBuilder text = new StringBuilder();
    String reason = "null";
    for (String event : events) {
      JsonNode choice = Running.json(event.substring(6)).get("choices").get(0);
      text.append(choice.get("text").asString());
      assertEquals("null", reason);
      reason = choice.get("finish_reason").toString();
    }
    assertEquals(whole, text.toString());
    assertEquals("\"length\"", reason);
  }

  @Test
  void completion_stopped_endsBeforeTheStop() throws Exception {
    String whole = text(complete("{\"prompt\": \"ab\", \"max_tokens\": 60, \"seed\": 3}"));
    String stop = whole.substring(20, 22);
    JsonNode answer =
        complete(
            "{\"prompt\": \"ab\", \"max_tokens\": 60, \"seed\": 3, \"stop\": [\"zz\", %s]}"
                .formatted(Running.quoted(stop)));

    assertEquals(whole.substring(0, whole.indexOf(stop)), text(answer));
    assertEquals("stop", answer.get("choices").get(0).get("finish_reason").asString());
  }

  @Test
  void completion_inASession_isGoneOnFrom() throws Exception {
    server.post("/v1/sessions", "{\"id\": \"s\"}");
    JsonNode first =
        complete("{\"prompt\": \"abc\", \"max_tokens\": 4, \"seed\": 1, \"session\": \"s\"}");
    HttpResponse<String> status = server.get("/v1/sessions/s");
    JsonNode second =
        complete("{\"prompt\": \"d\", \"max_tokens\": 8, \"temperature\": 0, \"session\": \"s\"}");

    assertEquals(7, Running.json(status).get("step").asInt());
    String all = "abc" + text(first) + "d";
    assertEquals(model().generate(all, 8, 0, 1), text(second));
    HttpResponse<String> nothing = server.post(PATH, "{\"session\": \"s\"}");
    assertEquals(400, nothing.statusCode());
    assertEquals("prompt", Running.json(nothing).get("error").get("param").asString());
  }

  @Test
  void draws_amongFewer_areOfTheLikeliest() throws Exception {
    String likeliest =
        text(complete("{\"prompt\": \"ab\", \"max_tokens\": 20, \"temperature\": 0}"));
    for (String few : new String[] {"\"top_k\": 1", "\"top_p\": 1e-6"}) {
      String body = "{\"prompt\": \"ab\", \"max_tokens\": 20, \"seed\": 2, " + few + "}";
      assertEquals(likeliest, text(complete(body)), few);
    }
    assertNotEquals(
        likeliest, text(complete("{\"prompt\": \"ab\", \"max_tokens\": 20, \"seed\": 2}")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"n\": 2} | n",
        "{\"best_of\": 3} | best_of",
        "{\"logprobs\": 1} | logprobs",
        "{\"suffix\": \"x\"} | suffix",
        "{\"presence_penalty\": 0.5} | presence_penalty",
        "{\"prompt\": [\"a\", \"b\"]} | prompt",
        "{\"prompt\": 5} | prompt",
        "{\"max_tokens\": -1} | max_tokens",
        "{\"max_tokens\": 1.5} | max_tokens",
        "{\"max_tokens\": 16385} | max_tokens",
        "{\"max_tokens\": 1048577, \"stream\": true} | max_tokens",
        "{\"temperature\": -1} | temperature",
        "{\"temperature\": 1e9} | temperature",
        "{\"top_p\": 0} | top_p",
        "{\"top_k\": 0} | top_k",
        "{\"seed\": \"x\"} | seed",
        "{\"stop\": [\"a\",\"b\",\"c\",\"d\",\"e\"]} | stop",
        "{\"stop\": \"\"} | stop",
        "{\"stream_options\": {\"include_usage\": true}} | stream_options",
        "{\"stream\": 1} | stream",
        "{\"other\": 1} | other"
      })
  void request_ofWhatCannotBeDone_isRefusedByItsMember(String body, String member)
      throws Exception {
    HttpResponse<String> answer = server.post(PATH, body);

    assertEquals(400, answer.statusCode(), answer::body);
    assertEquals(member, Running.json(answer).get("error").get("param").asString());
    assertEquals("invalid_request_error", Running.json(answer).get("error").get("type").asString());
  }

  @Test
  void session_unknown_isTold() throws Exception {
    HttpResponse<String> answer = server.post(PATH, "{\"prompt\": \"a\", \"session\": \"x\"}");

    assertEquals(404, answer.statusCode());
    assertTrue(answer.body().contains("\"code\":\"unknown\""), answer::body);
  }
}
