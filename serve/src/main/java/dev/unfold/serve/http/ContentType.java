package dev.unfold.serve.http;

import io.helidon.http.Status;
import java.util.Optional;

/// What a request says that its body is.
final class ContentType {
  /// What curl calls all that it sends, unless it is told something else.
  private static final String UNSAID = "application/x-www-form-urlencoded";

  private ContentType() {}

  /// Refuses a type that is another. None is as good as that which is expected.
  ///
  /// **Errors**: [ProblemException] of status 415.
  static void expect(String expected, Optional<String> type) {
    boolean isKnown = type.isEmpty() || isOf(type.get(), expected) || isOf(type.get(), UNSAID);
    if (!isKnown) {
      throw Problem.of(
              Status.UNSUPPORTED_MEDIA_TYPE_415,
              "type",
              "Content-Type: expected %s, got %s".formatted(expected, type.get()))
          .exception();
    }
  }

  private static boolean isOf(String type, String expected) {
    int end = type.indexOf(';');
    String plain = end < 0 ? type : type.substring(0, end).stripTrailing();
    return plain.equalsIgnoreCase(expected);
  }
}
