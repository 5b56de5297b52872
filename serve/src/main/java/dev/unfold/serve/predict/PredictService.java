package dev.unfold.serve.predict;

import dev.unfold.argument.Refusal;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.serve.forecast.ForecastService;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.Problem;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.http.Service;
import dev.unfold.serve.model.Derived;
import dev.unfold.serve.model.Kind;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.model.ServedModel;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Takes what a file would have, as it is, and tells what a model says of it: `/v1/models/{name}/predict`.
public final class PredictService implements Service {
  private static final String CSV = "text/csv";
  private static final Set<String> TYPES =
      Set.of(
          CSV,
          "text/tab-separated-values",
          "text/plain",
          "application/json",
          // What curl says if nothing is said.
          "application/x-www-form-urlencoded",
          "application/jsonl",
          "application/x-ndjson",
          "application/octet-stream");

  private final Models models;
  private final Derived<Forecaster> forecasters = new Derived<>(ForecastService::forecaster);
  private final Derived<LabelModel> labels = new Derived<>(PredictService::labels);

  /// Predicts by these.
  public PredictService(Models models) {
    this.models = models;
  }

  @Override
  public void routes(Routes routes) {
    routes.post("/v1/models/{name}/predict", this::predict);
  }

  private void predict(Exchange exchange) {
    ServedModel model = models.find(exchange.variable("name"));
    ModelVersion version = model.version();
    exchange.by(version);
    expectText(exchange);
    PredictOptions options = PredictOptions.of(exchange::parameter);
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("model", model.name());
    members.put("model_version", version.version());
    switch (Kind.of(version)) {
      case SERIES -> {
        SeriesPrediction said =
            SeriesPrediction.of(forecasters.of(model, version), body(exchange), options);
        exchange.rows(said.panel().steps());
        if (exchange.wants(CSV)) {
          exchange.send(CSV + ";charset=utf-8", said.csv().getBytes(StandardCharsets.UTF_8));
          return;
        }
        members.putAll(said.members(options.history()));
      }
      case CLASSES, TAGS ->
          members.putAll(
              new Predictions(labels.of(model, version), options)
                  .of(body(exchange), exchange::rows));
      default ->
          throw new Refusal("model", "one of series, classes or tags", model.name() + ", another");
    }
    exchange.send(members);
  }

  private static byte[] body(Exchange exchange) {
    byte[] body = exchange.body();
    if (body.length == 0) {
      throw new Refusal(Predictions.BODY, "a table or text", "none");
    }
    return body;
  }

  private static void expectText(Exchange exchange) {
    String type = exchange.header(HeaderNames.CONTENT_TYPE).orElse(CSV);
    int end = type.indexOf(';');
    String plain = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    if (!TYPES.contains(plain)) {
      throw Problem.of(
              Status.UNSUPPORTED_MEDIA_TYPE_415,
              "type",
              "Content-Type: expected text/csv, application/x-ndjson or text/plain, got another")
          .exception();
    }
  }

  private static LabelModel labels(ModelVersion version) {
    return LabelModel.of(Path.of(version.name()), version.model());
  }
}
