package dev.unfold.serve.watch;

import dev.unfold.run.learn.LearnStatus;
import dev.unfold.run.output.ProcessMemory;
import dev.unfold.run.session.SessionStatistics;
import dev.unfold.serve.http.Answered;
import dev.unfold.serve.http.Exchange;
import dev.unfold.serve.http.Gate;
import dev.unfold.serve.http.Observer;
import dev.unfold.serve.http.Problem;
import dev.unfold.serve.http.Route;
import dev.unfold.serve.http.Routes;
import dev.unfold.serve.http.Service;
import dev.unfold.serve.model.Models;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// Counts requests, problems and rows, and tells them with how sessions are, as Prometheus reads it: `/metrics`.
///
/// **Threads**: any number.
public final class Metrics implements Observer, Service {
  private static final double SECOND = 1e9;
  private static final double[] BOUNDS = {
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
  };

  private final Models models;
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
  private final Counter requests;
  private final Counter problems;
  private final Counter left;
  private final Counter rows;
  private final Histogram seconds;

  /// @param models whose sessions are told
  /// @param gate that knows how many requests are being answered
  public Metrics(Models models, Gate gate) {
    this.models = models;
    requests =
        Counter.builder()
            .name("unfold_requests_total")
            .help("Requests that were answered.")
            .labelNames("method", "route", "status")
            .register(registry);
    problems =
        Counter.builder()
            .name("unfold_problems_total")
            .help("Requests that were answered with a problem.")
            .labelNames("kind")
            .register(registry);
    left =
        Counter.builder()
            .name("unfold_clients_left_total")
            .help(
                "Requests whose client did not wait for the end of the answer, or did not read it.")
            .register(registry);
    rows =
        Counter.builder()
            .name("unfold_rows_total")
            .help("Rows that were read for requests.")
            .register(registry);
    seconds =
        Histogram.builder()
            .name("unfold_request_seconds")
            .help("Time from the end of a request's head to the end of its answer.")
            .labelNames("route")
            .classicUpperBounds(BOUNDS)
            .classicOnly()
            .register(registry);
    GaugeWithCallback.builder()
        .name("unfold_requests_in_flight")
        .help("Requests that are being answered.")
        .callback(callback -> callback.call(gate.inside()))
        .register(registry);
    Runtime runtime = Runtime.getRuntime();
    GaugeWithCallback.builder()
        .name("unfold_heap_bytes")
        .help("Heap in use, what nobody refers to any more among it.")
        .callback(callback -> callback.call((double) runtime.totalMemory() - runtime.freeMemory()))
        .register(registry);
    GaugeWithCallback.builder()
        .name("process_resident_memory_bytes")
        .help("Memory that this process takes.")
        .callback(callback -> ProcessMemory.resident().ifPresent(callback::call))
        .register(registry);
    learning(
        "unfold_learn_loss_served",
        "Mean loss of what is served over the window, before it was learned.",
        LearnStatus::servedNow);
    learning(
        "unfold_learn_loss_learning",
        "Mean loss of the copy that learns over the window, before it learned.",
        LearnStatus::learningNow);
    learning("unfold_learn_steps", "Labelled steps that were scored.", LearnStatus::steps);
    learning("unfold_learn_updates", "Updates of the copy that learns.", LearnStatus::updates);
    learning("unfold_learn_promotions", "Copies that came to be served.", LearnStatus::promotions);
    learning("unfold_learn_rollbacks", "Copies that were taken back.", LearnStatus::rollbacks);
    learning(
        "unfold_learn_dropped",
        "Rows that were not learned, since there was no time.",
        status -> status.front().dropped());
    gauge(models, "unfold_sessions", "Sessions that are open.", SessionStatistics::open);
    gauge(
        models,
        "unfold_sessions_resident",
        "Sessions whose state is in memory.",
        SessionStatistics::resident);
    gauge(
        models,
        "unfold_state_bytes",
        "Memory for states, outside the heap.",
        SessionStatistics::stateBytes);
    gauge(models, "unfold_store_bytes", "Files of sessions.", SessionStatistics::fileBytes);
    counter(
        models,
        "unfold_sessions_evicted_total",
        "States that left memory for the files.",
        SessionStatistics::evicted);
    counter(
        models,
        "unfold_sessions_restored_total",
        "States that came back from the files.",
        SessionStatistics::restored);
    counter(
        models,
        "unfold_sessions_expired_total",
        "Sessions that nobody used for too long.",
        SessionStatistics::ended);
    counter(
        models,
        "unfold_session_rows_total",
        "Rows that sessions have read, those side by side counted each.",
        SessionStatistics::rows);
    counter(
        models,
        "unfold_session_batches_total",
        "Batches in which they were run: rows a batch is how many went side by side.",
        SessionStatistics::frames);
  }

  /// What learning has done, of models that learn.
  private void learning(String name, String help, ToDoubleFunction<LearnStatus> what) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("model")
        .callback(callback ->
            models
                .all()
                .forEach(model ->
                    model
                        .lessons()
                        .status()
                        .map(what::applyAsDouble)
                        .filter(Double::isFinite)
                        .ifPresent(value -> callback.call(value, model.name()))))
        .register(registry);
  }

  private void gauge(
      Models models, String name, String help, ToDoubleFunction<SessionStatistics> what) {
    GaugeWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("model")
        .callback(callback -> each(models, what, callback::call))
        .register(registry);
  }

  private void counter(
      Models models, String name, String help, ToDoubleFunction<SessionStatistics> what) {
    CounterWithCallback.builder()
        .name(name)
        .help(help)
        .labelNames("model")
        .callback(callback -> each(models, what, callback::call))
        .register(registry);
  }

  private interface Told {
    void call(double value, String model);
  }

  private static void each(Models models, ToDoubleFunction<SessionStatistics> what, Told told) {
    models
        .all()
        .forEach(model ->
            model
                .sessions()
                .ifPresent(sessions ->
                    told.call(what.applyAsDouble(sessions.statistics()), model.name())));
  }

  @Override
  public void routes(Routes routes) {
    routes.get("/metrics", this::tell);
  }

  private void tell(Exchange exchange) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writer.write(out, registry.scrape());
    exchange.send(writer.getContentType(), out.toByteArray());
  }

  @Override
  public void over(
      Route route,
      Answered answered,
      long nanos,
      Optional<Problem> problem,
      Optional<Throwable> thrown) {
    boolean isLeft = thrown.isPresent() && problem.isEmpty();
    if (isLeft) {
      left.inc();
    } else {
      requests
          .labelValues(route.method().text(), route.path(), Integer.toString(answered.sentStatus()))
          .inc();
    }
    problem.ifPresent(told -> problems.labelValues(told.kind()).inc());
    if (answered.readRows() > 0) {
      rows.inc(answered.readRows());
    }
    seconds.labelValues(route.path()).observe(nanos / SECOND);
  }
}
