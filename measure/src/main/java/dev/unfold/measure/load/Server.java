package dev.unfold.measure.load;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A server that is asked.
///
/// @param address such as http://127.0.0.1:8080
/// @param key what to be let in with, if it is asked for
public record Server(URI address, Optional<String> key) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Checks the address.
  public Server {
    if (!"http".equals(address.getScheme()) || address.getHost() == null || address.getPort() < 1) {
      throw new Refusal("url", "one such as http://127.0.0.1:8080", address);
    }
  }

  private HttpConnection connect() throws IOException {
    return new HttpConnection(address, key);
  }

  /// Those who step sessions of a model of texts.
  ///
  /// @param connections how many
  /// @param sessions of all together, at least one each
  /// @param vocabulary V
  /// @param isChecked whether last answers are kept
  /// @param opened where the sessions go
  public Users steppers(
      String model,
      int connections,
      int sessions,
      int vocabulary,
      boolean isChecked,
      List<TokenSession> opened)
      throws IOException {
    List<List<TokenSession>> own = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      own.add(new ArrayList<>());
    }
    try (HttpConnection connection = connect()) {
      byte[] request =
          JSON.writeValueAsBytes(JSON.createObjectNode().put("model", model));
      for (int s = 0; s < Math.max(sessions, connections); s++) {
        JsonNode answer = JSON.readTree(connection.post("/v1/sessions", request));
        if (connection.status() != 201 || !answer.hasNonNull("id")) {
          throw new IOException("expected a session, got " + answer);
        }
        TokenSession session = new TokenSession(answer.get("id").asString(), s, vocabulary);
        opened.add(session);
        own.get(s % connections).add(session);
      }
    }
    List<Users.User> users = new ArrayList<>();
    for (List<TokenSession> each : own) {
      users.add(new StepUser(connect(), each, isChecked));
    }
    return new Users(users);
  }

  /// Those who let a model of texts write.
  ///
  /// @param tokens of each text
  public Users readers(String model, int connections, int tokens) throws IOException {
    List<Users.User> users = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      users.add(new TextUser(connect(), model, tokens));
    }
    return new Users(users);
  }

  /// The first model that it has.
  public String model() throws IOException {
    try (HttpConnection connection = connect()) {
      JsonNode answer = JSON.readTree(connection.get("/v1/models"));
      JsonNode first = answer.path("data").path(0).path("id");
      if (!first.isString()) {
        throw new IOException("expected a server with a model, got " + answer);
      }
      return first.asString();
    }
  }

  /// V of a model of texts.
  public int vocabulary(String model) throws IOException {
    try (HttpConnection connection = connect()) {
      JsonNode answer = JSON.readTree(connection.get("/v1/models/" + model));
      JsonNode size = answer.path("tokens");
      if (!size.isIntegralNumber() || size.asInt() < 1) {
        throw new IOException("expected a model of texts, got " + answer);
      }
      return size.asInt();
    }
  }

  /// A number of its metrics, summed over its kinds.
  public OptionalDouble metric(String name) throws IOException {
    try (HttpConnection connection = connect()) {
      return new String(connection.get("/metrics"), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .reduce(Double::sum);
    }
  }
}
