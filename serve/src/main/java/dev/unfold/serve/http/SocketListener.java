package dev.unfold.serve.http;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.websocket.WsCloseCodes;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// One WebSocket: a talk, message by message.
final class SocketListener implements WsListener {
  private final SocketRoute route;
  private final StringBuilder begun = new StringBuilder();
  private Talk talk;

  SocketListener(SocketRoute route) {
    this.route = route;
  }

  @Override
  public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers) {
    return Optional.empty();
  }

  @Override
  public void onOpen(WsSession session) {
    try {
      talk = route.opener().open(route.variable(session.prologue().uriPath().path()));
    } catch (Exception e) {
      send(session, Problems.of(e));
      session.close(WsCloseCodes.VIOLATED_POLICY, "not opened");
    }
  }

  @Override
  public void onMessage(WsSession session, String text, boolean isLast) {
    begun.append(text);
    if (!isLast || talk == null) {
      return;
    }
    String message = begun.toString();
    begun.setLength(0);
    try {
      session.send(talk.answer(message), true);
    } catch (Exception e) {
      send(session, Problems.of(e));
    }
  }

  private static void send(WsSession session, Problem problem) {
    byte[] json = JsonBody.bytes(problem.members());
    session.send(new String(json, StandardCharsets.UTF_8), true);
  }
}
