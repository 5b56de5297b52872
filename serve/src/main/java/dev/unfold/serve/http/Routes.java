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
  private final List<SocketRoute> sockets;
  private final boolean isOpen;
  private final Dialect dialect;

  /// None yet.
  public Routes() {
    this(new ArrayList<>(), new ArrayList<>(), false, Dialect.PROBLEM);
  }

  private Routes(
      List<Route> all, List<SocketRoute> sockets, boolean isOpen, Dialect dialect) {
    this.all = all;
    this.sockets = sockets;
    this.isOpen = isOpen;
    this.dialect = dialect;
  }

  /// The same collection, for routes that are answered without a key.
  public Routes open() {
    return new Routes(all, sockets, true, dialect);
  }

  /// The same collection, for routes whose problems are told in `dialect`.
  public Routes in(Dialect dialect) {
    return new Routes(all, sockets, isOpen, dialect);
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

  /// Talks over WebSocket.
  public Routes socket(String path, Talk.Opener opener) {
    sockets.add(new SocketRoute(path, opener));
    return this;
  }

  /// Those who talk over WebSocket, so far.
  public List<SocketRoute> sockets() {
    return List.copyOf(sockets);
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
