package dev.unfold.serve.http;

import dev.unfold.serve.json.JsonBody;
import io.helidon.common.buffers.BufferData;
import io.helidon.http.HeaderNames;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.http.Method;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.websocket.WsCloseCodes;
import io.helidon.websocket.WsListener;
import io.helidon.websocket.WsSession;
import io.helidon.websocket.WsUpgradeException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// One WebSocket: a talk, message by message.
final class SocketListener implements WsListener {
  private final SocketRoute route;
  private final StringBuilder begun = new StringBuilder();
  private final Guard guard;

  /// As messages are counted and written down.
  private final Route messages;

  private Talk talk;
  private Heartbeat heart;

  SocketListener(SocketRoute route, Guard guard) {
    this.route = route;
    this.guard = guard;
    messages =
        new Route(
            Method.create(Message.METHOD),
            route.path(),
            false,
            Route.Dialect.PROBLEM,
            _ -> {
              throw new IllegalStateException("messages are answered by their talk");
            });
  }

  /// No page of another site talks with a session, and nobody without a key: browsers send neither, where pages of
  /// others could try.
  @Override
  public Optional<Headers> onHttpUpgrade(HttpPrologue prologue, Headers headers) {
    Optional<String> origin = headers.first(HeaderNames.ORIGIN);
    if (!guard.gate().isOurs(headers.first(HeaderNames.HOST))) {
      throw new WsUpgradeException("Host: expected a name of this machine, got another");
    }
    if (origin.isPresent() && !Gate.isOwn(origin.get(), headers.first(HeaderNames.HOST))) {
      throw new WsUpgradeException("Origin: expected a page of this server, got that of another");
    }
    if (!guard.gate().lets(headers.first(HeaderNames.AUTHORIZATION))) {
      throw new WsUpgradeException("Authorization: expected Bearer and a key of this server");
    }
    return Optional.empty();
  }

  @Override
  public void onOpen(WsSession session) {
    heart = Heartbeat.start(guard.patience(), () -> session.ping(BufferData.empty()));
    guard.connections().of(session.socketContext()).talks(heart);
    try {
      talk = route.opener().open(route.variable(session.prologue().uriPath().path()));
    } catch (Exception | OutOfMemoryError | StackOverflowError e) {
      send(session, json(Problems.of(e)));
      close(session, WsCloseCodes.VIOLATED_POLICY, "not opened");
    }
  }

  @Override
  public void onMessage(WsSession session, String text, boolean isLast) {
    if (talk == null) {
      return;
    }
    if (begun.length() + (long) text.length() > guard.limits().body()) {
      talk = null;
      begun.setLength(0);
      close(session, WsCloseCodes.TOO_BIG, "more than a body may have");
      return;
    }
    begun.append(text);
    if (isLast) {
      String whole = begun.toString();
      begun.setLength(0);
      answer(session, whole);
    }
  }

  /// Nothing may be sent behind a close, nor does it beat for who does not close its side.
  private void close(WsSession session, int code, String reason) {
    heart.close();
    session.close(code, reason);
  }

  private void answer(WsSession session, String text) {
    long begin = System.nanoTime();
    Message message = new Message();
    Optional<Problem> problem = Optional.empty();
    Optional<Throwable> thrown = Optional.empty();
    boolean isIn = false;
    try {
      String answer;
      try {
        guard.gate().enter();
        isIn = true;
        answer = talk.answer(text, message);
      } catch (Exception | OutOfMemoryError | StackOverflowError e) {
        Problem told = Problems.of(e);
        problem = Optional.of(told);
        thrown = told.status().code() < 500 ? Optional.empty() : Optional.of(e);
        message.status(told.status().code());
        answer = json(told);
      }
      message.sent(answer.length());
      try {
        send(session, answer);
      } catch (CloseConnectionException e) {
        problem = Optional.empty();
        thrown = Optional.of(e);
        throw e;
      }
    } finally {
      if (isIn) {
        guard.gate().leave();
      }
      guard.observer().over(messages, message, System.nanoTime() - begin, problem, thrown);
    }
  }

  /// Who does not read is cut off.
  private void send(WsSession session, String text) {
    try (Patience.Wait wait = guard.patience().begin()) {
      heart.send(() -> {
        if (wait.during(() -> session.send(text, true), Patience.NO_FAREWELL)) {
          throw new ClientLeftException(new SocketTimeoutException("not read"));
        }
      });
    } catch (RuntimeException e) {
      throw ClientLeftException.unlessOurs(e);
    }
  }

  private static String json(Problem problem) {
    return new String(JsonBody.bytes(problem.members()), StandardCharsets.UTF_8);
  }
}
