package dev.unfold.serve.http;

import dev.unfold.run.session.ModelVersion;
import io.helidon.http.HeaderName;
import io.helidon.http.Status;
import java.util.Optional;

/// What was asked and answered, as it is counted and written down: a request, or a message of a WebSocket.
///
/// **Threads**: that of the request, or of the socket.
public abstract sealed class Answered permits Exchange, Message {
  private ModelVersion version;
  private long rows;
  private long bytes;
  private int status = Status.OK_200.code();

  Answered() {}

  /// The method of the request.
  public abstract String method();

  /// A header of the request.
  public abstract Optional<String> header(HeaderName name);

  /// Says by which model it is answered.
  public final void by(ModelVersion answering) {
    version = answering;
  }

  /// Says that a session has read rows.
  public final void rows(long count) {
    rows += count;
  }

  final void sent(long count) {
    bytes += count;
  }

  final void status(int code) {
    status = code;
  }

  /// The status that was sent, or would be.
  public final int sentStatus() {
    return status;
  }

  /// How many rows sessions have read for it.
  public final long readRows() {
    return rows;
  }

  /// How many bytes the body of the answer had so far.
  public final long sentBytes() {
    return bytes;
  }

  /// By which model it was answered.
  public final Optional<ModelVersion> version() {
    return Optional.ofNullable(version);
  }
}
