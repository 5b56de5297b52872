package dev.unfold.serve.forecast;

import dev.unfold.argument.Refusal;
import dev.unfold.run.series.Forecast;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.Route;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.http.Service;
import dev.unfold.serve.json.Fields;
import dev.unfold.serve.json.JsonBody;
import dev.unfold.serve.model.Derived;
import dev.unfold.serve.model.Kind;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.model.ServedModel;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Foresees series, in the contract of KServe: `/v1/timeseries/forecast` and `/v1/timeseries/models`.
///
/// Beyond the contract, an input may have `known`, `past` and `static`, objects of columns as the model was trained on
/// them, and options may have `paths` and `seed` for a model that goes step by step.
///
/// **Source**: KServe, python/kserve/kserve/protocol/rest/timeseries/types.py
public final class ForecastService implements Service {
  private static final int LONGEST_NAME = 64;

  private final Models models;
  private final InstantSource clock;
  private final AtomicLong answers = new AtomicLong();
  private final Derived<Forecaster> forecasters = new Derived<>(ForecastService::forecaster);

  /// @param clock tells when an answer was made
  public ForecastService(Models models, InstantSource clock) {
    this.models = models;
    this.clock = clock;
  }

  @Override
  public void routes(Routes routes) {
    routes
        .in(Route.Dialect.OPENAI)
        .post("/v1/timeseries/forecast", this::forecast)
        .get("/v1/timeseries/models", this::list);
  }

  private void list(Exchange exchange) {
    List<String> names =
        models.all().stream()
            .filter(model -> Kind.of(model.version()) == Kind.SERIES)
            .map(ServedModel::name)
            .toList();
    byte[] json = JsonBody.bytes(names);
    exchange.sendJson(json, json.length);
  }

  private void forecast(Exchange exchange) {
    Fields body = exchange.json();
    ServedModel model = models.find(body.text("model", LONGEST_NAME));
    ModelVersion version = model.version();
    exchange.by(version);
    expectSeries(version);
    Forecaster forecaster = forecasters.of(model, version);
    ForecastRequest request = ForecastRequest.of(body, forecaster);
    exchange.rows(request.inputs().stream().mapToLong(SeriesInput::steps).sum());
    List<Forecast> forecasts = request.run(forecaster);
    Instant now = clock.instant();
    String id = "forecast-%d-%d".formatted(now.toEpochMilli(), answers.incrementAndGet());
    exchange.send(
        ForecastAnswer.of(
            request, forecasts, id, now.getEpochSecond(), model.name(), version.version()));
  }

  private static void expectSeries(ModelVersion version) {
    if (Kind.of(version) != Kind.SERIES) {
      throw new Refusal("model", "one of series", version.name() + ", which is another");
    }
  }

  /// What foresees by a version of a model.
  public static Forecaster forecaster(ModelVersion version) {
    return Forecaster.of(Path.of(version.name()), version.model());
  }
}
