package dev.unfold.spark;

import dev.unfold.run.Report;
import dev.unfold.run.TrainingRun;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingResult;
import org.apache.spark.TaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// Writes into the log of its executor how a training goes, and ends it when Spark wants the task to end.
final class TaskReport implements Report {
  private static final Logger LOG = LoggerFactory.getLogger(TaskReport.class);

  private final TaskContext context;
  private final Level level;
  private TrainingRun run;

  TaskReport(TaskContext context) {
    this(context, Level.INFO);
  }

  /// @param level of what is told: few want to hear of each of a million
  TaskReport(TaskContext context, Level level) {
    this.context = context;
    this.level = level;
  }

  @Override
  public void begin(TrainingRun begun) {
    run = begun;
    LOG.atLevel(level).log("worker {}: {}", context.partitionId(), begun.task().summary());
  }

  @Override
  public void event(TrainingEvent event) {
    context.killTaskIfInterrupted();
    if (event instanceof TrainingEvent.Validated validated) {
      LOG.atLevel(level)
          .log(
              "worker {}: update {}, epoch {}: validation {}{}",
              context.partitionId(),
              validated.update(),
              validated.epoch(),
              run.task().loss(validated.validation()),
              validated.best() ? ", the best so far" : "");
    }
  }

  @Override
  public void stopping() {
    LOG.atLevel(level).log("worker {}: is asked to stop", context.partitionId());
  }

  @Override
  public void end(TrainingRun ended, TrainingResult result) {
    LOG.atLevel(level)
        .log(
            "worker {}: {} updates in {} s",
            context.partitionId(),
            result.updates(),
            result.seconds());
  }
}
