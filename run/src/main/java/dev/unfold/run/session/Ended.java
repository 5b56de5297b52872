package dev.unfold.run.session;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The names of sessions that have ended because nobody used them, as many as can be remembered.
///
/// **Threads**: one at a time.
final class Ended {
  private static final int MOST = 10_000;

  private final Map<String, Long> times =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > MOST;
        }
      };

  void add(String id, long millis) {
    times.remove(id);
    times.put(id, millis);
  }

  void forget(String id) {
    times.remove(id);
  }

  /// When it ended, if it did.
  Optional<Instant> time(String id) {
    return Optional.ofNullable(times.get(id)).map(Instant::ofEpochMilli);
  }
}
