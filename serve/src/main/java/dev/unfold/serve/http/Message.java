package dev.unfold.serve.http;

import dev.unfold.run.session.ModelVersion;
import io.helidon.http.HeaderName;
import io.helidon.http.Status;
import java.util.Optional;

/// A message of a WebSocket, as it is counted and written down.
///
/// **Threads**: that of its socket.
public final class Message implements Answered {
  /// What stands in place of a method.
  static final String METHOD = "MESSAGE";

  private ModelVersion version;
  private long rows;
  private long bytes;
  private int status = Status.OK_200.code();

  Message() {}

  /// Says by which model it is answered.
  public void by(ModelVersion answering) {
    version = answering;
  }

  /// Says that a session has read rows.
  public void rows(long count) {
    rows += count;
  }

  void sent(long count) {
    bytes += count;
  }

  void status(int code) {
    status = code;
  }

  @Override
  public String method() {
    return METHOD;
  }

  /// Messages have none.
  @Override
  public Optional<String> header(HeaderName name) {
    return Optional.empty();
  }

  @Override
  public int sentStatus() {
    return status;
  }

  @Override
  public long readRows() {
    return rows;
  }

  @Override
  public long sentBytes() {
    return bytes;
  }

  @Override
  public Optional<ModelVersion> version() {
    return Optional.ofNullable(version);
  }
}
