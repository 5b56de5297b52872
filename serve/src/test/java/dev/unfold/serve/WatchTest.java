package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What is counted, and what is written down.
final class WatchTest {
  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @TempDir private Path folder;
  private Running server;

  @BeforeEach
  void start() {
    server = Running.logged(Fixtures.text(folder, "poem", 1));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /// The lines so far; what is written follows the answer.
  private List<JsonNode> lines(int count) throws InterruptedException {
    for (int i = 0; i < 200 && server.failures.toString().lines().count() < count; i++) {
      Thread.sleep(10);
    }
    return server.failures.toString().lines().map(Running::json).toList();
  }

  @Test
  void requests_answered_areWrittenDownWithTheirTrace() throws Exception {
    server.send("POST", "/v1/sessions", "{\"id\": \"a\"}", "traceparent", TRACE);
    server.send("POST", "/v1/sessions/a/step", "{\"text\": \"abc\"}", "traceparent", "\" or 1=1");
    server.post("/v1/sessions/a/step", "{}");
    List<JsonNode> lines = lines(3);

    assertEquals(3, lines.size());
    assertEquals("/v1/sessions", lines.get(0).get("route").asString());
    assertEquals(201, lines.get(0).get("status").asInt());
    assertEquals(TRACE, lines.get(0).get("traceparent").asString());
    JsonNode step = lines.get(1);
    assertEquals("/v1/sessions/{id}/step", step.get("route").asString());
    assertFalse(step.has("traceparent"));
    assertEquals("poem", step.get("model").asString());
    assertEquals(server.models.only().version().version(), step.get("version").asString());
    assertEquals(3, step.get("rows").asInt());
    assertTrue(step.get("ms").asDouble() > 0);
    assertEquals("refused", lines.get(2).get("kind").asString());
  }

  @Test
  void metrics_told_countRequestsProblemsAndRows() throws Exception {
    server.post("/v1/sessions", "{\"id\": \"a\"}");
    server.post("/v1/sessions/a/step", "{\"text\": \"abc\"}");
    server.post("/v1/sessions/a/step", "{}");
    server.get("/v1/sessions/other");
    lines(4);
    String metrics = server.get("/metrics").body();

    for (String line :
        List.of(
            "unfold_requests_total{method=\"POST\",route=\"/v1/sessions\",status=\"201\"} 1.0",
            "unfold_requests_total{method=\"GET\",route=\"/v1/sessions/{id}\",status=\"404\"} 1.0",
            "unfold_problems_total{kind=\"refused\"} 1.0",
            "unfold_problems_total{kind=\"unknown\"} 1.0",
            "unfold_rows_total 3.0",
            "unfold_sessions{model=\"poem\"} 1.0",
            "unfold_requests_in_flight 1.0",
            "unfold_request_seconds_count{route=\"/v1/sessions/{id}/step\"} 2")) {
      assertTrue(metrics.contains(line + "\n"), line + " in\n" + metrics);
    }
  }

  @Test
  void health_ofRunningServer_isGood() throws Exception {
    assertEquals("{\"live\":true}", server.get("/livez").body());
    assertEquals(200, server.get("/readyz").statusCode());
    assertEquals("{\"ready\":true}", server.get("/readyz").body());
  }
}
