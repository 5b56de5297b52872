package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which models there are, and what is told of a request that nobody answers.
final class ModelsServiceTest {
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

  @Test
  void models_asked_areListedInTheirOrder() throws Exception {
    HttpResponse<String> answer = server.get("/v1/models");

    assertEquals(200, answer.statusCode());
    assertEquals("list", Running.json(answer).get("object").asString());
    assertEquals("poem", Running.json(answer).get("data").get(0).get("id").asString());
    assertEquals("sensor", Running.json(answer).get("data").get(1).get("id").asString());
  }

  @Test
  void model_asked_tellsItsVersion() throws Exception {
    HttpResponse<String> answer = server.get("/v1/models/sensor");

    assertEquals(
        server.models.find("sensor").version().version(),
        Running.json(answer).get("version").asString());
  }

  @Test
  void model_unknown_isToldAsOpenAiDoes() throws Exception {
    HttpResponse<String> answer = server.get("/v1/models/other");

    assertEquals(404, answer.statusCode());
    assertEquals("no_model", Running.json(answer).get("error").get("code").asString());
    assertEquals(404, Running.json(answer).get("status").asInt());
  }

  @Test
  void method_ofAnother_isRefusedWithThoseThatThereAre() throws Exception {
    HttpResponse<String> answer = server.post("/v1/models", "{}");

    assertEquals(405, answer.statusCode());
    assertEquals("GET", answer.headers().firstValue("Allow").orElseThrow());
  }

  @Test
  void path_unknown_isAProblem() throws Exception {
    HttpResponse<String> answer = server.get("/v1/other");

    assertEquals(404, answer.statusCode());
    assertEquals(
        "application/problem+json", answer.headers().firstValue("Content-Type").orElseThrow());
  }
}
