package dev.unfold.serve.http;

import dev.unfold.argument.Refusal;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.websocket.WsRouting;
import java.net.StandardSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Listens and answers: each request on a virtual thread of its connection.
public final class HttpServer implements AutoCloseable {
  private static final Duration IDLE = Duration.ofMinutes(5);

  /// How long it waits for answers when it ends.
  private static final Duration DRAIN = Duration.ofSeconds(10);

  /// What is counted for methods that are not answered: others could be any number.
  private static final Method OTHER = Method.create("OTHER");

  private final WebServer server;
  private final Patience patience;
  private final Gate gate;

  private HttpServer(WebServer server, Patience patience, Gate gate) {
    this.server = server;
    this.patience = patience;
    this.gate = gate;
  }

  /// Starts to listen.
  ///
  /// @param gate lets requests in
  /// @param observer is told of each
  /// @param services whose routes are answered
  ///
  /// **Errors**: [Refusal] if the port cannot be listened at.
  public static HttpServer start(
      Listening where, Gate gate, Observer observer, List<Service> services) {
    Routes routes = new Routes();
    services.forEach(service -> service.routes(routes));
    Quiet.libraries();
    Limits limits = where.limits();
    Patience patience = new Patience(limits.time());
    Connections connections = new Connections(limits, patience);
    Guard guard = new Guard(limits, gate, patience, connections, observer);
    WebServerConfig.Builder config =
        WebServer.builder()
            .host(where.host())
            .port(where.port())
            .shutdownHook(false)
            // Two servers at one port would share its requests, and each miss the other's sessions.
            .putListenerSocketOption(StandardSocketOptions.SO_REUSEPORT, false)
            .shutdownGracePeriod(Duration.ofSeconds(1))
            .directHandlers(Unreadable.handlers(limits))
            .maxPayloadSize(limits.body())
            .connectionOptions(socket -> socket.tcpNoDelay(true))
            .idleConnectionTimeout(IDLE)
            .addRouting(http(routes.all(), guard))
            .addRouting(sockets(routes.sockets(), guard))
            .protocolsDiscoverServices(false)
            .addProtocol(Connections.sockets(limits))
            .addConnectionSelector(connections);
    where.tls().ifPresent(context -> config.tls(tls -> tls.sslContext(context)));
    WebServer server = config.build().start();
    if (!server.isRunning()) {
      // It has told so to a log alone.
      throw new Refusal("port", "one that is free, at an address of this machine", where.port());
    }
    return new HttpServer(server, patience.start(), gate);
  }

  private static WsRouting.Builder sockets(List<SocketRoute> routes, Guard guard) {
    WsRouting.Builder routing = WsRouting.builder();
    routes.forEach(route -> routing.endpoint(route.path(), () -> guard.of(route)));
    return routing;
  }

  private static HttpRouting.Builder http(List<Route> routes, Guard guard) {
    HttpRouting.Builder routing = HttpRouting.builder();
    Map<String, List<Route>> byPath = new LinkedHashMap<>();
    routes.forEach(
        route -> byPath.computeIfAbsent(route.path(), _ -> new ArrayList<>()).add(route));
    byPath.forEach((path, own) -> {
      own.forEach(route -> routing.route(route.method(), path, guard.of(route)));
      String methods = String.join(", ", own.stream().map(route -> route.method().text()).toList());
      routing.route(
          _ -> true, PathMatchers.create(path), guard.of(otherwise(own.getFirst(), methods)));
    });
    return routing.any(guard.of(nothing()));
  }

  private static Route otherwise(Route route, String methods) {
    return new Route(
        OTHER,
        route.path(),
        true,
        route.dialect(),
        exchange -> {
          exchange.header(HeaderNames.ALLOW, methods);
          throw Problem.of(
                  Status.METHOD_NOT_ALLOWED_405,
                  "method",
                  "method: expected one of %s, got another".formatted(methods))
              .exception();
        });
  }

  private static Route nothing() {
    return new Route(
        OTHER,
        "",
        true,
        Route.Dialect.PROBLEM,
        _ -> {
          throw Problem.of(
                  Status.NOT_FOUND_404, "path", "path: expected one of the API, got another")
              .exception();
        });
  }

  /// Where it listens.
  public int port() {
    return server.port();
  }

  /// Lets nobody in any more, waits for requests that are being answered, and stops to listen.
  @Override
  public void close() {
    try {
      gate.close(DRAIN);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    server.stop();
    patience.close();
  }
}
