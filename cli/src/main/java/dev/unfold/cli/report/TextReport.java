package dev.unfold.cli.report;

import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerText;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.Report;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.output.Wording;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingEvent.Updated;
import dev.unfold.train.TrainingEvent.Validated;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingResult;
import java.io.PrintWriter;

/// A training run for people, in plain lines.
final class TextReport implements Report {
  private final PrintWriter out;
  private final Cadence progress;
  private TrainingRun run;

  /// @param progress how often a line tells how far the run is, besides those on validations
  TextReport(PrintWriter out, Cadence progress) {
    this.out = out;
    this.progress = progress;
  }

  @Override
  public void begin(TrainingRun run) {
    this.run = run;
    NetworkSpec spec = run.network().spec();
    out.println(run.task().summary());
    out.printf(
        "network   %s, %s %d, %s%s%s, %s%n",
        LayerText.of(spec),
        spec.encoder() instanceof Encoder.Embedding ? "embedding" : "input",
        spec.encoder().width(),
        spec.isUniform() ? "hidden " + spec.hidden() + ", " : "",
        Wording.count(spec.layers(), "layer"),
        Wording.more(spec),
        Wording.count(run.network().parameters().count(), "parameter"));
    out.printf(
        "computing %s backend (%s), %s%n",
        run.network().kernels().name(),
        run.network().kernels().description(),
        Wording.count(run.team().size(), "thread"));
    out.flush();
  }

  @Override
  public void event(TrainingEvent event) {
    switch (event) {
      case TrainingEvent.Started started -> started(started);
      case Updated updated -> {
        if (progress.isDue()) {
          updated(updated);
        }
      }
      case Validated validated -> validated(validated);
      case TrainingEvent.Adapted adapted ->
          out.printf(
              "update %d  windows of %s from now on, %d before: the least within %s of the exact"
                  + " gradient%n",
              adapted.update(),
              Wording.count(adapted.steps(), "step"),
              adapted.before(),
              Wording.percent(run.options().windows().tolerance()));
      case TrainingEvent.Completed _, TrainingEvent.Finished _ -> {}
    }
    out.flush();
  }

  private void started(TrainingEvent.Started started) {
    String budget =
        switch (run.options().budget()) {
          case Budget.Epochs epochs -> Wording.count(epochs.count(), "epoch");
          case Budget.Minutes minutes -> minutes.count() + " minutes";
        };
    out.printf(
        "training  %s, %s%s an epoch, steps %s, batch %d%s, %s%n",
        budget,
        run.options().windows().isAdaptive() ? "at least " : "",
        Wording.count(started.updatesPerEpoch(), "update"),
        run.options().windows().text(),
        started.batch(),
        run.options().blocks() > 1 ? " in %d blocks".formatted(run.options().blocks()) : "",
        Wording.rule(run.options().rule()));
    TrainingMemory memory = run.memory();
    out.printf(
        "memory    %s, %s of it for %s, %s%n",
        Wording.bytes(memory.total()),
        Wording.bytes(memory.propagation()),
        Wording.propagation(run.options().engine()),
        engine(started));
  }

  /// How the error is followed back, and what that costs.
  private String engine(TrainingEvent.Started started) {
    Engine engine = run.options().engine();
    double time =
        Footprint.relativeTime(
            run.network().spec(),
            run.network().kernels().precision(),
            run.options().steps(),
            run.options().sequences(started.batch()),
            engine);
    return Wording.engine(engine, time);
  }

  private void updated(Updated updated) {
    out.printf(
        "%3.0f%%  epoch %d  update %d  loss %.4f%s  %,.0f %s/s  %s left%n",
        updated.done() * 100,
        updated.epoch(),
        updated.update(),
        updated.loss(),
        updated.influence().map(Wording::influence).orElse(""),
        updated.tokensPerSecond(),
        run.task().pace(),
        Wording.time(updated.secondsLeft()));
  }

  private void validated(Validated validated) {
    out.printf(
        "epoch %d  update %d  training %.4f  validation %.4f %s per %s%s%n",
        validated.epoch(),
        validated.update(),
        validated.trainingLoss(),
        validated.validation().mean(),
        run.task().head().unit(),
        run.task().unit(),
        validated.best() ? "  saved" : "");
  }

  @Override
  public void stopping() {
    out.println("stopping after this update and a last validation; Ctrl-C again ends at once");
    out.flush();
  }

  @Override
  public void end(TrainingRun run, TrainingResult result) {
    out.println();
    out.printf(
        "%s in %s: %s, %s begun, %,.0f %s/s%n",
        result.stopped() ? "stopped" : "finished",
        Wording.time(result.seconds()),
        Wording.count(result.updates(), "update"),
        Wording.count(result.epochs(), "epoch"),
        result.tokensPerSecond(),
        run.task().pace());
    if (result.validation() == null) {
      out.println("stopped before the first update: nothing was learned, no model was saved");
    } else {
      out.printf(
          "best      update %d, validation %s%n",
          result.bestUpdate(), run.task().loss(result.validation()));
      out.printf("model     %s%n", run.model());
    }
    out.flush();
  }
}
