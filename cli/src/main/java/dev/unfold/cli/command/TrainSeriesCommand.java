package dev.unfold.cli.command;

import dev.unfold.cli.option.ForecastArguments;
import dev.unfold.cli.option.PanelArguments;
import dev.unfold.cli.option.RunArguments;
import dev.unfold.cli.option.SeriesDefaults;
import dev.unfold.cli.option.TableArguments;
import dev.unfold.data.series.Panel;
import dev.unfold.data.source.Source;
import dev.unfold.data.table.Table;
import dev.unfold.formats.model.Provenance;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.series.Output;
import dev.unfold.run.series.SeriesOptions;
import dev.unfold.run.series.SeriesTask;
import dev.unfold.train.TrainingOptions;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `unfold train series`
@Command(
    name = "series",
    description = {
      "Trains a network to foresee series: columns of a table over time.",
      "",
      "Each target of each series is learned by one network, scaled by its own past, with quantiles"
          + " of all steps of the horizon at once. What is not said follows from the data before"
          + " the validation part: season, lags, calendar, scale. An epoch is 50 batches of windows"
          + " at random. A network has 16 units (--hidden auto) for up to 1,000 windows to learn"
          + " from, 32 for up to 10,000, and else 64.",
      ""
    },
    defaultValueProvider = SeriesDefaults.class,
    footer = {
      "Examples:",
      "  unfold train series sales.csv --time date --target sales --horizon 28",
      "  unfold train series sales.csv --by store,item --target sales --horizon 28 --known price"
    })
final class TrainSeriesCommand extends TrainingCommand {
  @Mixin private TableArguments table;
  @Mixin private PanelArguments panel;
  @Mixin private ForecastArguments forecast;

  @Override
  int train() {
    Output output = forecast.output();
    SeriesOptions asked = forecast.options();
    TrainingOptions given = trainingArguments.options(1);
    NetworkSpec checked = networkArguments.spec(new Encoder.Vectors(1), output.head(), 1);
    Provenance.Beginning beginning = start.of(networkArguments.cell());
    RunArguments.Place place = runArguments.place(checked, beginning, given);
    SeriesTask task;
    try (Table read = table.read()) {
      List<Source> files = new ArrayList<>(read.sources());
      forecast.source().ifPresent(files::add);
      Panel series = panel.read(read);
      task =
          new SeriesTask(
              series, asked, output, place.kernels().precision(), beginning.seed(), files);
    }
    TrainingOptions options = trainingArguments.options(task.spec().steps());
    return runArguments.train(
        runArguments.run(
            place,
            task,
            panel.started(
                networkArguments.spec(task.encoder(), task.head(), task.usualHidden()), task),
            beginning,
            trainingArguments,
            options));
  }
}
