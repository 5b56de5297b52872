package dev.unfold.cli.report;

import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.Report;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Version;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingEvent.Updated;
import dev.unfold.train.TrainingEvent.Validated;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingResult;
import dev.unfold.train.update.ParameterGroup;
import dev.unfold.train.update.UpdateRule;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A training run for programs: one JSON object a line.
final class JsonReport implements Report {
  private static final String VALIDATION = "validation_";

  private final PrintWriter out;
  private final Cadence cadence = Cadence.of(Duration.ofSeconds(1));

  JsonReport(PrintWriter out) {
    this.out = out;
  }

  private record StartedLine(
      String event,
      String version,
      String backend,
      int threads,
      String unit,
      int vocabulary,
      long trainingTokens,
      long validationTokens,
      String cell,
      int embedding,
      int hidden,
      int layers,
      List<String> wiring,
      String dropout,
      long parameters,
      int steps,
      Double tolerance,
      int batch,
      int updatesPerEpoch,
      Integer window,
      Integer reach,
      Long memory,
      long memoryBytes,
      long propagationBytes,
      double relativeTime,
      String optimizer,
      double lr,
      String schedule,
      double decay,
      List<String> groups,
      String clip,
      int accumulate,
      String average,
      int patience,
      long seed,
      String init,
      String model) {}

  private record ProgressLine(
      String event,
      long update,
      int epoch,
      double done,
      double loss,
      double gradientNorm,
      double lr,
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

  private void started(TrainingEvent.Started started) {
    NetworkSpec spec = run.network().spec();
    Engine engine = run.options().engine();
    Truncation cut = engine instanceof Engine.Truncated truncated ? truncated.truncation() : null;
    TrainingMemory memory = run.memory();
    UpdateRule rule = run.options().rule();
    double relativeTime =
        Footprint.relativeTime(
            spec,
            run.network().kernels().precision(),
            run.options().steps(),
            started.batch(),
            engine);
    Json.print(
        out,
        new StartedLine(
            "started",
            Version.number(),
            run.network().kernels().name(),
            run.team().size(),
            run.task().kind(),
            run.task().classes(),
            run.task().trainingSize(),
            run.task().validationSize(),
            spec.cell().name(),
            spec.encoder().width(),
            spec.hidden(),
            spec.layers(),
            spec.wiring().stream().map(w -> w.name().toLowerCase(Locale.ROOT)).sorted().toList(),
            spec.noise().text(),
            run.network().parameters().count(),
            run.options().steps(),
            run.options().windows().isAdaptive() ? run.options().windows().tolerance() : null,
            started.batch(),
            started.updatesPerEpoch(),
            cut == null ? null : cut.window(),
            cut == null ? null : cut.reach(),
            engine instanceof Engine.Budgeted budget ? budget.bytes() : null,
            memory.total(),
            memory.propagation(),
            relativeTime,
            rule.optimizer().text(),
            rule.learningRate(),
            rule.schedule().text(),
            rule.decay(),
            rule.groups().stream().map(ParameterGroup::text).toList(),
            rule.clip().text(),
            rule.accumulation(),
            rule.averaging().text(),
            run.options().patience(),
            run.beginning().seed(),
            run.beginning().initialization().text(),
            run.model().toString()));
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
