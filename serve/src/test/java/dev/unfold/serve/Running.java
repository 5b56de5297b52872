package dev.unfold.serve;

import dev.unfold.run.session.SessionOptions;
import dev.unfold.serve.http.ApiKeys;
import dev.unfold.serve.http.Limits;
import dev.unfold.serve.http.Listening;
import dev.unfold.serve.model.LearnSettings;
import dev.unfold.serve.model.ModelName;
import dev.unfold.serve.model.ModelSettings;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.watch.RequestLog;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A server for a test, on a port that was free, and a client of it.
final class Running implements AutoCloseable {
  private static final Duration SWEEP = Duration.ofMillis(100);
  private static final JsonMapper MAPPER = new JsonMapper();

  final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  final StringWriter failures = new StringWriter();
  final Models models;
  private final Served served;

  private Running(Models models, Listening where, Function<PrintWriter, RequestLog> log) {
    this.models = models;
    served = Served.start(models, where, log.apply(new PrintWriter(failures)), SWEEP);
  }

  /// With usual limits.
  static Running of(Path... files) {
    return of(SessionOptions.defaults(), Limits.defaults(), files);
  }

  static Running of(SessionOptions sessions, Limits limits, Path... files) {
    return of(sessions, listening(limits, Optional.empty()), Optional.empty(), files);
  }

  static Listening listening(Limits limits, Optional<ApiKeys> keys) {
    return new Listening("127.0.0.1", 0, limits, keys, Optional.empty());
  }

  /// @param store where sessions are kept
  static Running of(SessionOptions sessions, Listening where, Optional<Path> store, Path... files) {
    Function<PrintWriter, RequestLog> log =
        out -> RequestLog.ofFailures(out, InstantSource.system());
    return new Running(models(sessions, store, Optional.empty(), files), where, log);
  }

  /// One that learns.
  static Running of(SessionOptions sessions, Limits limits, LearnSettings learn, Path... files) {
    return new Running(
        models(sessions, Optional.empty(), Optional.of(learn), files),
        listening(limits, Optional.empty()),
        out -> RequestLog.ofFailures(out, InstantSource.system()));
  }

  /// One that learns, if it has settings for that, and keeps sessions in a folder.
  static Running stored(Path store, Optional<LearnSettings> learn, Path... files) {
    return new Running(
        models(SessionOptions.defaults(), Optional.of(store), learn, files),
        listening(Limits.defaults(), Optional.empty()),
        out -> RequestLog.ofFailures(out, InstantSource.system()));
  }

  /// Which writes of all requests.
  static Running logged(Path... files) {
    Function<PrintWriter, RequestLog> log = out -> RequestLog.ofAll(out, InstantSource.system());
    Models models = models(SessionOptions.defaults(), Optional.empty(), Optional.empty(), files);
    return new Running(models, listening(Limits.defaults(), Optional.empty()), log);
  }

  private static Models models(
      SessionOptions sessions, Optional<Path> store, Optional<LearnSettings> learn, Path... files) {
    List<ModelName> names =
        Arrays.stream(files).map(file -> ModelName.parse(file.toString())).toList();
    return Models.load(
        names, new ModelSettings(Fixtures.KERNELS, sessions, InstantSource.system(), store, learn));
  }

  int port() {
    return served.port();
  }

  URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port() + path);
  }

  /// What came back, as text.
  HttpResponse<String> send(String method, String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send("GET", path, null);
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return send("POST", path, body);
  }

  /// What an answer says.
  static JsonNode json(HttpResponse<String> response) {
    return json(response.body());
  }

  static JsonNode json(String text) {
    return MAPPER.readTree(text);
  }

  /// A text as JSON.
  static String quoted(String text) {
    return MAPPER.writeValueAsString(text);
  }

  @Override
  public void close() {
    end();
  }

  /// Lets it end, as who stops it does; nothing if it has.
  void end() {
    client.shutdownNow();
    served.close();
  }
}
