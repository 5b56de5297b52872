package dev.unfold.measure.load;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/// A connection that is kept, and as little between it and the server as can be: it shares the processors with what it
/// measures. It speaks as much of HTTP/1.1 as the server's answers need.
///
/// **Threads**: one at a time.
public final class HttpConnection implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final int MOST_BYTES = 1 << 26;
  private static final int BUFFER = 1 << 16;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final String common;
  private int status;
  private long length;
  private boolean isChunked;

  /// @param server such as http://127.0.0.1:8080
  /// @param key what to be let in with, if it is asked for
  public HttpConnection(URI server, Optional<String> key) throws IOException {
    socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), TIMEOUT_MILLIS);
    in = new BufferedInputStream(socket.getInputStream(), BUFFER);
    out = socket.getOutputStream();
    common =
        " HTTP/1.1\r\nHost: "
            + server.getAuthority()
            + key.map(own -> "\r\nAuthorization: Bearer " + own).orElse("")
            + "\r\n";
  }

  /// Asks for something.
  ///
  /// @return the body of the answer
  public byte[] get(String path) throws IOException {
    send("GET " + path + common + "\r\n", new byte[0]);
    readHead();
    return body();
  }

  /// Sends JSON.
  ///
  /// @return the body of the answer
  public byte[] post(String path, byte... json) throws IOException {
    send(head(path, json.length), json);
    readHead();
    return body();
  }

  /// Sends JSON, and is told each line of the answer as it comes.
  public void stream(String path, byte[] json, Consumer<String> line) throws IOException {
    send(head(path, json.length), json);
    readHead();
    if (!isChunked) {
      new String(body(), StandardCharsets.UTF_8).lines().forEach(line);
      return;
    }
    StringBuilder text = new StringBuilder();
    byte[] chunk = chunk();
    while (chunk.length > 0) {
      for (byte each : chunk) {
        if (each == '\n') {
          line.accept(text.toString());
          text.setLength(0);
        } else {
          text.append((char) Byte.toUnsignedInt(each));
        }
      }
      chunk = chunk();
    }
  }

  private String head(String path, int count) {
    return "POST "
        + path
        + common
        + "Content-Type: application/json\r\nContent-Length: "
        + count
        + "\r\n\r\n";
  }

  private void send(String head, byte... body) throws IOException {
    byte[] begin = head.getBytes(StandardCharsets.ISO_8859_1);
    byte[] all = new byte[begin.length + body.length];
    System.arraycopy(begin, 0, all, 0, begin.length);
    System.arraycopy(body, 0, all, begin.length, body.length);
    out.write(all);
  }

  /// The status of the last answer.
  public int status() {
    return status;
  }

  private void readHead() throws IOException {
    String first = line();
    status = Integer.parseInt(first.split(" ", 3)[1]);
    length = 0;
    isChunked = false;
    String field = line();
    while (!field.isEmpty()) {
      String lower = field.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(field.substring("content-length:".length()).trim());
      } else if (lower.startsWith("transfer-encoding:")) {
        isChunked = lower.endsWith("chunked");
      }
      field = line();
    }
    if (length > MOST_BYTES) {
      throw new IOException("expected an answer of 64 MiB at most, got " + length);
    }
  }

  private String line() throws IOException {
    StringBuilder text = new StringBuilder();
    int next = in.read();
    while (next != '\n') {
      if (next < 0 || text.length() > BUFFER) {
        throw new EOFException("expected a line of HTTP");
      }
      if (next != '\r') {
        text.append((char) next);
      }
      next = in.read();
    }
    return text.toString();
  }

  private byte[] body() throws IOException {
    if (!isChunked) {
      return bytes((int) length);
    }
    StringBuilder all = new StringBuilder();
    byte[] chunk = chunk();
    while (chunk.length > 0) {
      all.append(new String(chunk, StandardCharsets.ISO_8859_1));
      chunk = chunk();
    }
    return all.toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /// The next chunk, empty at the end.
  private byte[] chunk() throws IOException {
    int count = Integer.parseInt(line().trim(), 16);
    if (count > MOST_BYTES) {
      throw new IOException("expected a chunk of 64 MiB at most, got " + count);
    }
    byte[] chunk = bytes(count);
    line();
    return chunk;
  }

  private byte[] bytes(int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("expected %d bytes, got %d".formatted(count, bytes.length));
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
