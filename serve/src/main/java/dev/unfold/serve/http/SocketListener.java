package dev.unfold.serve.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.websocket.WsCloseCodes;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import io.helidon.websocket.WsUpgradeException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// One WebSocket: a talk, message by message.
final class SocketListener implements WsListener {
  private final SocketRoute route;
  private final StringBuilder begun = new StringBuilder();
  private final Gate gate;
  private Talk talk;

  SocketListener(SocketRoute route, Gate gate) {
    this.route = route;
    this.gate = gate;
  }

  /// No page of another site talks with a session, and nobody without a key: browsers send neither, where pages of
  /// others could try.
  @Override
  public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers) {
    Optional<String> origin = headers.first(HeaderNames.ORIGIN);
    if (!gate.isOurs(headers.first(HeaderNames.HOST))) {
      throw new WsUpgradeException("Host: expected a name of this machine, got another");
    }
    if (origin.isPresent() && !Gate.isOwn(origin.get(), headers.first(HeaderNames.HOST))) {
      throw new WsUpgradeException("Origin: expected a page of this server, got that of another");
    }
    if (!gate.lets(headers.first(HeaderNames.AUTHORIZATION))) {
      throw new WsUpgradeException("Authorization: expected Bearer and a key of this server");
    }
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
