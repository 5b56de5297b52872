package dev.unfold.cli.report;

import dev.unfold.run.Report;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.output.Wording;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingEvent.Updated;
import dev.unfold.train.TrainingResult;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressState;

/// A progress bar on the error stream, below the lines of another report.
final class BarReport implements Report {
  private static final int MILLIS = 250;

  /// Leaves room for all else in a terminal of 80 columns.
  private static final int WIDTH = 20;

  private final Report lines;
  private final BarLine line = new BarLine(System.err);
  private volatile Updated latest;
  private ProgressBar bar;
  private volatile String pace = "";

  BarReport(Report lines) {
    this.lines = lines;
  }

  @Override
  public void begin(TrainingRun run) {
    lines.begin(run);
    pace = run.task().pace();
    bar =
        new ProgressBarBuilder()
            .setUpdateIntervalMillis(MILLIS)
            .continuousUpdate()
            .setRenderer(this::render)
            .setConsumer(line)
            .build();
  }

  /// For example ` 42% [========>           ]  loss 1.8312  150,310 tokens/s  1:20 left`.
  private String render(ProgressState state, int length) {
    Updated updated = latest;
    if (updated == null) {
      return "starting";
    }
    int filled = (int) (updated.done() * WIDTH);
    String head = filled < WIDTH ? ">" : "";
    return "%3.0f%% [%s%s%s]  loss %.4f  %,.0f %s/s  %s left"
        .formatted(
            updated.done() * 100,
            "=".repeat(filled),
            head,
            " ".repeat(WIDTH - filled - head.length()),
            updated.loss(),
            updated.tokensPerSecond(),
            pace,
            Wording.time(updated.secondsLeft()));
  }

  @Override
  public void event(TrainingEvent event) {
    if (event instanceof Updated updated) {
      latest = updated;
      lines.event(event);
    } else {
      line.replaceBy(() -> lines.event(event));
    }
  }

  @Override
  public void stopping() {
    line.replaceBy(lines::stopping);
  }

  @Override
  public void end(TrainingRun run, TrainingResult result) {
    close();
    lines.end(run, result);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
