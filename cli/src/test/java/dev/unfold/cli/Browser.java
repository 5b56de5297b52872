package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Chromium without a window, driven by its DevTools protocol.
final class Browser implements AutoCloseable {
  private static final long SECONDS = 60;

  private final Process process;
  private final WebSocket socket;
  private final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();

  /// Errors that pages have told of.
  private final StringBuilder errors = new StringBuilder();

  private int calls;

  /// Where one is installed, if it is.
  static Optional<String> find() {
    for (String name : List.of("chromium", "chromium-browser", "google-chrome")) {
      for (String folder : System.getenv("PATH").split(":", -1)) {
        if (Files.isExecutable(Path.of(folder, name))) {
          return Optional.of(Path.of(folder, name).toString());
        }
      }
    }
    return Optional.empty();
  }

  /// Starts one with its own profile in `folder`, and opens a page.
  Browser(String command, Path folder) throws IOException, InterruptedException {
    Path profile = folder.resolve("profile");
    process =
        new ProcessBuilder(
                command,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--remote-debugging-address=127.0.0.1",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "about:blank")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("browser.log").toFile())
            .start();
    HttpClient client = HttpClient.newHttpClient();
    String target = target(client, port(profile));
    socket = client.newWebSocketBuilder().buildAsync(URI.create(target), new Inbox()).join();
    call("Page.enable", "{}");
    call("Runtime.enable", "{}");
    call("Log.enable", "{}");
  }

  private static int port(Path profile) throws IOException, InterruptedException {
    Path file = profile.resolve("DevToolsActivePort");
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (System.nanoTime() < end) {
      if (Files.exists(file) && !Files.readAllLines(file).isEmpty()) {
        return Integer.parseInt(Files.readAllLines(file).getFirst());
      }
      Thread.sleep(50);
    }
    throw new AssertionError("the browser did not start");
  }

  private static String target(HttpClient client, int port)
      throws IOException, InterruptedException {
    java.net.http.HttpRequest request =
        java.net.http.HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/json/list"))
            .build();
    String list = client.send(request, java.net.http.HttpResponse.BodyHandlers.ofString()).body();
    for (JsonNode page : JsonMapper.shared().readTree(list)) {
      if (page.path("type").asString().equals("page")) {
        return page.path("webSocketDebuggerUrl").asString();
      }
    }
    throw new AssertionError("the browser has no page: " + list);
  }

  private final class Inbox implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        messages.add(JsonMapper.shared().readTree(text.toString()));
        text.setLength(0);
      }
      from.request(1);
      return null;
    }
  }

  /// Calls a method of the protocol, and returns its result.
  JsonNode call(String method, String parameters) throws InterruptedException {
    calls++;
    int id = calls;
    socket
        .sendText(
            "{\"id\":%d,\"method\":\"%s\",\"params\":%s}".formatted(id, method, parameters), true)
        .join();
    while (true) {
      JsonNode message = messages.poll(SECONDS, TimeUnit.SECONDS);
      assertTrue(message != null, () -> method + ": no answer");
      if (message.path("id").asInt(-1) == id) {
        assertTrue(!message.has("error"), () -> method + ": " + message);
        return message.path("result");
      }
      note(message);
    }
  }

  private void note(JsonNode message) {
    String method = message.path("method").asString("");
    boolean isError =
        method.equals("Runtime.exceptionThrown")
            || (method.equals("Log.entryAdded")
                && message.path("params").path("entry").path("level").asString().equals("error"));
    if (isError) {
      errors.append(message).append('\n');
    }
  }

  /// What pages have complained of.
  String errors() {
    return errors.toString();
  }

  /// Opens a file in a window of that width, light or dark.
  void open(Path page, int width, String scheme) throws InterruptedException {
    call(
        "Emulation.setDeviceMetricsOverride",
        "{\"width\":%d,\"height\":1000,\"deviceScaleFactor\":1,\"mobile\":false}".formatted(width));
    call(
        "Emulation.setEmulatedMedia",
        "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"%s\"}]}".formatted(scheme));
    call("Page.navigate", "{\"url\":\"" + page.toUri() + "\"}");
    for (int i = 0; i < 200; i++) {
      if (text("document.readyState").equals("complete")
          && text("'' + document.querySelectorAll('canvas.map').length").compareTo("0") > 0) {
        return;
      }
      Thread.sleep(50);
    }
    throw new AssertionError("the page did not load: " + errors);
  }

  /// The value of an expression.
  JsonNode value(String expression) throws InterruptedException {
    String quoted = JsonMapper.shared().writeValueAsString(expression);
    JsonNode result =
        call("Runtime.evaluate", "{\"returnByValue\":true,\"expression\":" + quoted + "}");
    assertTrue(!result.has("exceptionDetails"), result::toString);
    return result.path("result").path("value");
  }

  /// The value of an expression that is text.
  String text(String expression) throws InterruptedException {
    return value(expression).asString();
  }

  /// Moves the mouse.
  void moveTo(double x, double y) throws InterruptedException {
    call("Input.dispatchMouseEvent", "{\"type\":\"mouseMoved\",\"x\":%s,\"y\":%s}".formatted(x, y));
  }

  /// Turns the wheel, up for negative numbers.
  void wheel(double x, double y, int turn) throws InterruptedException {
    call(
        "Input.dispatchMouseEvent",
        "{\"type\":\"mouseWheel\",\"x\":%s,\"y\":%s,\"deltaX\":0,\"deltaY\":%d}"
            .formatted(x, y, turn));
  }

  /// Presses a key.
  void key(String name) throws InterruptedException {
    for (String type : List.of("rawKeyDown", "keyUp")) {
      call(
          "Input.dispatchKeyEvent",
          "{\"type\":\"%s\",\"key\":\"%s\",\"code\":\"%s\"}".formatted(type, name, name));
    }
  }

  /// Saves a picture of the whole page.
  void screenshot(Path file) throws InterruptedException, IOException {
    JsonNode shot =
        call("Page.captureScreenshot", "{\"format\":\"png\",\"captureBeyondViewport\":true}");
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(shot.path("data").asString()));
  }

  @Override
  public void close() {
    socket.abort();
    process.descendants().forEach(ProcessHandle::destroy);
    process.destroy();
    try {
      process.waitFor(SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
