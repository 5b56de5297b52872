package dev.unfold.run.session;

import dev.unfold.argument.Refusal;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// What sessions may be called.
final class Names {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._~:@-]{1,128}");

  private Names() {}

  /// **Errors**: [Refusal] for a name that is none.
  static String expect(String id) {
    if (id == null || !NAME.matcher(id).matches()) {
      int length = id == null ? 0 : id.length();
      throw new Refusal(
          "id",
          "1 to 128 letters, digits or . _ ~ : @ -",
          length > 128 ? length + " characters" : id);
    }
    return id;
  }

  /// The first `limit` names behind `after`, in order.
  static List<String> next(Iterable<String> all, String after, int limit) {
    TreeSet<String> first = new TreeSet<>();
    for (String id : all) {
      boolean isNext = first.size() < limit || id.compareTo(first.last()) < 0;
      if (isNext && id.compareTo(after) > 0) {
        first.add(id);
        if (first.size() > limit) {
          first.pollLast();
        }
      }
    }
    return List.copyOf(first);
  }
}
