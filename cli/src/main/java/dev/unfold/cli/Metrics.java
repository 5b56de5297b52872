package dev.unfold.cli;

import dev.unfold.train.TrainingEvent;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// How a run goes, in two files that say the same: `metrics.jsonl`, a JSON object a line, and
/// `events.out.tfevents.unfold` for TensorBoard.
final class Metrics {
  /// Updates from one line to the next, besides those after validations.
  private static final int EVERY = 20;

  private static final Pattern UPDATE = Pattern.compile("\"update\":(\\d{1,18})");

  private final Path lines;
  private final EventFile events;

  Metrics(Path folder) {
    lines = folder.resolve("metrics.jsonl");
    events = new EventFile(folder.resolve("events.out.tfevents.unfold"));
  }

  private record Updated(
      String event,
      long update,
      int epoch,
      Double loss,
      Double gradientNorm,
      double lr,
      double time) {}

  private record Validated(
      String event,
      long update,
      int epoch,
      Double training,
      double validation,
      boolean best,
      double time) {}

  /// Whether nothing was written yet.
  boolean isEmpty() {
    return read().isEmpty();
  }

  /// Forgets what was after update `last`.
  void keep(long last) {
    List<String> kept = read().stream().filter(line -> update(line) <= last).toList();
    try {
      Files.write(lines, kept);
      events.begin(kept.isEmpty() ? now() : Json.read(kept.getFirst()).path("time").asDouble());
      for (String line : kept) {
        addEvents(Json.read(line));
      }
    } catch (IOException e) {
      throw new FailureException(lines + ": expected a file that can be written: " + e, e);
    }
  }

  /// Writes down an update, if it is its turn.
  void add(TrainingEvent.Updated event) {
    if (event.update() % EVERY == 0) {
      add(
          new Updated(
              "updated",
              event.update(),
              event.epoch(),
              Json.finite(event.loss()),
              Json.finite(event.gradientNorm()),
              event.learningRate(),
              now()));
    }
  }

  /// Writes down a validation.
  void add(TrainingEvent.Validated event) {
    add(
        new Validated(
            "validated",
            event.update(),
            event.epoch(),
            Json.finite(event.trainingLoss()),
            event.validation().mean(),
            event.best(),
            now()));
  }

  private void add(Record metric) {
    try (PrintWriter out =
        new PrintWriter(
            Files.newBufferedWriter(
                lines,
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND))) {
      Json.print(out, metric);
      if (out.checkError()) {
        throw new IOException("the disk may be full");
      }
      addEvents(Json.tree(metric));
    } catch (IOException e) {
      throw new FailureException(lines + ": expected to append to it: " + e, e);
    }
  }

  private void addEvents(JsonNode metric) throws IOException {
    if (metric.path("event").asString().equals("updated")) {
      addEvent(metric, "loss", "training/loss");
      addEvent(metric, "gradient_norm", "training/gradient_norm");
      addEvent(metric, "lr", "training/learning_rate");
    } else {
      addEvent(metric, "validation", "validation/loss");
    }
  }

  private void addEvent(JsonNode metric, String key, String tag) throws IOException {
    JsonNode value = metric.path(key);
    if (value.isNumber()) {
      events.add(
          metric.path("time").asDouble(), metric.path("update").asLong(), tag, value.asDouble());
    }
  }

  /// Seconds since 1970.
  private static double now() {
    return System.currentTimeMillis() / 1000.0;
  }

  private List<String> read() {
    try {
      return Files.exists(lines) ? Files.readAllLines(lines) : List.of();
    } catch (IOException e) {
      throw new FailureException(lines + ": expected a file that can be read: " + e, e);
    }
  }

  /// A line that was cut off has none, and is forgotten.
  private static long update(String line) {
    Matcher matcher = UPDATE.matcher(line);
    return line.endsWith("}") && matcher.find() ? Long.parseLong(matcher.group(1)) : Long.MAX_VALUE;
  }
}
