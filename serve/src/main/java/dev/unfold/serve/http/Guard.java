package dev.unfold.serve.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/// Stands before and behind all who answer: lets in as many requests as may be answered at a time, and turns what is
/// thrown into a problem.
final class Guard {
  private final Limits limits;
  private final Semaphore places;

  Guard(Limits limits) {
    this.limits = limits;
    places = new Semaphore(limits.requests());
  }

  /// Answers the requests of a route.
  Handler of(Route route) {
    return (request, response) -> answer(route, request, response);
  }

  private void answer(Route route, ServerRequest request, ServerResponse response) {
    Exchange exchange = new Exchange(request, response, limits);
    boolean isIn = false;
    try {
      isIn = route.isOpen() || places.tryAcquire();
      if (!isIn) {
        throw Problem.of(
                Status.TOO_MANY_REQUESTS_429,
                "busy",
                "requests: expected at most %d at a time, got one more"
                    .formatted(limits.requests()))
            .retry(1)
            .exception();
      }
      route.answerer().answer(exchange);
    } catch (CloseConnectionException e) {
      throw e;
    } catch (Exception | OutOfMemoryError | StackOverflowError e) {
      tell(route.dialect(), Problems.of(e), exchange);
    } finally {
      if (isIn && !route.isOpen()) {
        places.release();
      }
    }
  }

  private static void tell(Route.Dialect dialect, Problem problem, Exchange exchange) {
    if (exchange.isSent()) {
      throw new CloseConnectionException("answer: expected to end, got " + problem.detail());
    }
    exchange.status(problem.status());
    problem
        .retryAfter()
        .ifPresent(seconds -> exchange.header(HeaderNames.RETRY_AFTER, Integer.toString(seconds)));
    Map<String, Object> members = new LinkedHashMap<>();
    switch (dialect) {
      case PROBLEM -> {
        // Has no member of its own.
      }
      case OPENAI -> members.put("error", OpenAiError.of(problem));
      case INFERENCE -> members.put("error", problem.detail());
    }
    members.putAll(problem.members());
    boolean isPlain = dialect == Route.Dialect.PROBLEM;
    String type = isPlain ? "application/problem+json" : "application/json";
    exchange.send(type, JsonBody.bytes(members));
  }
}
