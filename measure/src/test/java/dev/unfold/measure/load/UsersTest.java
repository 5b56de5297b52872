package dev.unfold.measure.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// On a server that keeps count of what it is asked.
final class UsersTest {
  private static final Pattern STEP =
      Pattern.compile("\\{\"tokens\":\\[(\\d+)\\],\"expect_step\":(\\d+)\\}");

  private final Map<String, List<Integer>> read = new ConcurrentHashMap<>();
  private HttpServer server;
  private volatile boolean isForgetful;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newCachedThreadPool());
    server.createContext("/v1/models", this::models);
    server.createContext("/v1/sessions", this::sessions);
    server.createContext("/v1/completions", UsersTest::write);
    server.createContext(
        "/metrics",
        exchange -> send(exchange, 200, "# HELP m of it\nm{a=\"b\"} 2.5\nm{a=\"c\"} 4\nmm 7\n"));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static void send(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private void models(HttpExchange exchange) throws IOException {
    boolean isOne = exchange.getRequestURI().getPath().endsWith("/poem");
    send(
        exchange,
        "Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization")) ? 200 : 401,
        isOne ? "{\"id\":\"poem\",\"tokens\":7}" : "{\"data\":[{\"id\":\"poem\"}]}");
  }

  private void sessions(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/v1/sessions")) {
      String id = "s" + read.size();
      read.put(id, new ArrayList<>());
      send(exchange, 201, "{\"id\":\"" + id + "\"}");
      return;
    }
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Matcher matcher = STEP.matcher(body);
    List<Integer> own = read.get(path.substring("/v1/sessions/".length()).replace("/step", ""));
    boolean isRight =
        matcher.matches() && Integer.parseInt(matcher.group(2)) == own.size() && !isForgetful;
    if (isRight) {
      own.add(Integer.valueOf(matcher.group(1)));
    }
    send(exchange, isRight ? 200 : 409, "{\"step\":" + own.size() + "}");
  }

  /// In chunks, one of which ends within a line.
  private static void write(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(200, 0);
    for (String chunk : List.of("data: {\"a\"", ":1}\n\n", "data: {}\n\ndata: [DO", "NE]\n\n")) {
      exchange.getResponseBody().write(chunk.getBytes(StandardCharsets.UTF_8));
      exchange.getResponseBody().flush();
    }
    exchange.close();
  }

  private Server asked() {
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    return new Server(address, Optional.of("secret"));
  }

  @Test
  void steppers_untilTheTimeIsUp_stepEachSessionWhereItIs() throws Exception {
    List<TokenSession> opened = new ArrayList<>();
    Users users = asked().steppers("poem", 2, 5, 7, true, opened);

    Users.Counts counts = users.ask(0.3);

    assertEquals(0, counts.errors(), counts::firstError);
    assertTrue(counts.answers() > 5);
    assertEquals(counts.answers(), counts.latencies().count());
    assertEquals(5, opened.size());
    assertEquals(counts.answers(), read.values().stream().mapToInt(List::size).sum());
    for (int s = 0; s < 5; s++) {
      int[] tokens = read.get("s" + s).stream().mapToInt(Integer::intValue).toArray();
      assertEquals(tokens.length, opened.get(s).read().length);
      for (int t = 0; t < tokens.length; t++) {
        assertEquals(opened.get(s).read()[t], tokens[t]);
        assertTrue(tokens[t] < 7);
      }
      assertEquals(
          "{\"step\":" + tokens.length + "}",
          new String(opened.get(s).answer().orElseThrow(), StandardCharsets.UTF_8));
    }
  }

  @Test
  void answers_thatAreNotAsExpected_areErrors() throws Exception {
    Users users = asked().steppers("poem", 1, 1, 7, false, new ArrayList<>());
    isForgetful = true;

    Users.Counts counts = users.ask(0.1);

    assertEquals(0, counts.answers());
    assertTrue(counts.errors() > 0);
    assertEquals("{\"step\":0}", counts.firstError());
  }

  @Test
  void texts_asTheyAreWritten_areCountedByToken() throws Exception {
    Users.Counts counts = asked().readers("poem", 2, 2).ask(0.2);

    assertEquals(0, counts.errors(), counts::firstError);
    assertEquals(2 * counts.answers(), counts.tokens());
  }

  @Test
  void server_asked_tellsItsModelAndItsNumbers() throws Exception {
    assertEquals("poem", asked().model());
    assertEquals(7, asked().vocabulary("poem"));
    assertEquals(6.5, asked().metric("m").orElseThrow());
    assertTrue(asked().metric("none").isEmpty());
    assertThrows(
        Refusal.class, () -> new Server(URI.create("https://127.0.0.1:1"), Optional.empty()));
    server.stop(0);
    Server gone = asked();
    assertThrows(IOException.class, gone::model);
  }

  @Test
  void user_whoFails_isTold() {
    Users users =
        new Users(
            List.of(_ -> {
              throw new UncheckedIOException(new IOException("gone"));
            }));

    assertThrows(IOException.class, () -> users.ask(0.1));
  }
}
