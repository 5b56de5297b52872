package dev.unfold.serve.http;

import io.helidon.webserver.CloseConnectionException;
import java.io.UncheckedIOException;

/// The other side is gone, before it had sent or read all. Nothing can be told to it; its connection is closed.
public final class ClientLeftException extends CloseConnectionException {
  /// @param cause how that was noticed
  public ClientLeftException(Throwable cause) {
    super("the client left", cause);
  }

  /// What to throw for what sending has thrown.
  static RuntimeException unlessOurs(RuntimeException thrown) {
    boolean isGone =
        thrown instanceof UncheckedIOException || thrown instanceof CloseConnectionException;
    return isGone ? new ClientLeftException(thrown) : thrown;
  }
}
