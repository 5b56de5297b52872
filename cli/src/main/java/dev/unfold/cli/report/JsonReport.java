package dev.unfold.cli.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.unfold.gradient.Footprint;
import dev.unfold.online.InfluenceWatch;
import dev.unfold.run.Report;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Version;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingEvent.Updated;
import dev.unfold.train.TrainingEvent.Validated;
import dev.unfold.train.TrainingResult;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A training run for programs: one JSON object a line.
final class JsonReport implements Report {
  private static final String VALIDATION = "validation_";

  private final PrintWriter out;
  private final Map<String, List<String>> options;
  private final Cadence cadence = Cadence.of(Duration.ofSeconds(1));

  /// @param options of the run, by names
  JsonReport(PrintWriter out, Map<String, List<String>> options) {
    this.out = out;
    this.options = options;
  }

  private record ProgressLine(
      String event,
      long update,
      int epoch,
      double done,
      double loss,
      double gradientNorm,
      double lr,
      @JsonInclude(JsonInclude.Include.NON_NULL) InfluenceWatch influence,
      double tokensPerSecond,
      double secondsLeft) {}

  private record AdaptedLine(String event, long update, int before, int steps) {}

  private TrainingRun run;

  @Override
  public void begin(TrainingRun run) {
    this.run = run;
  }

  @Override
  public void event(TrainingEvent event) {
    switch (event) {
      case TrainingEvent.Started started -> started(started);
      case Updated updated -> {
        if (cadence.isDue()) {
          Json.print(
              out,
              new ProgressLine(
                  "progress",
                  updated.update(),
                  updated.epoch(),
                  updated.done(),
                  updated.loss(),
                  updated.gradientNorm(),
                  updated.learningRate(),
                  updated.influence().orElse(null),
                  updated.tokensPerSecond(),
                  updated.secondsLeft()));
        }
      }
      case Validated validated -> validated(validated);
      case TrainingEvent.Adapted adapted ->
          Json.print(
              out, new AdaptedLine("adapted", adapted.update(), adapted.before(), adapted.steps()));
      case TrainingEvent.Completed _, TrainingEvent.Finished _ -> {}
    }
  }

  /// The options as they were given, and what followed from them and from the data.
  private void started(TrainingEvent.Started started) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("event", "started");
    line.put("version", Version.number());
    line.put("options", options);
    line.put("backend", run.network().kernels().name());
    line.put("threads", run.team().size());
    line.put("unit", run.task().kind());
    line.put("outputs", run.task().head().outputs());
    line.put("training_" + run.task().counted() + "s", run.task().trainingSize());
    line.put("validation_" + run.task().counted() + "s", run.task().validationSize());
    line.put("parameters", run.network().parameters().count());
    line.put("batch", started.batch());
    line.put("updates_per_epoch", started.updatesPerEpoch());
    line.put("memory_bytes", run.memory().total());
    line.put("propagation_bytes", run.memory().propagation());
    line.put("relative_time", Json.finite(relativeTime(started.batch())));
    line.put("model", run.model().toString());
    Json.print(out, line);
  }

  private double relativeTime(int batch) {
    return Footprint.relativeTime(
        run.network().spec(),
        run.network().kernels().precision(),
        run.options().steps(),
        batch,
        run.options().engine());
  }

  private void validated(Validated validated) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("event", "validated");
    line.put("update", validated.update());
    line.put("epoch", validated.epoch());
    line.put("training_" + run.task().metric(), Json.finite(validated.trainingLoss()));
    line.putAll(run.task().metrics(VALIDATION, validated.validation()));
    line.put("best", validated.best());
    Json.print(out, line);
  }

  @Override
  public void stopping() {
    // The line `finished` says that it was stopped.
  }

  @Override
  public void end(TrainingRun run, TrainingResult result) {
    Evaluation validation = result.validation();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("event", "finished");
    if (validation != null) {
      line.putAll(run.task().metrics(VALIDATION, validation));
    }
    line.put("best_update", result.bestUpdate());
    line.put("updates", result.updates());
    line.put("epochs", result.epochs());
    line.put("tokens_per_second", result.tokensPerSecond());
    line.put("seconds", result.seconds());
    line.put("stopped", result.stopped());
    line.put("model", validation == null ? null : run.model().toString());
    Json.print(out, line);
  }
}
