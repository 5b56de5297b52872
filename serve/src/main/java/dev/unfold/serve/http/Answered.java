package dev.unfold.serve.http;

import dev.unfold.run.session.ModelVersion;
import io.helidon.http.HeaderName;
import java.util.Optional;

/// What was asked and answered, as it is counted and written down: a request, or a message of a WebSocket.
public interface Answered {
  /// The method of the request.
  String method();

  /// A header of the request.
  Optional<String> header(HeaderName name);

  /// The status that was sent, or would be.
  int sentStatus();

  /// How many rows sessions have read for it.
  long readRows();

  /// How many bytes the body of the answer had so far.
  long sentBytes();

  /// By which model it was answered.
  Optional<ModelVersion> version();
}
