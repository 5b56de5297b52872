package dev.unfold.run.folder;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.unfold.online.InfluenceWatch;
import dev.unfold.run.output.Json;
import dev.unfold.train.TrainingEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// How a run goes, in two files that say the same: `metrics.jsonl`, a JSON object a line, and
/// `events.out.tfevents.unfold` for TensorBoard.
public final class Metrics {
  /// Updates from one line to the next, besides those after validations.
  private static final int EVERY = 20;

  private static final String UPDATED = "updated";
  private static final String ADAPTED = "adapted";
  private static final String VALIDATED = "validated";

  /// What TensorBoard calls the numbers of a line, in their order.
  private static final Map<String, String> TAGS = new LinkedHashMap<>();

  static {
    TAGS.put("loss", "training/loss");
    TAGS.put("gradient_norm", "training/gradient_norm");
    TAGS.put("lr", "training/learning_rate");
    TAGS.put("steps", "training/steps");
    TAGS.put("validation", "validation/loss");
  }

  private final UpdateLines lines;
  private final EventFile events;

  public Metrics(Path folder) {
    lines = new UpdateLines(folder.resolve("metrics.jsonl"), Metrics::isMetric);
    events = new EventFile(folder.resolve("events.out.tfevents.unfold"));
  }

  private record Updated(
      String event,
      long update,
      int epoch,
      Double loss,
      Double gradientNorm,
      double lr,
      @JsonInclude(JsonInclude.Include.NON_NULL) InfluenceWatch influence,
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

  /// Checks what was written before.
  ///
  /// **Errors**: `FormatException` if something else was.
  public void check() {
    lines.read();
  }

  /// Whether nothing was written yet.
  ///
  /// **Errors**: as [#check].
  boolean isEmpty() {
    return lines.read().isEmpty();
  }

  private static boolean isMetric(JsonNode line) {
    return line.path("event").isString() && line.path("time").isNumber();
  }

  /// Begins anew.
  public void clear() {
    lines.clear();
    events.write(List.of(), now());
  }

  /// Forgets what came after a checkpoint.
  ///
  /// Other windows begin with the next update, so they come after the checkpoint of an update, and its validation only
  /// if that was what ended the run.
  ///
  /// @param last the update of the checkpoint
  /// @param validated the update after which the last validation was that is in it
  public void keep(long last, long validated) {
    lines.keep(line -> {
      long update = line.path("update").asLong();
      return switch (line.path("event").asString()) {
        case ADAPTED -> update < last;
        case VALIDATED -> update < last || (update == last && validated == last);
        default -> update <= last;
      };
    });
    List<JsonNode> kept = lines.read();
    List<EventFile.Entry> numbers = new ArrayList<>();
    kept.forEach(line -> numbers.addAll(numbers(line)));
    events.write(numbers, kept.isEmpty() ? now() : kept.getFirst().path("time").asDouble());
  }

  /// Makes all of it outlive the machine, too.
  void force() {
    lines.force();
  }

  /// Writes down an update, if it is its turn.
  public void add(TrainingEvent.Updated event) {
    if (event.update() % EVERY == 0) {
      add(
          new Updated(
              UPDATED,
              event.update(),
              event.epoch(),
              Json.finite(event.loss()),
              Json.finite(event.gradientNorm()),
              event.learningRate(),
              event.influence().orElse(null),
              now()));
    }
  }

  /// Writes down other windows.
  public void add(TrainingEvent.Adapted event) {
    add(new Adapted(ADAPTED, event.update(), event.before(), event.steps(), now()));
  }

  /// Writes down a validation.
  public void add(TrainingEvent.Validated event) {
    add(
        new Validated(
            VALIDATED,
            event.update(),
            event.epoch(),
            Json.finite(event.trainingLoss()),
            event.validation().mean(),
            event.best(),
            now()));
  }

  private void add(Record metric) {
    lines.add(metric);
    numbers(Json.tree(metric)).forEach(events::add);
  }

  private static List<EventFile.Entry> numbers(JsonNode metric) {
    List<EventFile.Entry> numbers = new ArrayList<>();
    TAGS.forEach((key, tag) -> {
      JsonNode value = metric.path(key);
      if (value.isNumber()) {
        numbers.add(
            new EventFile.Entry(
                metric.path("time").asDouble(),
                metric.path("update").asLong(),
                tag,
                value.asDouble()));
      }
    });
    return numbers;
  }

  /// Seconds since 1970.
  private static double now() {
    return System.currentTimeMillis() / 1000.0;
  }
}
