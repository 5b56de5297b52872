package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bodies of forecasts, predictions and inference in which each part in turn is something else, and tables and texts
/// with bytes changed: each is refused in one line or answered, and none is the server's fault.
final class HostileBodiesTest {
  private static final long SEED = 91;

  /// What stands in place of a part of a JSON body.
  private static final List<String> HOSTILE =
      List.of(
          "null",
          "true",
          "-1",
          "0",
          "1.5",
          "1e999",
          "-1e400",
          "2147483648",
          "9223372036854775808",
          "1" + "0".repeat(63),
          "1" + "0".repeat(200),
          "\"\"",
          "\"NaN\"",
          "\"../../../etc/passwd\"",
          "\"\\u0000\\ud800\"",
          "\"" + "x".repeat(5000) + "\"",
          "[]",
          "{}",
          "[[]]",
          "[null]",
          "[1, [2, [3]]]",
          "[9223372036854775807, 9223372036854775807, 9223372036854775807]",
          "[-1, -1, -1]",
          "{\"a\": {\"b\": [1]}}",
          "[".repeat(40) + "]".repeat(40),
          "NaN",
          "\"a\", \"name\": \"b\"");

  private static final String FORECAST =
      """
      {"model": "shops",
       "inputs": [{"type": "univariate_time_series", "name": "north", "series": [1, null, 3, 4],
         "frequency": "day", "start_timestamp": "2024-01-01",
         "known": {"offer": [1, 0, 0, 0, 0, 1, 0, 0, 1]}, "static": {"kind": "small"}}],
       "options": {"horizon": 3, "quantiles": [0.1, 0.5]}}\
      """;

  private static final String INFER =
      """
      {"id": "a", "parameters": {"sequence_id": 1, "sequence_start": true, "sequence_end": true},
       "inputs": [{"name": "numbers", "shape": [1, 1, 2], "datatype": "FP32", "data": [0.5, 1]},
         {"name": "categories", "shape": [1, 1, 2], "datatype": "INT64", "data": [[[0, 4]]]}],
       "outputs": [{"name": "output"}]}\
      """;

  @TempDir private Path folder;
  private final TreeMap<Integer, Integer> statuses = new TreeMap<>();
  private final SplittableRandom random = new SplittableRandom(SEED);

  private Running start() {
    return Running.of(
        Predictors.shops(folder),
        Predictors.columns(folder),
        Predictors.questions(folder),
        Predictors.words(folder));
  }

  /// The places of a JSON text where a value begins, and where it ends.
  private static List<int[]> values(String json) {
    List<int[]> all = new ArrayList<>();
    for (int i = 0; i < json.length(); i++) {
      boolean begins = i == 0 || (",:[".indexOf(before(json, i)) >= 0 && json.charAt(i) > ' ');
      if (begins && ",:]}".indexOf(json.charAt(i)) < 0) {
        all.add(new int[] {i, end(json, i)});
      }
    }
    return all;
  }

  private static char before(String json, int at) {
    int i = at - 1;
    while (i > 0 && json.charAt(i) <= ' ') {
      i--;
    }
    return json.charAt(i);
  }

  private static int end(String json, int from) {
    int depth = 0;
    for (int i = from; i < json.length(); i++) {
      char c = json.charAt(i);
      if (c == '"') {
        i = json.indexOf('"', i + 1);
      }
      depth += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
      if (depth < 0 || (depth == 0 && (c == ',' || c == ':'))) {
        return i;
      }
      if (depth == 0 && (c == ']' || c == '}')) {
        return i + 1;
      }
    }
    return json.length();
  }

  private void ask(Running server, String path, String type, byte[] body) throws Exception {
    HttpResponse<String> answer =
        server.client.send(
            HttpRequest.newBuilder(server.uri(path))
                .header("Content-Type", type)
                .POST(BodyPublishers.ofByteArray(body))
                .build(),
            BodyHandlers.ofString());
    String shown =
        "%s%n%s%n%s".formatted(path, new String(body, StandardCharsets.UTF_8), answer.body());
    statuses.merge(answer.statusCode(), 1, Integer::sum);
    assertTrue(answer.statusCode() < 500, shown);
    assertFalse(answer.body().contains("\tat ") || answer.body().contains("Exception"), shown);
    if (answer.statusCode() >= 400) {
      String detail = Running.json(answer).get("detail").asString();
      assertFalse(detail.isBlank() || detail.contains("\n"), shown);
      assertTrue(detail.length() < 1000, shown);
    }
  }

  private void replaceEach(Running server, String path, String body) throws Exception {
    for (int[] value : values(body)) {
      for (String hostile : HOSTILE) {
        String changed = body.substring(0, value[0]) + hostile + body.substring(value[1]);
        ask(server, path, "application/json", changed.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void partsOfBodies_thatAreSomethingElse_areRefusedInOneLine() throws Exception {
    try (Running server = start()) {
      for (String path : List.of("/v1/timeseries/forecast", "/v2/models/columns/infer")) {
        ask(server, path, "application/json", FORECAST.getBytes(StandardCharsets.UTF_8));
      }
      replaceEach(server, "/v1/timeseries/forecast", FORECAST);
      replaceEach(server, "/v2/models/columns/infer", INFER);

      assertTrue(statuses.get(200) > 10, statuses::toString);
      assertTrue(statuses.get(400) > 1000, statuses::toString);
      assertEquals("", server.failures.toString());
    }
  }

  @Test
  void tablesAndTexts_withBytesChanged_areRefusedInOneLine() throws Exception {
    try (Running server = start()) {
      for (int i = 0; i < 300; i++) {
        ask(server, "/v1/models/shops/predict", "text/csv", changed(Predictors.shops()));
        ask(server, "/v1/models/questions/predict", "text/plain", changed("who is it\nno\n"));
        ask(
            server,
            "/v1/models/words/predict",
            "text/plain",
            changed("the\tDET\ndog\tNOUN\n\na\n"));
      }
      assertTrue(statuses.get(200) > 50, statuses::toString);
      assertTrue(statuses.get(400) > 50, statuses::toString);
      assertEquals("", server.failures.toString());
    }
  }

  /// A few bytes put in, taken out or replaced, at places that are drawn with [#SEED].
  private byte[] changed(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      byte[] signs = "\"',;\t\n\r\0-0123456789eE.{}[]@#?:".getBytes(StandardCharsets.UTF_8);
      byte put =
          random.nextInt(4) == 0 ? (byte) random.nextInt(256) : signs[random.nextInt(signs.length)];
      bytes[at] = put;
    }
    int length = random.nextInt(8) == 0 ? 1 + random.nextInt(bytes.length) : bytes.length;
    return Arrays.copyOf(bytes, length);
  }
}
