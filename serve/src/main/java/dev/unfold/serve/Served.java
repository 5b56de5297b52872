package dev.unfold.serve;

import dev.unfold.serve.forecast.ForecastService;
import dev.unfold.serve.http.HttpServer;
import dev.unfold.serve.http.Limits;
import dev.unfold.serve.http.Service;
import dev.unfold.serve.inference.InferenceService;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.page.PageService;
import dev.unfold.serve.predict.PredictService;
import dev.unfold.serve.session.SessionsService;
import java.time.InstantSource;
import java.util.List;

/// A server that runs.
final class Served implements AutoCloseable {
  private final Models models;
  private final HttpServer server;

  private Served(Models models, HttpServer server) {
    this.models = models;
    this.server = server;
  }

  /// Starts to serve `models`, which are closed with it.
  static Served start(Models models, String host, int port, Limits limits) {
    return new Served(models, HttpServer.start(host, port, limits, services(models)));
  }

  /// All that is answered: a line for each part.
  static List<Service> services(Models models) {
    return List.of(
        new SessionsService(models),
        new ModelsService(models),
        new ForecastService(models, InstantSource.system()),
        new PredictService(models),
        new InferenceService(models, () -> true),
        new PageService());
  }

  int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.close();
    models.close();
  }
}
