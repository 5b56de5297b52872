package dev.unfold.serve;

import dev.unfold.serve.completion.CompletionService;
import dev.unfold.serve.forecast.ForecastService;
import dev.unfold.serve.http.ApiKeys;
import dev.unfold.serve.http.Gate;
import dev.unfold.serve.http.HttpServer;
import dev.unfold.serve.http.Listening;
import dev.unfold.serve.http.Observer;
import dev.unfold.serve.http.Service;
import dev.unfold.serve.inference.InferenceService;
import dev.unfold.serve.model.Models;
import dev.unfold.serve.page.PageService;
import dev.unfold.serve.predict.PredictService;
import dev.unfold.serve.session.SessionsService;
import dev.unfold.serve.watch.HealthService;
import dev.unfold.serve.watch.Metrics;
import dev.unfold.serve.watch.RequestLog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/// A server that runs.
final class Served implements AutoCloseable {
  private final Models models;
  private final HttpServer server;
  private final AtomicBoolean isReady;
  private final Thread sweeper;

  private Served(Models models, HttpServer server, AtomicBoolean isReady, Thread sweeper) {
    this.models = models;
    this.server = server;
    this.isReady = isReady;
    this.sweeper = sweeper;
  }

  /// Starts to serve `models`, which are closed with it. It is ready when they have been warmed up, and this returns
  /// then.
  ///
  /// @param sweep how often sessions are looked through for those that nobody uses, and whether keys have changed
  static Served start(Models models, Listening where, RequestLog log, Duration sweep) {
    AtomicBoolean isReady = new AtomicBoolean();
    Gate gate = new Gate(where);
    Metrics metrics = new Metrics(models, gate);
    HttpServer server =
        HttpServer.start(
            where, gate, Observer.all(metrics, log), services(models, metrics, isReady::get));
    WarmUp.of(models);
    isReady.set(true);
    Thread sweeper =
        Thread.ofVirtual().name("sweeper").start(() -> sweep(models, where.keys(), log, sweep));
    return new Served(models, server, isReady, sweeper);
  }

  /// All that is answered: a line for each part.
  static List<Service> services(Models models, Metrics metrics, BooleanSupplier isReady) {
    return List.of(
        new SessionsService(models),
        new CompletionService(models, InstantSource.system()),
        new ModelsService(models),
        new ForecastService(models, InstantSource.system()),
        new PredictService(models),
        new InferenceService(models, isReady),
        metrics,
        new HealthService(isReady),
        new PageService());
  }

  /// Looks through all now and then. Whatever becomes of one, the others are looked through, and all of them the next
  /// time.
  private static void sweep(Models models, Optional<ApiKeys> keys, RequestLog log, Duration pause) {
    try {
      while (true) {
        Thread.sleep(pause);
        models.all().forEach(model -> attempt("sweep of " + model.name(), model::sweep, log));
        keys.ifPresent(each -> attempt("keys, of which those of before stay", each::look, log));
      }
    } catch (InterruptedException _) {
      // It is over.
    }
  }

  private static void attempt(String what, Runnable work, RequestLog log) {
    try {
      work.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      log.failed(what, e);
    }
  }

  int port() {
    return server.port();
  }

  /// Is not ready from now on, answers what it was asked, and lets the sessions be kept.
  @Override
  public void close() {
    isReady.set(false);
    sweeper.interrupt();
    server.close();
    models.close();
  }
}
