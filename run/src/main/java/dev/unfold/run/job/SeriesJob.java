package dev.unfold.run.job;

import dev.unfold.data.series.Panel;
import dev.unfold.data.source.Source;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import dev.unfold.kernels.Precision;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.series.Output;
import dev.unfold.run.series.SeriesOptions;
import dev.unfold.run.series.SeriesTask;
import java.util.List;
import java.util.Map;

/// A [TrainingJob] of series.
final class SeriesJob {
  /// What is usual for the network.
  static final Map<String, String> USUAL =
      Map.of("cell", "lstm", "hidden", "auto", "dropout", SeriesTask.DROPOUT);

  private SeriesJob() {}

  static TrainingJob.Parts parts(TrainingJob job, Precision precision) {
    NamedOptions options = job.options();
    SeriesChoice choice = new SeriesChoice(options);
    Output output = choice.output();
    SeriesOptions asked = choice.forecast();
    NetworkChoice network = new NetworkChoice(options.or(USUAL));
    SeriesTask task;
    try (Table table = Table.of(job.rows(), TableOptions.defaults())) {
      List<Source> sources = table.sources();
      Panel panel = Panel.read(List.of(table), choice.columns(), choice.given());
      task = new SeriesTask(panel, asked, output, precision, options.seed(), sources);
    }
    NetworkSpec spec = network.spec(task.encoder(), task.head(), task.usualHidden());
    return new TrainingJob.Parts(
        task,
        options.isSet("static-start") ? spec.with(task.staticStart()) : spec,
        TrainingChoice.of(options, task.usualOptions()));
  }
}
