package dev.unfold.cli.report;

import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.run.series.SeriesTask;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingResult;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// Tells how the models of a backtest are trained, a line for each and, while that takes long, how far it is.
public final class FoldLines {
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final PrintWriter out;
  private final boolean isJson;
  private final int trainings;
  private Cadence cadence = Cadence.of(PAUSE);
  private int training;

  /// @param isJson whether a program reads the output
  /// @param trainings how many models are trained
  public FoldLines(PrintWriter out, boolean isJson, int trainings) {
    this.out = out;
    this.isJson = isJson;
    this.trainings = trainings;
  }

  /// A training begins.
  public void begin(SeriesTask task) {
    training++;
    cadence = Cadence.of(PAUSE);
    cadence.isDue();
    if (!isJson && training == 1) {
      out.println(task.summary());
      out.flush();
    }
  }

  /// Something happened in it.
  public void event(TrainingEvent event) {
    if (!isJson && event instanceof TrainingEvent.Updated updated && cadence.isDue()) {
      out.printf(
          "training  %d of %d: %3.0f%%, epoch %d, %s left%n",
          training,
          trainings,
          100 * updated.done(),
          updated.epoch(),
          Wording.time(updated.secondsLeft()));
      out.flush();
    }
  }

  /// It ended.
  public void end(SeriesTask task, TrainingResult result) {
    if (isJson) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("event", "trained");
      line.put("training", training);
      line.put("of", trainings);
      line.put("until", task.spec().until());
      line.put("best_epoch", result.bestEpoch());
      line.put("epochs", result.epochs());
      line.put("validation_loss", Json.finite(result.validation().mean()));
      line.put("seconds", result.seconds());
      Json.print(out, line);
      return;
    }
    out.printf(
        "trained   %d of %d, on what is known until %s: best of %s the %d., validation %s, %s%n",
        training,
        trainings,
        task.spec().until(),
        Wording.count(result.epochs(), "epoch"),
        result.bestEpoch(),
        task.loss(result.validation()),
        Wording.time(result.seconds()));
    if (training == trainings) {
      out.println();
    }
    out.flush();
  }
}
