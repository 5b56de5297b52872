package dev.unfold.cli.report;

import dev.unfold.data.text.TextForm;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.infer.Sampler;
import dev.unfold.model.Network;
import dev.unfold.run.Report;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.task.TextWriter;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingResult;
import java.io.PrintWriter;
import java.time.Duration;

/// A report that shows now and then what the network writes.
public final class SamplingReport implements Report {
  private static final Duration PAUSE = Duration.ofSeconds(10);
  private static final int LENGTH = 200;
  private static final double TEMPERATURE = 0.7;

  private final Report lines;
  private final Vocabulary vocabulary;
  private final PrintWriter out;
  private final Cadence cadence = Cadence.of(PAUSE);
  private TrainingRun run;

  public SamplingReport(Report lines, Vocabulary vocabulary, PrintWriter out) {
    this.lines = lines;
    this.vocabulary = vocabulary;
    this.out = out;
  }

  @Override
  public void begin(TrainingRun run) {
    this.run = run;
    lines.begin(run);
  }

  @Override
  public void event(TrainingEvent event) {
    lines.event(event);
    if (event instanceof TrainingEvent.Validated && cadence.isDue()) {
      sample();
    }
  }

  @Override
  public void stopping() {
    lines.stopping();
  }

  @Override
  public void end(TrainingRun run, TrainingResult result) {
    lines.end(run, result);
    if (!result.stopped()) {
      sample();
    }
  }

  @Override
  public void close() {
    lines.close();
  }

  private void sample() {
    Network network = run.network();
    out.println();
    new SamplePrinter(out, new TextWriter(vocabulary, TextForm.STREAM))
        .print(new Sampler(network, TEMPERATURE, vocabulary.size(), 1), new int[0], LENGTH);
    out.println();
    out.flush();
  }
}
