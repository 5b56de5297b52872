package dev.unfold.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.serve.http.Gate;
import dev.unfold.serve.http.Limits;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.watch.Metrics;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The description of the API says what the server does: its operations are the routes, its examples are answered as it
/// says, and answers have the shapes that it gives.
final class DescriptionTest {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final Set<String> METHODS = Set.of("get", "put", "post", "delete");

  @TempDir private Path folder;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private Running server;
  private JsonNode description;
  private Schema schema;

  @BeforeEach
  void start() throws Exception {
    server =
        Running.of(
            Fixtures.text(folder, "poem", 1),
            Fixtures.values(folder, "sensor", 2),
            Predictors.shops(folder),
            Predictors.steps(folder),
            Predictors.questions(folder),
            Predictors.words(folder));
    description = Running.json(server.get("/openapi.json"));
    schema = new Schema(description);
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    server.close();
  }

  /// An operation of the description.
  private record Operation(String method, String path, JsonNode node) {
    String name() {
      return method.toUpperCase(Locale.ROOT) + " " + path;
    }
  }

  private List<Operation> operations() {
    List<Operation> all = new ArrayList<>();
    for (String path : description.get("paths").propertyNames()) {
      JsonNode own = description.get("paths").get(path);
      for (String method : own.propertyNames()) {
        assertTrue(METHODS.contains(method), method);
        all.add(new Operation(method, path, own.get(method)));
      }
    }
    return all;
  }

  private Routes routes() {
    Routes routes = new Routes();
    Metrics metrics =
        new Metrics(
            server.models, new Gate(Running.listening(Limits.defaults(), Optional.empty())));
    Served.services(server.models, metrics, () -> true).forEach(service -> service.routes(routes));
    return routes;
  }

  @Test
  void operations_described_areTheRoutesOfTheServer() {
    Routes routes = routes();
    Set<String> served = new TreeSet<>();
    routes.all().forEach(route -> served.add(route.method().text() + " " + route.path()));
    routes.sockets().forEach(route -> served.add("GET " + route.path()));
    Set<String> described = new TreeSet<>();
    operations().forEach(operation -> described.add(operation.name()));

    assertEquals(String.join("\n", served), String.join("\n", described));
  }

  @Test
  void operations_withoutAKey_areThoseThatAreOpen() {
    Routes routes = routes();
    Set<String> open = new TreeSet<>();
    routes.all().stream()
        .filter(route -> route.isOpen())
        .forEach(route -> open.add(route.method().text() + " " + route.path()));
    Set<String> described = new TreeSet<>();
    operations().stream()
        .filter(operation -> operation.node().has("security"))
        .forEach(operation -> described.add(operation.name()));

    assertEquals(String.join("\n", open), String.join("\n", described));
  }

  @Test
  void description_isOfItsVersion_andEachOperationHasItsName() {
    assertEquals("3.1.0", description.get("openapi").asString());
    Set<String> names = new TreeSet<>();
    for (Operation operation : operations()) {
      assertTrue(names.add(operation.node().get("operationId").asString()), operation.name());
      assertFalse(operation.node().get("summary").asString().isBlank(), operation.name());
    }
  }

  /// What is at the limit is answered, and one more is refused.
  @Test
  void limits_described_areThoseOfTheServer() throws Exception {
    JsonNode schemas = description.get("components").get("schemas");
    int rows = schemas.at("/StepRequest/properties/tokens/maxItems").asInt();
    assertEquals(rows, schemas.at("/StepRequest/properties/rows/maxItems").asInt());
    server.post("/v1/sessions", "{\"model\":\"poem\",\"id\":\"long\"}");
    String step = "{\"outputs\":\"none\",\"tokens\":[1%s]}";
    String path = "/v1/sessions/long/step";
    assertEquals(413, server.post(path, step.formatted(",1".repeat(rows))).statusCode());
    assertEquals(200, server.post(path, step.formatted(",1".repeat(rows - 1))).statusCode());

    String words = schemas.at("/CompletionRequest/properties/max_tokens/description").asString();
    int tokens = Integer.parseInt(words.replaceAll("[^0-9]", ""));
    for (int each : new int[] {tokens, tokens + 1}) {
      HttpResponse<String> answer =
          server.post(
              "/v1/completions",
              "{\"model\":\"poem\",\"prompt\":\"a\",\"max_tokens\":%d}".formatted(each));
      assertEquals(each == tokens ? 200 : 400, answer.statusCode(), answer::body);
    }
  }

  /// In the order of the description, so that sessions are opened before they are stepped; what ends them comes last.
  @Test
  void operations_called_answerAsDescribed() throws Exception {
    List<Operation> all = operations();
    all.sort(Comparator.comparing(operation -> operation.method().equals("delete")));
    for (Operation operation : all) {
      if (operation.node().has("x-websocket")) {
        continue;
      }
      if (!operation.node().has("requestBody")) {
        call(operation, Optional.empty(), "", Map.of(), 0);
        continue;
      }
      int count = 0;
      JsonNode contents = operation.node().get("requestBody").get("content");
      for (String type : contents.propertyNames()) {
        JsonNode examples = contents.get(type).path("examples");
        for (String name : examples.propertyNames()) {
          example(operation, type, contents.get(type).get("schema"), examples.get(name));
          count++;
        }
      }
      if (count == 0) {
        state(operation);
      }
    }
  }

  private void example(Operation operation, String type, JsonNode shape, JsonNode example)
      throws Exception {
    JsonNode value = example.get("value");
    assertEquals(Optional.empty(), schema.fault(shape, value), operation.name());
    Map<String, String> parameters = new LinkedHashMap<>();
    example
        .path("x-parameters")
        .propertyStream()
        .forEach(each -> parameters.put(each.getKey(), each.getValue().asString()));
    String body = value.isString() ? value.asString() : MAPPER.writeValueAsString(value);
    call(
        operation,
        Optional.of(BodyPublishers.ofString(body)),
        type,
        parameters,
        example.path("x-status").asInt(0));
  }

  /// What takes a file and has no example takes what its other half gives.
  private void state(Operation operation) throws Exception {
    assertEquals("putState", operation.node().get("operationId").asString());
    HttpRequest get = HttpRequest.newBuilder(server.uri(path(operation, Map.of()))).build();
    byte[] bytes = client.send(get, BodyHandlers.ofByteArray()).body();
    call(
        operation,
        Optional.of(BodyPublishers.ofByteArray(bytes)),
        "application/octet-stream",
        Map.of(),
        0);
  }

  /// @param status that is expected, or 0 for a good one
  private void call(
      Operation operation,
      Optional<BodyPublisher> body,
      String type,
      Map<String, String> parameters,
      int status)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.uri(path(operation, parameters)))
            .method(
                operation.method().toUpperCase(Locale.ROOT),
                body.orElseGet(BodyPublishers::noBody));
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());

    String what = operation.name() + " " + parameters + ": " + answer.body();
    int got = answer.statusCode();
    assertTrue(status == 0 ? got >= 200 && got < 300 : got == status, got + " of " + what);
    JsonNode described = operation.node().get("responses").get(Integer.toString(got));
    assertTrue(described != null, "status " + got + " is not described: " + what);
    JsonNode contents = schema.resolved(described).path("content");
    if (contents.isMissingNode()) {
      assertEquals("", answer.body(), what);
      return;
    }
    String own = answer.headers().firstValue("Content-Type").orElseThrow().replaceAll(";.*", "");
    assertTrue(contents.has(own), own + " of " + what);
    if (own.endsWith("json")) {
      assertEquals(
          Optional.empty(),
          schema.fault(contents.get(own).get("schema"), Running.json(answer)),
          what);
    }
  }

  private String path(Operation operation, Map<String, String> parameters) {
    String path = operation.path();
    StringBuilder query = new StringBuilder();
    for (JsonNode parameter : operation.node().path("parameters")) {
      String name = parameter.get("name").asString();
      String value = parameters.getOrDefault(name, parameter.path("example").asString(""));
      if (value.equals("VERSION")) {
        value = server.models.find("sensor").version().version();
      }
      if (parameter.get("in").asString().equals("path")) {
        assertFalse(value.isEmpty(), operation.name() + " has no example of " + name);
        path = path.replace("{" + name + "}", value);
      } else if (!value.isEmpty()) {
        query.append(query.isEmpty() ? '?' : '&').append(name).append('=');
        query.append(URLEncoder.encode(value, StandardCharsets.UTF_8));
      }
    }
    assertFalse(path.contains("{"), "a variable of " + path + " is not described");
    return path + query;
  }
}
