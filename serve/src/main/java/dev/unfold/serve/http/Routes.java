package dev.unfold.serve.http;

import dev.unfold.serve.http.Route.Dialect;
import io.helidon.http.Method;
import java.util.ArrayList;
import java.util.List;

/// Collects the routes of the server. Each path answers other methods than its own with 405.
///
///     routes.get("/v1/models", exchange -> exchange.send(...))
///     routes.open().get("/livez", ...)
public final class Routes {
  private final List<Route> all;
  private final boolean isOpen;
  private final Dialect dialect;

  /// None yet.
  public Routes() {
    this(new ArrayList<>(), false, Dialect.PROBLEM);
  }

  private Routes(List<Route> all, boolean isOpen, Dialect dialect) {
    this.all = all;
    this.isOpen = isOpen;
    this.dialect = dialect;
  }

  /// The same collection, for routes that are answered without a key.
  public Routes open() {
    return new Routes(all, true, dialect);
  }

  /// The same collection, for routes whose problems are told in `dialect`.
  public Routes in(Dialect dialect) {
    return new Routes(all, isOpen, dialect);
  }

  /// Answers GET.
  public Routes get(String path, Answerer answerer) {
    return add(Method.GET, path, answerer);
  }

  /// Answers POST.
  public Routes post(String path, Answerer answerer) {
    return add(Method.POST, path, answerer);
  }

  /// Answers PUT.
  public Routes put(String path, Answerer answerer) {
    return add(Method.PUT, path, answerer);
  }

  /// Answers DELETE.
  public Routes delete(String path, Answerer answerer) {
    return add(Method.DELETE, path, answerer);
  }

  /// All so far, in their order; of two that fit a request the first answers.
  public List<Route> all() {
    return List.copyOf(all);
  }

  private Routes add(Method method, String path, Answerer answerer) {
    all.add(new Route(method, path, isOpen, dialect, answerer));
    return this;
  }
}
