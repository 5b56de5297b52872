package dev.unfold.serve.http;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.socket.SocketContext;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;
import io.helidon.webserver.websocket.WsConfig;
import io.helidon.webserver.websocket.WsUpgrader;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The connections that are open: HTTP/1.1 and the WebSockets that come of it, each as a [Connection].
///
/// **Threads**: any number.
final class Connections implements ServerConnectionSelector {
  private final Http1ConnectionSelector http;
  private final Patience patience;
  private final Limits limits;
  private final Map<String, Connection> open = new ConcurrentHashMap<>();

  Connections(Limits limits, Patience patience) {
    this.limits = limits;
    this.patience = patience;
    http =
        Http1ConnectionSelector.builder()
            .config(Http1Config.create())
            .addUpgrader(WsUpgrader.create(sockets(limits)))
            .build();
  }

  /// How WebSockets are. The server's configuration needs it too: that is where they look it up.
  static WsConfig sockets(Limits limits) {
    return WsConfig.builder().maxFrameLength((int) limits.body()).build();
  }

  /// That of a request.
  Connection of(ServerRequest request) {
    return find(name(request.serverSocketId(), request.socketId()));
  }

  /// That of a WebSocket.
  Connection of(SocketContext socket) {
    return find(name(socket.socketId(), socket.childSocketId()));
  }

  private Connection find(String name) {
    Connection found = open.get(name);
    if (found == null) {
      throw new IllegalStateException("whatever comes has a connection: " + name);
    }
    return found;
  }

  private static String name(String socket, String child) {
    return socket + " " + child;
  }

  @Override
  public int bytesToIdentifyConnection() {
    return http.bytesToIdentifyConnection();
  }

  @Override
  public Support supports(BufferData begun) {
    return http.supports(begun);
  }

  @Override
  public Set<String> supportedApplicationProtocols() {
    return http.supportedApplicationProtocols();
  }

  @Override
  public ServerConnection connection(ConnectionContext context) {
    Connection own = new Connection(context, patience, limits.time());
    open.put(name(own.socketId(), own.childSocketId()), own);
    return new Handled(own, http.connection(own));
  }

  /// A connection as Helidon handles it.
  private final class Handled implements ServerConnection, InterruptableTask<Void> {
    private final Connection own;
    private final ServerConnection handler;

    private Handled(Connection own, ServerConnection handler) {
      this.own = own;
      this.handler = handler;
    }

    @Override
    public void handle(Limit limit) throws InterruptedException {
      try (own) {
        handler.handle(limit);
      } finally {
        open.remove(name(own.socketId(), own.childSocketId()));
      }
    }

    @Override
    public boolean canInterrupt() {
      return handler instanceof InterruptableTask<?> task && task.canInterrupt();
    }

    @Override
    public Duration idleTime() {
      return handler.idleTime();
    }

    @Override
    public void close(boolean isInterrupting) {
      handler.close(isInterrupting);
    }
  }
}
