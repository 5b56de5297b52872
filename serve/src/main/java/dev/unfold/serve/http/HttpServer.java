package dev.unfold.serve.http;

import dev.unfold.argument.Expect;
import io.helidon.http.HeaderNames;
import io.helidon.http.Method;
import io.helidon.http.PathMatchers;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsRouting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Listens and answers: each request on a virtual thread of its connection.
public final class HttpServer implements AutoCloseable {
  private final WebServer server;

  private HttpServer(WebServer server) {
    this.server = server;
  }

  /// Starts to listen.
  ///
  /// @param host whose address it listens at; `127.0.0.1` for this machine alone
  /// @param port 0 for any that is free
  /// @param services whose routes are answered
  public static HttpServer start(String host, int port, Limits limits, List<Service> services) {
    Expect.given("host", host);
    Routes routes = new Routes();
    services.forEach(service -> service.routes(routes));
    Quiet.libraries();
    WebServer server =
        WebServer.builder()
            .host(host)
            .port(port)
            .shutdownHook(false)
            .directHandlers(Unreadable.handlers())
            .maxPayloadSize(limits.body())
            .connectionOptions(socket -> socket.readTimeout(limits.time()).tcpNoDelay(true))
            .idleConnectionTimeout(Duration.ofMinutes(5))
            .addRouting(http(routes.all(), new Guard(limits)))
            .addRouting(sockets(routes.sockets()))
            .addProtocol(WsConfig.builder().maxFrameLength((int) limits.body()).build())
            .build()
            .start();
    return new HttpServer(server);
  }

  private static WsRouting.Builder sockets(List<SocketRoute> routes) {
    WsRouting.Builder routing = WsRouting.builder();
    routes.forEach(route -> routing.endpoint(route.path(), () -> new SocketListener(route)));
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
        route.method(),
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
        Method.GET,
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

  /// Stops to listen, and waits a while for requests that are being answered.
  @Override
  public void close() {
    server.stop();
  }
}
