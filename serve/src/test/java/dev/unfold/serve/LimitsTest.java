package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.session.SessionOptions;
import dev.unfold.serve.http.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is more than may be, and what comes too late.
final class LimitsTest {
  private static final SessionOptions SESSIONS = SessionOptions.defaults();

  @TempDir private Path folder;

  private Running server(SessionOptions sessions, Limits limits) {
    return Running.of(sessions, limits, Fixtures.text(folder, "poem", 1));
  }

  private static Limits limits(long body, Duration time, int requests) {
    return new Limits(body, time, requests);
  }

  private static SessionOptions sessions(int open, Duration idle) {
    return new SessionOptions(open, open, idle, Duration.ofDays(1), 2, 4);
  }

  private static Socket socket(Running server) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), server.port());
  }

  /// What comes back on a connection of its own, up to its end.
  private static String talk(Running server, String sent) throws Exception {
    try (Socket socket = socket(server)) {
      socket.setSoTimeout(20_000);
      OutputStream out = socket.getOutputStream();
      out.write(sent.getBytes(StandardCharsets.UTF_8));
      out.flush();
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /// The same up to the first object of JSON.
  private static String begun(Running server, String sent) throws Exception {
    try (Socket socket = socket(server)) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(sent.getBytes(StandardCharsets.UTF_8));
      StringBuilder all = new StringBuilder();
      int next = 0;
      while (next >= 0 && next != '}') {
        next = socket.getInputStream().read();
        all.append((char) next);
      }
      return all.toString();
    }
  }

  @Test
  void body_tooLong_isRefusedWithoutBeingRead() throws Exception {
    try (Running server = server(SESSIONS, limits(100, Duration.ofSeconds(20), 10))) {
      String head = "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
      String said = talk(server, head + "Content-Length: 101\r\n\r\n");
      String chunked =
          talk(
              server,
              head
                  + "Transfer-Encoding: chunked\r\n\r\n"
                  + "64\r\n%s\r\n64\r\n%s\r\n0\r\n\r\n"
                      .formatted("x".repeat(100), "x".repeat(100)));

      assertTrue(said.startsWith("HTTP/1.1 413 "), said);
      assertTrue(said.contains("application/problem+json"), said);
      assertTrue(chunked.startsWith("HTTP/1.1 413 "), chunked);
      for (String each : new String[] {said, chunked}) {
        assertTrue(each.contains("\"kind\":\"too_long\""), each);
        assertTrue(each.contains("body: expected at most 100 bytes, got more"), each);
        assertEquals(2, each.split("HTTP/1.1 ", -1).length, "one answer: " + each);
      }
    }
  }

  /// It is told of at once: nobody waits for what stands behind it.
  @Test
  void chunks_thatAreNone_areRefusedAtOnce() throws Exception {
    try (Running server = server(SESSIONS, limits(100, Duration.ofSeconds(20), 10))) {
      String head =
          "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
      for (String chunk : new String[] {"zz\r\n", "-1\r\n", "ffffffffffffffff\r\n"}) {
        String said = talk(server, head + chunk);

        assertTrue(said.startsWith("HTTP/1.1 400 "), said);
        assertTrue(said.contains("body: expected chunks that can be read"), said);
        assertEquals(2, said.split("HTTP/1.1 ", -1).length, "one answer: " + said);
      }
    }
  }

  @Test
  void body_thatDoesNotCome_isGivenUp() throws Exception {
    try (Running server = server(SESSIONS, limits(1000, Duration.ofMillis(300), 10))) {
      String said =
          talk(
              server,
              "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n{\"id\"");

      assertTrue(said.startsWith("HTTP/1.1 408 "), said);
      assertEquals(200, server.get("/livez").statusCode());
    }
  }

  @Test
  void sessions_tooMany_areRefusedForNow() throws Exception {
    try (Running server = server(sessions(1, Duration.ofMinutes(1)), Limits.defaults())) {
      assertEquals(201, server.post("/v1/sessions", "").statusCode());
      HttpResponse<String> answer = server.post("/v1/sessions", "");

      assertEquals(429, answer.statusCode());
      assertTrue(answer.headers().firstValue("Retry-After").isPresent());
      assertEquals("full", Running.json(answer).get("kind").asString());
    }
  }

  @Test
  void session_idle_hasExpired() throws Exception {
    try (Running server = server(sessions(9, Duration.ofMillis(200)), Limits.defaults())) {
      server.post("/v1/sessions", "{\"id\": \"a\"}");
      Thread.sleep(1500);
      HttpResponse<String> answer = server.post("/v1/sessions/a/step", "{\"text\": \"a\"}");

      assertEquals(410, answer.statusCode(), answer::body);
      assertTrue(
          Running.json(answer).get("detail").asString().contains("expired at"), answer::body);
    }
  }

  @Test
  void type_ofAnotherKind_isRefused() throws Exception {
    try (Running server = server(SESSIONS, Limits.defaults())) {
      HttpResponse<String> answer =
          server.send("POST", "/v1/sessions", "{}", "Content-Type", "text/plain");

      assertEquals(415, answer.statusCode());
    }
  }

  @Test
  void page_ofAnotherSite_isRefused() throws Exception {
    try (Running server = server(SESSIONS, Limits.defaults())) {
      HttpResponse<String> other =
          server.send("POST", "/v1/sessions", "{}", "Origin", "http://evil.example");
      HttpResponse<String> own =
          server.send("POST", "/v1/sessions", "{}", "Origin", "http://127.0.0.1:" + server.port());

      assertEquals(403, other.statusCode());
      assertFalse(other.headers().firstValue("Access-Control-Allow-Origin").isPresent());
      assertEquals(201, own.statusCode());
    }
  }

  /// A site whose own name leads to 127.0.0.1: its page asks what is, to its browser, its own server.
  @Test
  void page_ofNameThatLeadsHere_isRefused() throws Exception {
    try (Running server = server(SESSIONS, Limits.defaults())) {
      String other =
          begun(
              server,
              "GET /v1/models HTTP/1.1\r\nHost: evil.example:%d\r\n".formatted(server.port())
                  + "Origin: http://evil.example:%d\r\n\r\n".formatted(server.port()));
      String own =
          begun(
              server,
              "GET /v1/models HTTP/1.1\r\nHost: LOCALHOST:%d\r\n\r\n".formatted(server.port()));

      assertTrue(other.startsWith("HTTP/1.1 403 "), other);
      assertTrue(other.contains("\"code\":\"host\""), other);
      assertTrue(own.startsWith("HTTP/1.1 200 "), own);
    }
  }

  @Test
  void client_thatLeavesInMidBody_isNoFailure() throws Exception {
    try (Running server = server(SESSIONS, Limits.defaults())) {
      try (Socket socket = socket(server)) {
        socket
            .getOutputStream()
            .write(
                "POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20\r\n\r\n{\"id\""
                    .getBytes(StandardCharsets.UTF_8));
      }
      String metrics = "";
      long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (!metrics.contains("unfold_clients_left_total 1.0") && System.nanoTime() < end) {
        metrics = server.get("/metrics").body();
      }
      assertTrue(metrics.contains("unfold_clients_left_total 1.0"), metrics);
      assertTrue(server.failures.toString().isEmpty(), server.failures::toString);
    }
  }

  @Test
  void problem_ofLongText_isShort() throws Exception {
    try (Running server = server(SESSIONS, Limits.defaults())) {
      server.post("/v1/sessions", "{\"id\": \"a\"}");
      HttpResponse<String> answer =
          server.post(
              "/v1/sessions/a/step",
              "{\"text\": \"a\", \"outputs\": \"%s\"}".formatted("x".repeat(1_000_000)));

      assertEquals(400, answer.statusCode());
      assertTrue(answer.body().length() < 1000, () -> answer.body().substring(0, 1000));
    }
  }

  @Test
  void method_thatIsNotAnswered_isNotCountedAsAnother() throws Exception {
    try (Running server = server(SESSIONS, Limits.defaults())) {
      assertEquals(405, server.send("DELETE", "/v1/sessions", null).statusCode());
      String metrics = server.get("/metrics").body();
      assertTrue(
          metrics.contains("{method=\"OTHER\",route=\"/v1/sessions\",status=\"405\"} 1.0"),
          metrics);
    }
  }

  /// Streams of half an hour that nobody reads: each holds a place until it is cut off.
  @Test
  void readers_thatDoNotRead_areCutOff() throws Exception {
    Limits limits = limits(1000, Duration.ofMillis(500), 2);
    try (Running server = server(SESSIONS, limits)) {
      String body = "{\"prompt\":\"a\",\"max_tokens\":1000000,\"stream\":true}";
      String request =
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(body.length(), body);
      try (Socket first = socket(server);
          Socket second = socket(server)) {
        for (Socket socket : new Socket[] {first, second}) {
          socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
        }
        boolean wasBusy = false;
        boolean isFree = false;
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!isFree && System.nanoTime() < end) {
          int status = server.get("/v1/models").statusCode();
          wasBusy |= status == 429;
          isFree = wasBusy && status == 200;
          Thread.sleep(20);
        }
        assertTrue(wasBusy, "nobody held a place");
        assertTrue(isFree, "readers still hold their places");
      }
      assertTrue(server.failures.toString().isEmpty(), server.failures::toString);
    }
  }

  /// What has come of a text of so many tokens, all of it when the server has ended.
  private static Future<String> stream(Running server, int tokens, ExecutorService executor)
      throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    Future<String> whole =
        executor.submit(() -> {
          StringBuilder all = new StringBuilder();
          try (Socket socket = socket(server)) {
            String body = "{\"prompt\":\"a\",\"max_tokens\":%d,\"stream\":true}".formatted(tokens);
            String request =
                "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                    .formatted(body.length(), body);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            byte[] piece = new byte[1 << 12];
            int count = socket.getInputStream().read(piece);
            while (count > 0 && !all.toString().endsWith("[DONE]\n\n\r\n0\r\n\r\n")) {
              all.append(new String(piece, 0, count, StandardCharsets.UTF_8));
              begun.countDown();
              count = socket.getInputStream().read(piece);
            }
          } catch (SocketException _) {
            // It was cut off.
          }
          return all.toString();
        });
    assertTrue(begun.await(20, TimeUnit.SECONDS));
    return whole;
  }

  /// Ctrl-C does not take the end of a text that is nearly there.
  @Test
  void text_thatIsWrittenAsTheServerEnds_isWrittenToItsEnd() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        Running server = server(SESSIONS, Limits.defaults())) {
      Future<String> text = stream(server, 3000, executor);
      server.end();
      String whole = text.get(20, TimeUnit.SECONDS);
      assertTrue(whole.contains("data: [DONE]"), () -> whole.substring(whole.length() - 200));
    }
  }

  /// One that would take half an hour more ends after ten seconds.
  @Test
  @Tag("slow")
  void text_thatTakesLongAsTheServerEnds_isCutOff() throws Exception {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        Running server = server(SESSIONS, Limits.defaults())) {
      Future<String> text = stream(server, 1_000_000, executor);
      long begin = System.nanoTime();
      server.end();
      Duration took = Duration.ofNanos(System.nanoTime() - begin);
      assertFalse(text.get(20, TimeUnit.SECONDS).contains("[DONE]"));
      assertTrue(took.toSeconds() >= 9 && took.toSeconds() <= 20, took::toString);
    }
  }

  @Test
  void clients_thatLeave_leaveNothingBehind() throws Exception {
    try (Running server = server(SESSIONS, limits(1000, Duration.ofSeconds(5), 4))) {
      String body = "{\"prompt\":\"a\",\"max_tokens\":1000000,\"stream\":true,\"session\":\"s\"}";
      String request =
          "POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
              .formatted(body.length(), body);
      server.post("/v1/sessions", "{\"id\": \"s\"}");
      for (int i = 0; i < 10; i++) {
        try (Socket socket = socket(server)) {
          socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
          assertTrue(socket.getInputStream().read() > 0);
        }
        int status = 409;
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (status != 200 && System.nanoTime() < end) {
          status = server.post("/v1/sessions/s/step", "{\"text\": \"a\"}").statusCode();
        }
        assertEquals(200, status);
      }
      String metrics = server.get("/metrics").body();
      assertTrue(metrics.contains("unfold_clients_left_total 10.0"), metrics);
      assertTrue(server.failures.toString().isEmpty(), server.failures::toString);
    }
  }
}
