package dev.unfold.serve.http;

import io.helidon.webserver.CloseConnectionException;
import java.io.UncheckedIOException;
import java.util.Optional;

/// The other side is gone, or was cut off, before it had sent or read all. Nothing more can be told to it; its
/// connection is closed.
public final class ClientLeftException extends CloseConnectionException {
  private final transient Problem problem;

  /// @param cause how that was noticed
  public ClientLeftException(Throwable cause) {
    super("the client left", cause);
    problem = null;
  }

  /// @param problem that it was told
  ClientLeftException(Problem problem) {
    super(problem.detail());
    this.problem = problem;
  }

  /// What it was told, if it was cut off for that.
  Optional<Problem> problem() {
    return Optional.ofNullable(problem);
  }

  /// What to throw for what sending has thrown.
  static RuntimeException unlessOurs(RuntimeException thrown) {
    boolean isGone =
        thrown instanceof UncheckedIOException || thrown instanceof CloseConnectionException;
    return isGone && !(thrown instanceof ClientLeftException)
        ? new ClientLeftException(thrown)
        : thrown;
  }
}
