package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.session.SessionOptions;
import dev.unfold.serve.http.Limits;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Models that are read anew, let go of, and read again, while they are served.
final class ModelChangesTest {
  private static final String STEP = "{\"text\": \"abc\"}";

  @TempDir private Path folder;

  private Running server(Optional<Path> store) {
    return Running.of(
        SessionOptions.defaults(),
        Running.listening(Limits.defaults(), Optional.empty()),
        store,
        Fixtures.text(folder, "poem", 1));
  }

  private static JsonNode step(Running server) throws Exception {
    HttpResponse<String> answer = server.post("/v1/sessions/a/step", STEP);
    assertEquals(200, answer.statusCode(), answer::body);
    return Running.json(answer);
  }

  @Test
  void model_readAnew_isWhatSessionsGoOnWith() throws Exception {
    try (Running server = server(Optional.empty())) {
      server.post("/v1/sessions", "{\"id\": \"a\"}");
      JsonNode before = step(server);
      Fixtures.text(folder, "poem", 2);
      HttpResponse<String> reloaded = server.post("/v1/models/poem/reload", "");
      JsonNode after = step(server);

      assertEquals(200, reloaded.statusCode(), reloaded::body);
      String version = Running.json(reloaded).get("version").asString();
      assertNotEquals(before.get("version").asString(), version);
      assertEquals(version, after.get("version").asString());
      assertEquals(6, after.get("step").asInt());
      assertEquals(400, server.post("/v1/models/poem/reload", "{\"file\": \"x\"}").statusCode());
    }
  }

  @Test
  void model_spoilt_staysAsItWas() throws Exception {
    try (Running server = server(Optional.empty())) {
      server.post("/v1/sessions", "{\"id\": \"a\"}");
      JsonNode before = step(server);
      Files.writeString(folder.resolve("poem.safetensors"), "no model");
      HttpResponse<String> reloaded = server.post("/v1/models/poem/reload", "");

      assertTrue(reloaded.statusCode() >= 400, reloaded::body);
      assertEquals(before.get("version"), step(server).get("version"));
    }
  }

  @Test
  void model_letGoOf_comesBackWithItsSessions() throws Exception {
    Path store = folder.resolve("store");
    try (Running server = server(Optional.of(store))) {
      server.post("/v1/sessions", "{\"id\": \"a\"}");
      step(server);
      assertEquals(204, server.post("/v1/models/poem/unload", "").statusCode());
      assertEquals(404, server.post("/v1/sessions/a/step", STEP).statusCode());
      assertEquals(404, server.get("/v1/models/poem").statusCode());
      assertEquals(0, Running.json(server.get("/v1/models")).get("data").size());
      assertEquals(200, server.post("/v1/models/poem/load", "").statusCode());
      assertEquals(6, step(server).get("step").asInt());
    }
  }

  @Test
  void name_ofModelThatWasLetGoOf_isRefused() throws Exception {
    try (Running server =
        Running.of(
            SessionOptions.defaults(),
            Running.listening(Limits.defaults(), Optional.empty()),
            Optional.of(folder.resolve("store")),
            Fixtures.text(folder, "poem", 1),
            Fixtures.text(folder, "song", 2))) {
      server.post("/v1/sessions", "{\"id\": \"a\", \"model\": \"poem\"}");
      server.post("/v1/models/poem/unload", "");
      HttpResponse<String> other =
          server.post("/v1/sessions", "{\"id\": \"a\", \"model\": \"song\"}");
      HttpResponse<String> step = server.post("/v1/sessions/a/step", STEP);

      assertEquals(409, other.statusCode(), other::body);
      assertEquals(404, step.statusCode(), step::body);
      assertEquals("unloaded", Running.json(step).get("kind").asString());
    }
  }

  @Test
  void model_letGoOfUnderLoad_failsNobody() throws Exception {
    try (Running server = server(Optional.of(folder.resolve("store")))) {
      server.post("/v1/sessions", "{\"id\": \"a\"}");
      Set<Integer> statuses = ConcurrentHashMap.newKeySet();
      AtomicBoolean isOver = new AtomicBoolean();
      Thread load =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (!isOver.get()) {
                    statuses.add(server.post("/v1/sessions/a/step", STEP).statusCode());
                  }
                } catch (IOException | InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      for (int i = 0; i < 20; i++) {
        assertEquals(204, server.post("/v1/models/poem/unload", "").statusCode());
        assertEquals(200, server.post("/v1/models/poem/load", "").statusCode());
      }
      isOver.set(true);
      load.join();

      assertTrue(Set.of(200, 404, 503).containsAll(statuses), statuses::toString);
    }
  }

  @Test
  void sessions_thatWouldBeLost_keepTheirModel() throws Exception {
    try (Running server = server(Optional.empty())) {
      server.post("/v1/sessions", "{\"id\": \"a\"}");
      assertEquals(409, server.post("/v1/models/poem/unload", "").statusCode());
      assertEquals(3, step(server).get("step").asInt());
    }
  }

  @Test
  void sessions_inAStore_outliveTheServer() throws Exception {
    Path store = folder.resolve("store");
    JsonNode first;
    try (Running server = server(Optional.of(store))) {
      server.post("/v1/sessions", "{\"id\": \"a\"}");
      server.post("/v1/sessions/a/mark", "");
      first = step(server);
    }
    try (Running server = server(Optional.of(store))) {
      assertEquals(3, Running.json(server.get("/v1/sessions/a")).get("step").asInt());
      server.post("/v1/sessions/a/rewind", "{\"step\": 0}");
      assertEquals(first, step(server));
    }
  }

  @Test
  void paths_inRequests_reachNoFile() throws Exception {
    try (Running server = server(Optional.of(folder.resolve("store")))) {
      for (String name : new String[] {"..%2Fpoem", "%2e%2e", "..", "poem.safetensors", "a%00b"}) {
        assertTrue(server.post("/v1/models/" + name + "/reload", "").statusCode() >= 400, name);
      }
      for (String id : new String[] {"../x", "a/b", "", "a b", "\\u0000"}) {
        HttpResponse<String> answer = server.post("/v1/sessions", "{\"id\": \"" + id + "\"}");
        assertEquals(400, answer.statusCode(), answer::body);
        assertEquals("id", Running.json(answer).get("argument").asString());
      }
    }
  }
}
