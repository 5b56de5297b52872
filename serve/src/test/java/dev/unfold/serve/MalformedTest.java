package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Requests that are wrong in as many ways as chance finds: none is answered by a failure of the server's or by what it
/// looks like inside, and none leaves anything behind.
final class MalformedTest {
  private static final long SEED = 20261130L;
  private static final int ALL = 100_000;
  private static final int ON_A_CONNECTION = 50;

  private static final List<String> PATHS =
      List.of(
          "/v1/sessions",
          "/v1/sessions/here",
          "/v1/sessions/here/step",
          "/v1/sessions/here/state",
          "/v1/sessions/here/fork",
          "/v1/sessions/here/mark",
          "/v1/sessions/here/rewind",
          "/v1/sessions/here/stream",
          "/v1/completions",
          "/v1/models",
          "/v1/models/poem",
          "/v1/models/poem/predict",
          "/v1/timeseries/forecast",
          "/v2/models/poem/infer",
          "/v2/models/sensor/infer",
          "/v2/health/ready",
          "/openapi.json",
          "/metrics",
          "/");

  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "FOO");

  /// Bodies that are right, to be made wrong.
  private static final List<String> BODIES =
      List.of(
          "{\"tokens\":[1,2,3],\"expect_step\":0,\"outputs\":\"all\"}",
          "{\"rows\":[[0.5,1,-2e3],[1,2,3]]}",
          "{\"text\":\"abc\"}",
          "{\"model\":\"poem\",\"prompt\":\"ab\",\"max_tokens\":4,\"temperature\":0.7,\"stream\":true}",
          "{\"model\":\"poem\",\"id\":\"there\",\"from\":\"here\"}",
          "{\"step\":0}",
          "{\"id\":\"1\",\"parameters\":{\"sequence_id\":7,\"sequence_start\":true},\"inputs\":"
              + "[{\"name\":\"input\",\"shape\":[1,2,3],\"datatype\":\"FP32\","
              + "\"data\":[1,2,3,4,5,6]}]}",
          "{\"model\":\"x\",\"inputs\":[{\"name\":\"a\",\"series\":[1,2,3],\"frequency\":\"D\"}],"
              + "\"options\":{\"horizon\":3}}",
          "time,y\n2026-01-01,1\n2026-01-02,x\n");

  private static final List<String> WORDS =
      List.of(
          "NaN",
          "-1",
          "1e999",
          "99999999999999999999",
          "null",
          "[]",
          "{}",
          "\"\"",
          "true",
          "[[[[",
          "\\u0000",
          "\uD800",
          "../../etc/passwd",
          "%2e%2e%2f",
          "\"",
          "{\"a\":",
          "0x10",
          "-0",
          "2147483648",
          "9223372036854775808",
          "'",
          "<script>",
          "\r\n\r\n",
          "\0",
          "#",
          "~");

  private static final byte[] OPEN =
      ("POST /v1/sessions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: 28\r\n\r\n{\"model\":\"poem\",\"id\":\"here\"}")
          .getBytes(StandardCharsets.US_ASCII);

  @TempDir private Path folder;
  private final SplittableRandom random = new SplittableRandom(SEED);

  @Test
  void requests_ofChance_areAnsweredAndLeaveNothing() throws Exception {
    askAll(3000);
  }

  @Test
  @Tag("slow")
  void requests_ofChanceByTheHundredThousand_areAnsweredAndLeaveNothing() throws Exception {
    askAll(ALL);
  }

  private void askAll(int count) throws Exception {
    Map<Integer, Integer> statuses = new TreeMap<>();
    try (Running server =
        Running.of(Fixtures.text(folder, "poem", 1), Fixtures.values(folder, "sensor", 2))) {
      int asked = 0;
      while (asked < count) {
        asked += ask(server.port(), statuses);
      }
      assertTrue(statuses.keySet().stream().noneMatch(status -> status >= 500), statuses::toString);
      assertTrue(statuses.size() > 5, () -> "chance is to find many ways: " + statuses);
      assertEquals(200, server.get("/v1/models").statusCode());
      assertTrue(server.failures.toString().isEmpty(), server.failures::toString);
      for (String id : server.models.find("poem").expectSessions().ids("", 100)) {
        assertTrue(id.matches("[A-Za-z0-9._~:@-]{1,128}"), id);
      }
    }
    System.out.println("MalformedTest: " + count + " requests, answers by status " + statuses);
  }

  /// Some requests on one connection, until the server ends it.
  private int ask(int port, Map<Integer, Integer> statuses) throws IOException {
    int asked = 0;
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(30_000);
      // It may have been ended.
      socket.getOutputStream().write(OPEN);
      answer(socket.getInputStream());
      socket.setSoTimeout(1000);
      while (asked < ON_A_CONNECTION) {
        byte[] request = request();
        asked++;
        String answer;
        try {
          socket.getOutputStream().write(request);
          answer = answer(socket.getInputStream());
        } catch (SocketTimeoutException e) {
          // It waits for more of what this claimed to send.
          statuses.merge(-1, 1, Integer::sum);
          break;
        } catch (IOException e) {
          statuses.merge(-2, 1, Integer::sum);
          break;
        }
        if (answer.isEmpty()) {
          statuses.merge(-2, 1, Integer::sum);
          break;
        }
        int status = Integer.parseInt(answer.substring(9, 12));
        statuses.merge(status, 1, Integer::sum);
        String shown =
            "seed %d: %s%nasked by %s"
                .formatted(SEED, answer, new String(request, StandardCharsets.UTF_8));
        assertTrue(status < 500, shown);
        assertFalse(answer.contains("\tat ") || answer.contains("Exception"), shown);
        assertFalse(answer.contains("root:"), shown);
      }
    }
    return asked;
  }

  private byte[] request() throws IOException {
    String method = METHODS.get(Math.min(random.nextInt(12), METHODS.size() - 1));
    method = random.nextInt(3) > 0 ? "POST" : method;
    String path = random.nextInt(12) == 0 ? broken("/v1/sessions/here") : any(PATHS);
    byte[] body = broken(any(BODIES)).getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(20) == 0) {
      body = "[".repeat(random.nextInt(5000)).getBytes(StandardCharsets.UTF_8);
    }
    if (random.nextInt(20) == 0) {
      for (int i = 0; i < body.length; i++) {
        body[i] = (byte) random.nextInt(256);
      }
    }
    int length = random.nextInt(200) == 0 ? random.nextInt(2 * body.length + 1) : body.length;
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    String type =
        switch (random.nextInt(8)) {
          case 0 -> "text/csv";
          case 1 -> "text/plain";
          case 2 -> broken("application/json");
          default -> "application/json";
        };
    String head =
        method
            + " "
            + path.replace(' ', '+').replace("\r", "").replace("\n", "")
            + " HTTP/1.1\r\nHost: localhost\r\n"
            + (random.nextInt(10) == 0 ? "Accept: text/event-stream\r\n" : "")
            + (random.nextInt(30) == 0 ? broken("X-A: b") + "\r\n" : "")
            + "Content-Type: "
            + type.replace("\r", "").replace("\n", "")
            + "\r\nContent-Length: "
            + (random.nextInt(200) == 0 ? any(WORDS) : length)
            + "\r\n\r\n";
    all.write(head.getBytes(StandardCharsets.ISO_8859_1));
    all.write(body);
    return all.toByteArray();
  }

  private String any(List<String> of) {
    return of.get(random.nextInt(of.size()));
  }

  /// A text with some places changed.
  private String broken(String text) {
    StringBuilder all = new StringBuilder(text);
    int changes = random.nextInt(4);
    for (int i = 0; i < changes && all.length() > 0; i++) {
      int place = random.nextInt(all.length());
      switch (random.nextInt(5)) {
        case 0 -> all.deleteCharAt(place);
        case 1 -> all.insert(place, any(WORDS));
        case 2 -> all.setLength(place);
        case 3 -> all.setCharAt(place, (char) (32 + random.nextInt(96)));
        default -> {
          int end = Math.min(all.length(), place + 1 + random.nextInt(8));
          all.replace(place, end, any(WORDS));
        }
      }
    }
    return all.toString();
  }

  /// An answer as far as its head says; empty if the connection ended.
  private static String answer(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int end = 0;
    while (end < 4) {
      int next = in.read();
      if (next < 0) {
        return "";
      }
      head.write(next);
      end = next == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : next == '\r' ? 1 : 0;
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    int length = 0;
    for (String field : text.lines().toList()) {
      if (field.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
        length = Integer.parseInt(field.substring(15).trim());
      }
    }
    boolean isChunked = text.toLowerCase(Locale.ROOT).contains("chunked");
    if (!isChunked) {
      return text + new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }
    StringBuilder body = new StringBuilder(text);
    int size = -1;
    while (size != 0) {
      StringBuilder line = new StringBuilder();
      int next = in.read();
      while (next >= 0 && next != '\n') {
        line.append((char) next);
        next = in.read();
      }
      size = next < 0 ? 0 : Integer.parseInt(line.toString().trim(), 16);
      body.append(new String(in.readNBytes(size), StandardCharsets.UTF_8));
      in.readNBytes(2);
    }
    return body.toString();
  }
}
