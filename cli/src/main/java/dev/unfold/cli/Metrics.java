package dev.unfold.cli;

import dev.unfold.train.TrainingEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// How a run goes, in two files that say the same: `metrics.jsonl`, a JSON object a line, and
/// `events.out.tfevents.unfold` for TensorBoard.
final class Metrics {
  /// Updates from one line to the next, besides those after validations.
  private static final int EVERY = 20;

  private final UpdateLines lines;
  private final EventFile events;

  Metrics(Path folder) {
    lines = new UpdateLines(folder.resolve("metrics.jsonl"));
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

  private record Adapted(String event, long update, int before, int steps, double time) {}

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
    return lines.read().isEmpty();
  }

  /// Forgets what was after update `last`.
  void keep(long last) {
    lines.keep(last);
    List<JsonNode> kept = lines.read();
    try {
      events.begin(kept.isEmpty() ? now() : kept.getFirst().path("time").asDouble());
      for (JsonNode line : kept) {
        addEvents(line);
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private FailureException failure(IOException e) {
    return new FailureException(lines.file() + ": expected to write beside it: " + e, e);
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

  /// Writes down other windows.
  void add(TrainingEvent.Adapted event) {
    add(new Adapted("adapted", event.update(), event.before(), event.steps(), now()));
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
    lines.add(metric);
    try {
      addEvents(Json.tree(metric));
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private void addEvents(JsonNode metric) throws IOException {
    addEvent(metric, "loss", "training/loss");
    addEvent(metric, "gradient_norm", "training/gradient_norm");
    addEvent(metric, "lr", "training/learning_rate");
    addEvent(metric, "steps", "training/steps");
    addEvent(metric, "validation", "validation/loss");
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
}
