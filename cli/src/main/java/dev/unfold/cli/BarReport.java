package dev.unfold.cli;

import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingEvent.Updated;
import dev.unfold.train.TrainingResult;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/// A progress bar on the error stream, below the lines of another report.
final class BarReport implements Report {
  private static final int SCALE = 1000;
  private static final int MILLIS = 250;

  private final Report lines;
  private final Line line = new Line();
  private volatile Duration left = Duration.ZERO;
  private ProgressBar bar;

  BarReport(Report lines) {
    this.lines = lines;
  }

  /// The line of the terminal that the bar is drawn in, by a thread of its own.
  private static final class Line extends ConsoleProgressBarConsumer {
    private static final PrintStream ERR = System.err;
    private static final String CLEAR = "\r\033[2K";

    Line() {
      super(ERR);
    }

    @Override
    public synchronized void accept(String text) {
      super.accept(text);
    }

    @Override
    public synchronized void close() {
      clearLine();
    }

    /// Runs what prints other lines.
    synchronized void replaceBy(Runnable printer) {
      clearLine();
      printer.run();
    }

    private static void clearLine() {
      ERR.print(CLEAR);
      ERR.flush();
    }
  }

  @Override
  public void begin(TextRun run) {
    lines.begin(run);
    bar =
        new ProgressBarBuilder()
            .setTaskName("training")
            .setInitialMax(SCALE)
            .setUpdateIntervalMillis(MILLIS)
            .setStyle(ProgressBarStyle.ASCII)
            .setConsumer(line)
            .setEtaFunction(state -> Optional.of(left))
            .build();
  }

  @Override
  public void event(TrainingEvent event) {
    if (event instanceof Updated updated) {
      left = Duration.ofSeconds(Math.round(updated.secondsLeft()));
      bar.stepTo((long) (updated.done() * SCALE));
      bar.setExtraMessage(
          " loss %.3f, %,.0f tokens/s".formatted(updated.loss(), updated.tokensPerSecond()));
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
  public void end(TextRun run, TrainingResult result) {
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
