package dev.unfold.run.session;

import dev.unfold.argument.Refusal;
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
}
