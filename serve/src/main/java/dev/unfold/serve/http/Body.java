package dev.unfold.serve.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.Header;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/// Bodies of requests, within the limits of the server.
final class Body {
  /// What most answers are.
  static final Header JSON =
      HeaderValues.createCached(HeaderNames.CONTENT_TYPE, "application/json");

  private static final byte[] NONE = {};
  private static final int PIECE = 1 << 13;

  private Body() {}

  /// The whole body.
  ///
  /// **Errors**: [ProblemException] of status 413 if it is longer than the server takes, 400 if its chunks are none.
  static byte[] read(ServerRequest request, Limits limits) {
    if (!request.content().hasEntity()) {
      return NONE;
    }
    OptionalLong length = request.headers().contentLength();
    if (length.isPresent() && length.getAsLong() > limits.body()) {
      throw tooLong(limits.body()).exception();
    }
    // Not closed where it fails: that would wait for the rest.
    InputStream stream = request.content().inputStream();
    try {
      byte[] body =
          length.isPresent() ? whole(stream, (int) length.getAsLong()) : pieces(stream, limits);
      stream.close();
      return body;
    } catch (IOException | DataReader.InsufficientDataAvailableException e) {
      throw new ClientLeftException(e);
    } catch (RequestException e) {
      throw e.status().code() == Status.REQUEST_ENTITY_TOO_LARGE_413_CODE
          ? tooLong(limits.body()).exception()
          : unreadable();
    } catch (IllegalArgumentException _) {
      throw unreadable();
    }
  }

  private static byte[] whole(InputStream stream, int length) throws IOException {
    byte[] bytes = new byte[length];
    int read = 0;
    while (read < length) {
      int count = stream.read(bytes, read, length - read);
      if (count < 0) {
        throw new IOException("ended after " + read + " bytes of " + length);
      }
      read += count;
    }
    return bytes;
  }

  private static byte[] pieces(InputStream stream, Limits limits) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] piece = new byte[PIECE];
    for (int count = stream.read(piece); count >= 0; count = stream.read(piece)) {
      all.write(piece, 0, count);
      if (all.size() > limits.body()) {
        throw tooLong(limits.body()).exception();
      }
    }
    return all.toByteArray();
  }

  /// What is told of one that is longer than the server takes.
  static Problem tooLong(long limit) {
    return Problem.of(
        Status.REQUEST_ENTITY_TOO_LARGE_413,
        "too_long",
        "body: expected at most " + limit + " bytes, got more");
  }

  private static ProblemException unreadable() {
    return Problem.of(
            Status.BAD_REQUEST_400, "http", "body: expected chunks that can be read, got another")
        .exception();
  }
}
