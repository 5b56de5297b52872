package dev.unfold.run.journal;

import dev.unfold.argument.Expect;
import java.util.Optional;

/// What becomes of a key.
///
/// @param key 1 to [Journal#LONGEST_KEY] bytes as UTF-8
/// @param value its value from now on; none if it has none any more
public record Change(String key, Optional<byte[]> value) {
  /// Checks that there is all.
  public Change {
    Expect.given("key", key);
    Expect.given("value", value);
  }

  /// A value for a key.
  public static Change put(String key, byte... value) {
    return new Change(key, Optional.of(value));
  }

  /// No value for a key.
  public static Change remove(String key) {
    return new Change(key, Optional.empty());
  }
}
