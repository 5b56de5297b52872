package dev.unfold.spark;

import dev.unfold.run.Report;
import dev.unfold.run.TrainingRun;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingResult;
import org.apache.spark.TaskContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes into the log of its executor how a training goes, and ends it when Spark wants the task to end.
final class TaskReport implements Report {
  private static final Logger LOG = LoggerFactory.getLogger(TaskReport.class);

  private final TaskContext context;
  private TrainingRun run;

  TaskReport(TaskContext context) {
    this.context = context;
  }

  @Override
  public void begin(TrainingRun begun) {
    run = begun;
    LOG.info("worker {}: {}", context.partitionId(), begun.task().summary());
  }

  @Override
  public void event(TrainingEvent event) {
    context.killTaskIfInterrupted();
    if (event instanceof TrainingEvent.Validated validated) {
      LOG.info(
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
    LOG.info("worker {}: is asked to stop", context.partitionId());
  }

  @Override
  public void end(TrainingRun ended, TrainingResult result) {
    LOG.info(
        "worker {}: {} updates in {} s", context.partitionId(), result.updates(), result.seconds());
  }
}
