package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A Chromium without a window, driven by playwright-core in a process of Node.js.
final class Browser implements AutoCloseable {
  private static final long SECONDS = 120;
  private static final Path SOURCES = Path.of("src", "test", "browser");
  private static final Path FOLDER = Path.of("target", "browser");

  private final Process process;
  private final PrintWriter commands;
  private final BufferedReader answers;

  /// Starts one; empty, with a line that says why, if something that it takes is not there.
  static Optional<Browser> start() throws IOException, InterruptedException {
    Optional<Path> chromium =
        Stream.of("chromium", "chromium-browser", "google-chrome")
            .flatMap(name -> onPath(name).stream())
            .findFirst();
    Optional<Path> node = onPath("node");
    Optional<Path> npm = onPath("npm");
    if (chromium.isEmpty() || node.isEmpty() || npm.isEmpty()) {
      return none("there is no Chromium, or no Node.js with npm, to look at the page with");
    }
    if (!isInstalled() && !install(npm.get())) {
      return none("npm could not install playwright-core: see " + FOLDER.resolve("npm.log"));
    }
    return Optional.of(new Browser(node.get(), chromium.get()));
  }

  private static Optional<Browser> none(String why) {
    System.out.println("Browser: 1 skipped: " + why);
    return Optional.empty();
  }

  private static Optional<Path> onPath(String name) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// What is there is of the version that is wanted.
  private static boolean isInstalled() throws IOException {
    Path lock = FOLDER.resolve("package-lock.json");
    return Files.isDirectory(FOLDER.resolve("node_modules").resolve("playwright-core"))
        && Files.exists(lock)
        && Files.mismatch(lock, SOURCES.resolve("package-lock.json")) < 0;
  }

  private static boolean install(Path npm) throws IOException, InterruptedException {
    Files.createDirectories(FOLDER);
    for (String file : List.of("package.json", "package-lock.json")) {
      Files.copy(SOURCES.resolve(file), FOLDER.resolve(file), StandardCopyOption.REPLACE_EXISTING);
    }
    Process install =
        new ProcessBuilder(npm.toString(), "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .redirectOutput(FOLDER.resolve("npm.log").toFile())
            .start();
    if (!install.waitFor(SECONDS, TimeUnit.SECONDS)) {
      install.destroyForcibly();
      return false;
    }
    return install.exitValue() == 0;
  }

  private Browser(Path node, Path chromium) throws IOException {
    Path driver = FOLDER.resolve("driver.mjs");
    Files.copy(SOURCES.resolve("driver.mjs"), driver, StandardCopyOption.REPLACE_EXISTING);
    process =
        new ProcessBuilder(node.toString(), driver.toString(), chromium.toString())
            .redirectError(FOLDER.resolve("driver.log").toFile())
            .start();
    commands = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
    answers = process.inputReader(StandardCharsets.UTF_8);
    answer("start");
  }

  private JsonNode answer(String command) throws IOException {
    String line = answers.readLine();
    assertNotNull(line, () -> command + ": no answer, see " + FOLDER.resolve("driver.log"));
    JsonNode answer = JsonMapper.shared().readTree(line);
    assertFalse(answer.has("error"), () -> command + ": " + answer);
    return answer.path("value");
  }

  private JsonNode call(String command, Map<String, Object> arguments) throws IOException {
    Map<String, Object> all = new HashMap<>(arguments);
    all.put("command", command);
    commands.println(JsonMapper.shared().writeValueAsString(all));
    return answer(command);
  }

  /// What pages have complained of, or asked the network for.
  List<String> errors() throws IOException {
    return call("errors", Map.of()).valueStream().map(JsonNode::asString).toList();
  }

  /// Opens a file in a window of that width, light or dark.
  void open(Path page, int width, String scheme) throws IOException {
    call("open", Map.of("url", page.toUri().toString(), "width", width, "scheme", scheme));
  }

  /// The value of an expression.
  JsonNode value(String expression) throws IOException {
    return call("evaluate", Map.of("expression", expression));
  }

  /// The value of an expression that is text.
  String text(String expression) throws IOException {
    return value(expression).asString();
  }

  /// Moves the mouse.
  void moveTo(double x, double y) throws IOException {
    call("move", Map.of("x", x, "y", y));
  }

  /// Turns the wheel, up for negative numbers.
  void wheel(int turn) throws IOException {
    call("wheel", Map.of("turn", turn));
  }

  /// Presses a key.
  void key(String name) throws IOException {
    call("key", Map.of("name", name));
  }

  /// Saves a picture of the whole page.
  void screenshot(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    call("screenshot", Map.of("path", file.toAbsolutePath().toString()));
  }

  /// Without commands the driver ends, and the browser with it.
  @Override
  public void close() {
    commands.close();
    process.onExit().completeOnTimeout(process, SECONDS, TimeUnit.SECONDS).join();
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }
}
