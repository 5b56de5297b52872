package dev.unfold.run.journal;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Where the newest record of each key is that has a value.
///
/// **Threads**: one at a time.
final class Places {
  private final Map<String, Place> all = new HashMap<>();
  private long live;

  /// Where a record is.
  ///
  /// @param bytes of all of it
  record Place(Segment segment, long offset, int bytes) {}

  Optional<Place> of(String key) {
    return Optional.ofNullable(all.get(key));
  }

  /// The value of a key is there from now on.
  void set(String key, Place place) {
    Place before = all.put(key, place);
    live += place.bytes() - (before == null ? 0 : before.bytes());
  }

  /// A key has no value any more.
  void remove(String key) {
    Place before = all.remove(key);
    live -= before == null ? 0 : before.bytes();
  }

  /// Bytes of all these records.
  long live() {
    return live;
  }
}
