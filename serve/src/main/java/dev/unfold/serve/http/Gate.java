package dev.unfold.serve.http;

import dev.unfold.argument.Expect;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// Lets requests in: those with a key, where keys are asked for, so many at a time, and none once it is closed.
///
/// **Threads**: any number.
public final class Gate {
  private static final Set<String> LOCAL = Set.of("localhost", "127.0.0.1", "[::1]");
  private static final Pattern PORT = Pattern.compile(":[0-9]*$");

  private final int count;
  private final Optional<ApiKeys> keys;
  private final String host;
  private final Semaphore places;
  private volatile boolean isClosed;
  private volatile boolean isOver;

  /// To where `where` says, with its keys and limits.
  public Gate(Listening where) {
    count = Expect.given("where", where).limits().requests();
    keys = where.keys();
    host = where.host();
    places = new Semaphore(count);
  }

  /// **Errors**: [ProblemException] of status 401 without a key, 403 for what another site's page asks for, or under
  /// another name than one of this machine, 503 once it is closed, 429 if there are too many.
  void enter(Route route, Exchange exchange) {
    expectKey(route, exchange);
    expectOwnPage(exchange);
    enter();
  }

  /// **Errors**: as above, 503 and 429.
  void enter() {
    if (isClosed) {
      throw Problem.of(
              Status.SERVICE_UNAVAILABLE_503, "ending", "server: expected to go on, it is ending")
          .retry(1)
          .exception();
    }
    if (!places.tryAcquire()) {
      throw Problem.of(
              Status.TOO_MANY_REQUESTS_429,
              "busy",
              "requests: expected at most %d at a time, got one more".formatted(count))
          .retry(1)
          .exception();
    }
  }

  /// To be called once for each that was let in.
  void leave() {
    places.release();
  }

  /// Whether somebody with these headers may talk.
  boolean lets(Optional<String> authorization) {
    return !isClosed && (keys.isEmpty() || keys.get().accept(authorization));
  }

  private void expectKey(Route route, Exchange exchange) {
    boolean isAsked = keys.isPresent() && !route.isOpen();
    if (isAsked && !keys.get().accept(exchange.header(HeaderNames.AUTHORIZATION))) {
      exchange.header(HeaderNames.WWW_AUTHENTICATE, "Bearer");
      throw Problem.of(
              Status.UNAUTHORIZED_401,
              "key",
              "Authorization: expected Bearer and a key of this server, got another")
          .exception();
    }
  }

  /// A browser says which site's page asks. Others' pages have no business here, where a server on the same machine
  /// would take them for its user.
  private void expectOwnPage(Exchange exchange) {
    Optional<String> asked = exchange.header(HeaderNames.HOST);
    if (!isOurs(asked)) {
      throw Problem.of(
              Status.FORBIDDEN_403,
              "host",
              "Host: expected localhost, 127.0.0.1, [::1] or that of --host, got another")
          .exception();
    }
    Optional<String> origin = exchange.header(HeaderNames.ORIGIN);
    if (origin.isPresent() && !isOwn(origin.get(), asked)) {
      throw Problem.of(
              Status.FORBIDDEN_403,
              "origin",
              "Origin: expected a page of this server, got that of another")
          .exception();
    }
  }

  /// Whether a server without keys is asked by a name of this machine. A page of another site can let its own name lead
  /// here, and is then one of this server to its browser. With keys it lacks one.
  boolean isOurs(Optional<String> asked) {
    if (keys.isPresent() || asked.isEmpty()) {
      return true;
    }
    String name = PORT.matcher(asked.get()).replaceFirst("").toLowerCase(Locale.ROOT);
    return LOCAL.contains(name)
        || name.equalsIgnoreCase(host)
        || name.equalsIgnoreCase("[" + host + "]");
  }

  static boolean isOwn(String origin, Optional<String> host) {
    int end = origin.indexOf("://");
    return end > 0 && host.isPresent() && origin.substring(end + 3).equals(host.get());
  }

  /// Whether who is still inside has been waited for long enough.
  boolean isOver() {
    return isOver;
  }

  /// How many are inside.
  public int inside() {
    return count - places.availablePermits();
  }

  /// Lets nobody in any more, and waits until all are out.
  ///
  /// @return whether they are
  public boolean close(Duration limit) throws InterruptedException {
    isClosed = true;
    boolean isEmpty = places.tryAcquire(count, limit.toMillis(), TimeUnit.MILLISECONDS);
    if (isEmpty) {
      places.release(count);
    }
    isOver = true;
    return isEmpty;
  }
}
