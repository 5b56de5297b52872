package dev.unfold.serve.http;

import dev.unfold.argument.Expect;
import io.helidon.common.buffers.BufferData;
import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;

/// A connection, of which is known whether a head of a request has begun, and whether the other side has closed it while
/// it is answered.
///
/// What is closed is found by reading. While an answer takes long, a thread of its own reads the next bytes ahead; who
/// reads afterwards gets them from it. Nothing is lost, and nobody has to be interrupted.
///
/// **Threads**: that of the connection; the reader ahead is its own.
final class Connection implements ConnectionContext, AutoCloseable {
  /// Answers that are there sooner need no reader ahead.
  private static final long SOON = Duration.ofMillis(200).toNanos();

  private final ConnectionContext context;
  private final DataReader reader = DataReader.create(this::next);
  private final Duration limit;
  private final Patience.Wait head;
  private Heartbeat heart;
  private boolean isInHead;
  private boolean isAnswering;
  private long since;
  private CompletableFuture<Optional<byte[]>> ahead;

  /// For this thread.
  Connection(ConnectionContext context, Patience patience, Duration limit) {
    this.context = Expect.given("context", context);
    this.limit = limit;
    head = patience.begin();
  }

  /// Bytes that came; null at the end.
  private byte[] next() {
    byte[] bytes = (ahead == null ? pull() : await()).orElse(null);
    if (bytes != null) {
      beginHead();
    }
    return bytes;
  }

  private Optional<byte[]> pull() {
    DataReader from = context.dataReader();
    try {
      from.ensureAvailable();
    } catch (DataReader.InsufficientDataAvailableException _) {
      return Optional.empty();
    }
    return Optional.of(from.readBuffer().readBytes());
  }

  private Optional<byte[]> await() {
    try {
      Optional<byte[]> bytes = ahead.get();
      ahead = null;
      return bytes;
    } catch (InterruptedException _) {
      // As one that reads by itself: its socket is closed.
      context.serverSocket().close();
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new InterruptedIOException("closed while it was read"));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException own) {
        throw own;
      }
      throw new IllegalStateException(e);
    }
  }

  private void beginHead() {
    if (!isInHead && !isAnswering) {
      isInHead = true;
      head.begin(this::tellTooSlow);
    }
  }

  /// To be called once a head has been read: from now on it is answered, or is a talk.
  ///
  /// **Errors**: [ClientLeftException] if it was cut off at this moment.
  void answering() {
    isAnswering = true;
    since = System.nanoTime();
    if (isInHead) {
      isInHead = false;
      if (head.end()) {
        throw new ClientLeftException(tooSlow());
      }
    }
  }

  /// To be called once it is a WebSocket.
  ///
  /// @param beating ends with it
  void talks(Heartbeat beating) {
    heart = beating;
    answering();
  }

  /// To be called once it has been answered.
  void answered() {
    isAnswering = false;
    if (reader.available() > 0) {
      beginHead();
    }
  }

  /// Whether the other side has closed it. Not known of one that has sent more than is answered.
  boolean isGone() {
    if (ahead == null) {
      boolean isLong = System.nanoTime() - since > SOON;
      if (!isAnswering || !isLong || reader.available() > 0) {
        return false;
      }
      CompletableFuture<Optional<byte[]>> own = new CompletableFuture<>();
      ahead = own;
      Thread.ofVirtual().name("ahead").start(() -> readAhead(own));
    }
    return ahead.isDone() && (ahead.isCompletedExceptionally() || ahead.join().isEmpty());
  }

  private void readAhead(CompletableFuture<Optional<byte[]>> own) {
    try {
      own.complete(pull());
    } catch (RuntimeException e) {
      own.completeExceptionally(e);
    }
  }

  private Problem tooSlow() {
    return Problem.tooSlow("request", "its head", limit);
  }

  /// By another thread, while that of the connection waits for what does not come.
  private void tellTooSlow() {
    byte[] body = ProblemText.of(tooSlow(), Route.Dialect.PROBLEM);
    List<String> said =
        List.of(
            "HTTP/1.1 408 Request Timeout",
            "Connection: close",
            "Content-Type: application/problem+json",
            "Content-Length: " + body.length,
            "",
            "");
    dataWriter()
        .writeNow(
            BufferData.create(String.join("\r\n", said).getBytes(StandardCharsets.US_ASCII)),
            BufferData.create(body));
  }

  /// It is over.
  @Override
  public void close() {
    head.close();
    if (heart != null) {
      heart.close();
    }
  }

  @Override
  public DataReader dataReader() {
    return reader;
  }

  @Override
  public ListenerContext listenerContext() {
    return context.listenerContext();
  }

  @Override
  public ExecutorService executor() {
    return context.executor();
  }

  @Override
  public DataWriter dataWriter() {
    return context.dataWriter();
  }

  @Override
  public Router router() {
    return context.router();
  }

  @Override
  public Optional<ProxyProtocolData> proxyProtocolData() {
    return context.proxyProtocolData();
  }

  @Override
  public HelidonSocket serverSocket() {
    return context.serverSocket();
  }

  @Override
  public PeerInfo remotePeer() {
    return context.remotePeer();
  }

  @Override
  public PeerInfo localPeer() {
    return context.localPeer();
  }

  @Override
  public boolean isSecure() {
    return context.isSecure();
  }

  @Override
  public String socketId() {
    return context.socketId();
  }

  @Override
  public String childSocketId() {
    return context.childSocketId();
  }
}
