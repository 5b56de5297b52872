package dev.unfold.serve.http;

import io.helidon.http.HeaderName;
import java.util.Optional;

/// A message of a WebSocket.
public final class Message extends Answered {
  /// What stands in place of a method.
  static final String METHOD = "MESSAGE";

  Message() {}

  @Override
  public String method() {
    return METHOD;
  }

  /// Messages have none.
  @Override
  public Optional<String> header(HeaderName name) {
    return Optional.empty();
  }
}
