package dev.unfold.data.table;

import java.util.Set;
import java.util.stream.Stream;

/// The texts that mean that there is no value.
final class MissingTexts {
  private final String[] texts;

  /// One bit for each length that such a text has, since most values have another.
  private final long lengths;

  /// @param more beside those that always mean it
  MissingTexts(Set<String> more) {
    texts =
        Stream.concat(TableOptions.MISSING.stream(), more.stream())
            .distinct()
            .toArray(String[]::new);
    long bits = 1;
    for (String text : texts) {
      bits |= 1L << Math.min(text.length(), 63);
    }
    lengths = bits;
  }

  boolean has(char[] chars, int start, int end) {
    int length = end - start;
    if ((lengths >>> Math.min(length, 63) & 1) == 0) {
      return false;
    }
    if (length == 0) {
      return true;
    }
    for (String text : texts) {
      if (text.length() == length && equal(text, chars, start)) {
        return true;
      }
    }
    return false;
  }

  private static boolean equal(String text, char[] chars, int start) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != chars[start + i]) {
        return false;
      }
    }
    return true;
  }
}
