package dev.unfold.serve.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/// Events that are sent while the answer goes on, as browsers' `EventSource` and OpenAI's clients read them. Each is
/// sent at once. While there is none, comments are sent now and then, which readers pass over.
///
/// A stream that is closed without [#end] has failed: its connection ends without the last chunk, so that who reads
/// knows that something is missing.
///
/// **Errors** of all methods: [ClientLeftException] if nobody reads on.
///
/// **Threads**: one at a time.
///
/// **Source**: WHATWG, HTML Living Standard, server-sent events
public final class EventStream implements AutoCloseable {
  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] COMMENT = ": ping\n\n".getBytes(StandardCharsets.UTF_8);

  private final ServerResponse response;
  private final Patience.Wait wait;
  private final Heartbeat heart;
  private final LongConsumer counter;

  /// Null until something is sent, so that what fails before can be told as any answer.
  private OutputStream out;

  EventStream(ServerResponse response, Patience patience, LongConsumer counter) {
    wait = patience.begin();
    this.counter = counter;
    this.response = response;
    heart = Heartbeat.start(patience, this::beat);
  }

  /// Sends an event of one line of data.
  public void send(byte[] data, int length) {
    write(DATA, data, length, END);
  }

  /// Sends an event of one line of data.
  public void send(String data) {
    byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
    send(bytes, bytes.length);
  }

  private void beat() {
    put(COMMENT, COMMENT, 0, new byte[0]);
  }

  private void write(byte[] before, byte[] data, int length, byte[] after) {
    try {
      heart.send(() -> {
        if (wait.during(() -> put(before, data, length, after), Patience.NO_FAREWELL)) {
          throw new ClientLeftException(new SocketTimeoutException("not read"));
        }
      });
      counter.accept(before.length + length + after.length);
    } catch (RuntimeException e) {
      throw ClientLeftException.unlessOurs(e);
    }
  }

  private void open() {
    if (out == null) {
      response.headers().set(HeaderValues.CONTENT_TYPE_EVENT_STREAM);
      response.header(HeaderNames.CACHE_CONTROL, "no-store");
      // A proxy that collects what it passes on would keep them back.
      response.header("X-Accel-Buffering", "no");
      out = response.outputStream();
    }
  }

  private void put(byte[] before, byte[] data, int length, byte[] after) {
    open();
    try {
      out.write(before);
      out.write(data, 0, length);
      out.write(after);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// All has been sent.
  public void end() {
    heart.close();
    if (out != null && wait.during(this::finish, Patience.NO_FAREWELL)) {
      throw new ClientLeftException(new SocketTimeoutException("not read"));
    }
  }

  private void finish() {
    try {
      out.close();
    } catch (IOException | RuntimeException e) {
      throw new ClientLeftException(e);
    }
  }

  @Override
  public void close() {
    heart.close();
    wait.close();
  }
}
