package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.serve.http.ApiKeys;
import dev.unfold.serve.http.Limits;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who is let in.
final class KeysTest {
  private static final String KEY = "0123456789abcdef";
  private static final String OTHER = "fedcba9876543210";

  @TempDir private Path folder;

  private Running server() throws Exception {
    Path keys =
        Files.writeString(folder.resolve("keys"), "# two\n\n" + OTHER + "\n  " + KEY + "  \n");
    return Running.of(
        SessionOptions.defaults(),
        Running.listening(Limits.defaults(), Optional.of(ApiKeys.read(keys))),
        Optional.empty(),
        Fixtures.text(folder, "poem", 1));
  }

  @Test
  void request_withKey_isAnswered() throws Exception {
    try (Running server = server()) {
      for (String key : new String[] {"Bearer " + KEY, "bearer " + OTHER}) {
        assertEquals(
            200, server.send("GET", "/v1/models", null, "Authorization", key).statusCode(), key);
      }
    }
  }

  @Test
  void request_withoutKey_isNot() throws Exception {
    try (Running server = server()) {
      assertEquals(401, server.get("/v1/models").statusCode());
      for (String key :
          new String[] {"Bearer " + KEY + "0", "Bearer", "Bearer # two", "Basic " + KEY, KEY}) {
        HttpResponse<String> answer =
            server.send("POST", "/v1/sessions", "{}", "Authorization", key);
        assertEquals(401, answer.statusCode(), key);
        assertEquals("Bearer", answer.headers().firstValue("WWW-Authenticate").orElseThrow());
      }
      assertEquals(401, server.get("/metrics").statusCode());
      assertEquals(200, server.get("/livez").statusCode());
      assertEquals(200, server.get("/readyz").statusCode());
      assertEquals(0, server.models.only().expectSessions().size());
    }
  }

  @Test
  void socket_withoutKey_isNotOpened() throws Exception {
    try (Running server = server()) {
      server.models.only().expectSessions().open("a");
      URI uri = URI.create("ws://127.0.0.1:%d/v1/sessions/a/stream".formatted(server.port()));
      CompletionException e =
          assertThrows(
              CompletionException.class,
              () ->
                  server
                      .client
                      .newWebSocketBuilder()
                      .buildAsync(uri, new WebSocket.Listener() {})
                      .join());

      assertTrue(e.getCause() instanceof WebSocketHandshakeException, e::toString);
      server
          .client
          .newWebSocketBuilder()
          .header("Authorization", "Bearer " + KEY)
          .buildAsync(uri, new WebSocket.Listener() {})
          .join()
          .abort();
    }
  }

  private static void expectStatus(Running server, String key, int status) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    int got = 0;
    while (got != status && System.nanoTime() < end) {
      got = server.send("GET", "/v1/models", null, "Authorization", "Bearer " + key).statusCode();
      Thread.sleep(20);
    }
    assertEquals(status, got, key);
  }

  /// A key is taken back while the server runs; a file that is of no use lets nobody in whom the last one did not.
  @Test
  void file_thatChanges_isReadAnew() throws Exception {
    try (Running server = server()) {
      expectStatus(server, OTHER, 200);
      Path keys = folder.resolve("keys");
      Files.setLastModifiedTime(Files.writeString(keys, KEY + "\n"), FileTime.fromMillis(1));
      expectStatus(server, OTHER, 401);
      expectStatus(server, KEY, 200);

      Files.setLastModifiedTime(Files.writeString(keys, "brief\n"), FileTime.fromMillis(2));
      Thread.sleep(500);
      expectStatus(server, KEY, 200);
      Files.delete(keys);
      Thread.sleep(500);
      expectStatus(server, KEY, 200);
      Files.writeString(keys, OTHER + "\n");
      expectStatus(server, KEY, 401);
      expectStatus(server, OTHER, 200);
      List<String> told = server.failures.toString().lines().toList();
      assertTrue(told.getFirst().contains("16 characters or more"), told::toString);
      assertEquals(2, told.size(), told::toString);
    }
  }

  @Test
  void file_ofNoUse_isRefused() throws Exception {
    Path empty = Files.writeString(folder.resolve("empty"), "# none\n");
    Path brief = Files.writeString(folder.resolve("brief"), "secret\n");

    for (Path file : new Path[] {empty, brief, folder, folder.resolve("none")}) {
      Refusal e = assertThrows(Refusal.class, () -> ApiKeys.read(file));
      assertEquals("api-key", e.argument());
    }
  }
}
