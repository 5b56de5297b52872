package dev.unfold.run.job;

import dev.unfold.run.Report;
import dev.unfold.run.TrainingRun;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingResult;

/// Another report, and a sign at each event.
///
/// @param report the other
/// @param sign may throw, which ends the training
record WatchedReport(Report report, Runnable sign) implements Report {
  @Override
  public void begin(TrainingRun run) {
    report.begin(run);
  }

  @Override
  public void event(TrainingEvent event) {
    sign.run();
    report.event(event);
  }

  @Override
  public void stopping() {
    report.stopping();
  }

  @Override
  public void end(TrainingRun run, TrainingResult result) {
    report.end(run, result);
  }

  @Override
  public void close() {
    report.close();
  }
}
