package dev.unfold.serve.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.Optional;

/// Stands before and behind all who answer: lets requests in by the gate, and turns what is thrown into a problem.
///
/// @param limits of a request
/// @param gate lets them in
/// @param patience with the other side
/// @param connections by which requests come
/// @param observer is told of each
record Guard(
    Limits limits, Gate gate, Patience patience, Connections connections, Observer observer) {
  /// Answers the requests of a route.
  Handler of(Route route) {
    return (request, response) -> answer(route, request, response);
  }

  /// Answers the messages of a WebSocket.
  SocketListener of(SocketRoute route) {
    return new SocketListener(route, this);
  }

  private void answer(Route route, ServerRequest request, ServerResponse response) {
    long begin = System.nanoTime();
    Connection connection = connections.of(request);
    connection.answering();
    Exchange exchange = new Exchange(request, response, limits, patience, connection, gate::isOver);
    try {
      answer(route, exchange, begin);
      exchange.readRest();
    } finally {
      exchange.end();
      connection.answered();
    }
    if (exchange.isLast()) {
      throw new CloseConnectionException("the rest of what was sent is no request");
    }
  }

  private void answer(Route route, Exchange exchange, long begin) {
    Optional<Problem> problem = Optional.empty();
    Optional<Throwable> thrown = Optional.empty();
    boolean isIn = false;
    try {
      if (!route.isOpen()) {
        gate.enter(route, exchange);
        isIn = true;
      }
      route.answerer().answer(exchange);
    } catch (ClientLeftException e) {
      problem = e.problem();
      thrown = problem.isPresent() ? Optional.empty() : Optional.of(e);
      throw e;
    } catch (CloseConnectionException e) {
      thrown = Optional.of(e);
      throw e;
    } catch (Exception | OutOfMemoryError | StackOverflowError e) {
      Problem told = Problems.of(e);
      problem = Optional.of(told);
      thrown = told.status().code() < 500 ? Optional.empty() : Optional.of(e);
      tell(route, told, exchange);
    } finally {
      if (isIn) {
        gate.leave();
      }
      observer.over(route, exchange, System.nanoTime() - begin, problem, thrown);
    }
  }

  private static void tell(Route route, Problem problem, Exchange exchange) {
    if (exchange.isSent()) {
      throw new CloseConnectionException("answer: expected to end, got " + problem.detail());
    }
    exchange.status(problem.status());
    problem
        .retryAfter()
        .ifPresent(seconds -> exchange.header(HeaderNames.RETRY_AFTER, Integer.toString(seconds)));
    boolean isPlain = route.dialect() == Route.Dialect.PROBLEM;
    String type = isPlain ? "application/problem+json" : "application/json";
    exchange.send(type, ProblemText.of(problem, route.dialect()));
  }
}
