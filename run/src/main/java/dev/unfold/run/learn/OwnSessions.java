package dev.unfold.run.learn;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.run.session.Sessions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// The sessions that have weights of their own, as many as may.
///
/// **Threads**: any number; a session is added by who holds it.
final class OwnSessions {
  private final Sessions sessions;
  private final int most;
  private final Map<String, OwnSession> all = new ConcurrentHashMap<>();

  /// Those that are there, or are about to be.
  private final AtomicInteger taken = new AtomicInteger();

  OwnSessions(Sessions sessions, int most) {
    this.sessions = sessions;
    this.most = most;
  }

  /// Adds one.
  ///
  /// @param maker makes it, told when the session was opened
  ///
  /// **Errors**: [Refusal] if it is there, or if there are as many as there may be.
  void add(String session, Function<Instant, OwnSession> maker) {
    if (find(session).isPresent()) {
      throw new Refusal("session", "one that has no weights of its own yet", session);
    }
    if (all.size() >= most) {
      sweep();
    }
    if (taken.incrementAndGet() > most) {
      taken.decrementAndGet();
      throw new Refusal(
          "session", "%d with weights of their own at most".formatted(most), "one more");
    }
    try {
      all.put(session, maker.apply(opened(session)));
    } catch (RuntimeException e) {
      taken.decrementAndGet();
      throw e;
    }
  }

  boolean has(String session) {
    return all.containsKey(Expect.given("session", session));
  }

  int size() {
    return all.size();
  }

  /// Those of a name, of a session that is open or has ended.
  ///
  /// **Errors**: [Refusal] if there are none.
  OwnSession last(String session) {
    return Optional.ofNullable(all.get(session)).orElseThrow(() -> none(session));
  }

  /// Those of a session that is open. A name may have expired and been opened anew: what it had is forgotten then.
  Optional<OwnSession> find(String session) {
    OwnSession own = all.get(Expect.given("session", session));
    if (own != null && !own.opened().equals(opened(session))) {
      forget(session);
      return Optional.empty();
    }
    return Optional.ofNullable(own);
  }

  /// The same.
  ///
  /// **Errors**: [Refusal] if there are none.
  OwnSession expect(String session) {
    return find(session).orElseThrow(() -> none(session));
  }

  static Refusal none(String session) {
    return new Refusal("session", "one that has weights of its own", session);
  }

  private Instant opened(String session) {
    return sessions.find(session).status().opened();
  }

  void forget(String session) {
    if (all.remove(session) != null) {
      taken.decrementAndGet();
    }
  }

  /// Forgets those that the store does not have any more.
  void sweep() {
    for (String session : List.copyOf(all.keySet())) {
      if (!sessions.has(session)) {
        forget(session);
      }
    }
  }
}
