package dev.unfold.serve.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Clients that leave, that send half of something, or do not read, at a server that answers slowly.
final class ConnectionTest {
  private static final Duration LIMIT = Duration.ofMillis(800);
  private static final long SECONDS = 20;

  /// As long as two readers ahead would be needed for.
  private static final long WORK = 600;

  /// What was thrown when a request was over, or that nothing was.
  private final BlockingQueue<Optional<Throwable>> over = new LinkedBlockingQueue<>();

  private HttpServer server;

  @BeforeEach
  void start() {
    Listening where =
        new Listening(
            "127.0.0.1", 0, new Limits(1_000_000, LIMIT, 10), Optional.empty(), Optional.empty());
    Service service =
        routes ->
            routes
                .get("/soon", exchange -> exchange.send(Map.of("said", "soon")))
                .get("/later", exchange -> work(exchange, WORK))
                .get("/never", exchange -> work(exchange, TimeUnit.SECONDS.toMillis(SECONDS)))
                .get("/silent", ConnectionTest::keepSilent)
                .get("/refused", exchange -> refuse(exchange, false))
                .get("/broken", exchange -> refuse(exchange, true))
                .socket("/talk/{id}", ConnectionTest::open);
    server =
        HttpServer.start(
            where, new Gate(where), (_, _, _, _, thrown) -> over.add(thrown), List.of(service));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static void work(Exchange exchange, long millis) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (System.nanoTime() < end) {
      exchange.expectTime();
      Thread.sleep(1);
    }
    exchange.send(Map.of("said", "later"));
  }

  private static Talk open(String id) {
    if (!id.equals("a")) {
      throw new IllegalArgumentException("id: expected a");
    }
    return (text, _) -> text.repeat(100_000);
  }

  private static void keepSilent(Exchange exchange) throws InterruptedException {
    try (EventStream events = exchange.events()) {
      Thread.sleep(2 * LIMIT.toMillis());
      events.send("at last");
      events.end();
    }
  }

  private static void refuse(Exchange exchange, boolean isLate) {
    try (EventStream events = exchange.events()) {
      if (isLate) {
        events.send("first");
      }
      throw new IllegalArgumentException("rows: expected others");
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(SECONDS));
    return socket;
  }

  private static String get(String path) {
    return "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(path);
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  /// What comes, up to this.
  private static String hear(Socket socket, String end) throws IOException {
    InputStream in = socket.getInputStream();
    ByteArrayOutputStream heard = new ByteArrayOutputStream();
    while (!heard.toString(StandardCharsets.UTF_8).endsWith(end)) {
      int next = in.read();
      assertTrue(next >= 0, () -> "it ended with " + heard);
      heard.write(next);
    }
    return heard.toString(StandardCharsets.UTF_8);
  }

  private Optional<Throwable> over() throws InterruptedException {
    Optional<Throwable> thrown = over.poll(SECONDS / 2, TimeUnit.SECONDS);
    assertNotNull(thrown, "it is not over");
    return thrown;
  }

  @Test
  void answer_thatNobodyWaitsFor_isNotWorkedOn() throws Exception {
    try (Socket socket = connect()) {
      say(socket, get("/never"));
      Thread.sleep(WORK);
    }
    assertInstanceOf(ClientLeftException.class, over().orElseThrow());
  }

  /// What is read ahead while one is answered belongs to the next.
  @Test
  void requests_afterASlowOne_areAnsweredInTheirOrder() throws Exception {
    try (Socket socket = connect()) {
      say(socket, get("/later"));
      hear(socket, "{\"said\":\"later\"}");
      say(socket, get("/soon"));
      hear(socket, "{\"said\":\"soon\"}");

      say(socket, get("/later") + get("/later"));
      hear(socket, "{\"said\":\"later\"}");
      hear(socket, "{\"said\":\"later\"}");

      say(socket, get("/later"));
      Thread.sleep(WORK / 2);
      String next = get("/later") + get("/soon");
      say(socket, next.substring(0, 10));
      hear(socket, "{\"said\":\"later\"}");
      say(socket, next.substring(10));
      hear(socket, "{\"said\":\"later\"}");
      hear(socket, "{\"said\":\"soon\"}");
    }
    for (int i = 0; i < 7; i++) {
      assertEquals(Optional.empty(), over());
    }
  }

  @Test
  void head_ofWhichAPartComes_isGivenUp() throws Exception {
    try (Socket line = connect();
        Socket lines = connect();
        Socket second = connect()) {
      say(second, get("/soon"));
      hear(second, "{\"said\":\"soon\"}");
      say(line, "GE");
      say(lines, "GET /soon HTTP/1.1\r\nHost: loc");
      say(second, "GET /soon HTTP/1.1\r\n");
      for (Socket socket : new Socket[] {line, lines, second}) {
        String said = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(said.startsWith("HTTP/1.1 408 "), said);
        assertTrue(said.contains("request: expected its head within 800 ms, got a part"), said);
      }
    }
  }

  /// A byte now and then is no head either.
  @Test
  void head_ofWhichAByteComesNowAndThen_isGivenUp() throws Exception {
    try (Socket socket = connect()) {
      say(socket, "GET /soon HTTP/1.1\r\nX: ");
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      int count = 0;
      while (socket.getInputStream().available() == 0 && System.nanoTime() < end) {
        say(socket, "x");
        count++;
        Thread.sleep(50);
      }
      assertTrue(count > 1 && System.nanoTime() < end, "it is waited for");
      assertTrue(hear(socket, "\r\n").startsWith("HTTP/1.1 408 "));
    }
  }

  @Test
  void connection_thatIsQuietBetweenRequests_staysOpen() throws Exception {
    try (Socket socket = connect()) {
      for (int i = 0; i < 2; i++) {
        Thread.sleep(2 * LIMIT.toMillis());
        say(socket, get("/soon"));
        hear(socket, "{\"said\":\"soon\"}");
      }
    }
  }

  /// What comes late of a body that nobody asked for is no head of a request.
  @Test
  void connection_afterABodyThatNobodyReads_staysOpen() throws Exception {
    try (Socket socket = connect()) {
      say(socket, "POST /none HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n01234");
      assertTrue(hear(socket, "}").startsWith("HTTP/1.1 404 "));
      say(socket, "56789");
      Thread.sleep(2 * LIMIT.toMillis());
      say(socket, get("/soon"));
      hear(socket, "{\"said\":\"soon\"}");
    }
  }

  /// Who asks for leave to send a body may send it without: it is not taken for a request.
  @Test
  void body_thatNobodyGaveLeaveFor_isNoRequest() throws Exception {
    try (Socket socket = connect()) {
      String body = get("/soon");
      say(
          socket,
          "POST /none HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
              .formatted(body.length()));
      assertTrue(hear(socket, "}").startsWith("HTTP/1.1 404 "));
      say(socket, body);
      assertEquals(-1, socket.getInputStream().read(), "it is answered");
    }
  }

  @Test
  void events_ofWhichNoneComes_beat() throws Exception {
    try (Socket socket = connect()) {
      say(socket, get("/silent"));
      String said = hear(socket, "data: at last\n\n");
      assertTrue(said.split(": ping\n\n", -1).length > 2, said);
    }
    assertEquals(Optional.empty(), over());
  }

  /// What fails before the first event is told as any answer; afterwards there is none to tell it by.
  @Test
  void events_thatFail_areRefusedOrEnd() throws Exception {
    try (Socket socket = connect();
        Socket late = connect()) {
      say(socket, get("/refused"));
      String said = hear(socket, "}");
      assertTrue(said.startsWith("HTTP/1.1 400 "), said);
      assertTrue(said.contains("rows: expected others"), said);
      say(socket, get("/soon"));
      hear(socket, "{\"said\":\"soon\"}");

      say(late, get("/broken"));
      String begun = new String(late.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(begun.contains("data: first\n\n"), begun);
      assertEquals(2, begun.split("HTTP/1.1 ", -1).length, "one answer: " + begun);
      assertFalse(begun.endsWith("0\r\n\r\n"), "it looks whole: " + begun);
    }
  }

  private static Socket talk(Socket socket) throws IOException {
    return talk(socket, "a");
  }

  private static Socket talk(Socket socket, String id) throws IOException {
    say(
        socket,
        String.join(
            "\r\n",
            "GET /talk/%s HTTP/1.1".formatted(id),
            "Host: localhost",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "",
            ""));
    String head = hear(socket, "\r\n\r\n");
    assertTrue(head.startsWith("HTTP/1.1 101 "), head);
    return socket;
  }

  /// A text of 3 bytes, masked by zeros.
  private static byte[] message() {
    return ByteBuffer.allocate(9)
        .put((byte) 0x81)
        .put((byte) 0x83)
        .putInt(0)
        .put(new byte[] {'a', 'b', 'c'})
        .array();
  }

  @Test
  void socket_onWhichNobodyTalks_isPingedAndStaysOpen() throws Exception {
    try (Socket socket = talk(connect())) {
      for (int i = 0; i < 4; i++) {
        assertEquals(0x89, socket.getInputStream().read());
        assertEquals(0, socket.getInputStream().read());
      }
      socket.getOutputStream().write(message());
      assertEquals(0x81, socket.getInputStream().read());
    }
  }

  /// Whoever closes sends nothing more.
  @Test
  void socket_thatWasNotOpened_isNotPinged() throws Exception {
    try (Socket socket = talk(connect(), "b")) {
      InputStream in = socket.getInputStream();
      int next = in.read();
      while (next != 0x88) {
        assertTrue(next >= 0, "it ended without a close");
        next = in.read();
      }
      in.readNBytes(in.read());
      socket.setSoTimeout((int) (2 * LIMIT.toMillis()));
      int behind = -1;
      try {
        behind = in.read();
      } catch (SocketTimeoutException _) {
        // Nothing comes.
      }
      assertEquals(-1, behind, "something was sent behind the close");
    }
  }

  /// 300 kB for each message of 9 bytes: what nobody reads fills the socket's memory, and no other.
  @Test
  void socket_thatDoesNotRead_isCutOff() throws Exception {
    try (Socket socket = talk(connect())) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      boolean isCut = false;
      while (!isCut && System.nanoTime() < end) {
        try {
          socket.getOutputStream().write(message());
        } catch (SocketException _) {
          isCut = true;
        }
        Thread.sleep(1);
      }
      assertTrue(isCut, "it is served still");
      Optional<Throwable> last = over();
      while (last.isEmpty()) {
        last = over();
      }
      assertInstanceOf(ClientLeftException.class, last.orElseThrow());
      assertTrue(over.isEmpty(), "nothing is answered afterwards");
    }
  }
}
