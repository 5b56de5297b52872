package dev.unfold.serve;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LinesFormat;
import dev.unfold.data.label.TaggedFormat;
import dev.unfold.data.series.Duplicates;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import dev.unfold.run.label.LabelOptions;
import dev.unfold.run.label.LabelTraining;
import dev.unfold.run.series.Output;
import dev.unfold.run.series.SeriesOptions;
import dev.unfold.run.series.SeriesTask;
import dev.unfold.run.series.StateUse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// Small models of series, classes and tags for tests, untrained.
final class Predictors {
  private static final LocalDate START = LocalDate.of(2024, 1, 1);
  static final int DAYS = 60;

  private Predictors() {}

  /// What was sold in two shops on 60 days: with gaps, and an offer that is known for five days more.
  static String shops() {
    StringBuilder rows = new StringBuilder("day,shop,sold,offer,kind\n");
    for (String shop : List.of("north", "south")) {
      for (int t = 0; t < DAYS + 5; t++) {
        rows.append(START.plusDays(t)).append(',').append(shop).append(',');
        rows.append(t < DAYS && t % 17 != 3 ? text(sold(shop, t)) : "").append(',');
        rows.append(offer(t)).append(',').append(kind(shop)).append('\n');
      }
    }
    return rows.toString();
  }

  static double sold(String shop, int t) {
    int level = shop.equals("north") ? 40 : 90;
    return level * (1 + 0.3 * Math.sin(2 * Math.PI * t / 7)) + t % 5 / 8.0;
  }

  static String text(double number) {
    return String.format(Locale.ROOT, "%.3f", number);
  }

  static int offer(int t) {
    return t % 10 == 0 ? 1 : 0;
  }

  static String kind(String shop) {
    return shop.equals("north") ? "small" : "large";
  }

  static Table table(String content) {
    return Table.read(
        List.of(TableFile.of("table", content.getBytes(StandardCharsets.UTF_8))),
        TableOptions.defaults());
  }

  private static Path series(
      Path folder, String name, String table, SeriesColumns columns, SeriesOptions options) {
    Panel panel;
    try (Table read = table(table)) {
      panel = Panel.read(read, columns);
    }
    SeriesTask task =
        new SeriesTask(panel, options, Output.quantiles(), Precision.FLOAT, 1, List.of());
    Network network = Network.create(task.usualNetwork(), Fixtures.KERNELS, 1);
    Path file = folder.resolve(name + ".safetensors");
    task.uncalibrated(network).save(file);
    return file;
  }

  /// Foresees five days of each shop of [#shops].
  static Path shops(Path folder) {
    SeriesColumns columns =
        new SeriesColumns(
            List.of("day"),
            List.of("shop"),
            List.of("sold"),
            List.of("offer"),
            List.of(),
            List.of("kind"),
            Optional.empty(),
            false,
            Duplicates.REFUSE);
    return series(folder, "shops", shops(), columns, SeriesOptions.of(5));
  }

  /// Two targets on rows that have no times.
  static String pairs() {
    StringBuilder rows = new StringBuilder("a,b\n");
    IntStream.range(0, 80)
        .forEach(t -> rows.append(text(Math.sin(t / 3.0))).append(',').append(t % 4).append('\n'));
    return rows.toString();
  }

  /// Foresees four rows of [#pairs].
  static Path pairs(Path folder) {
    return series(folder, "pairs", pairs(), SeriesColumns.of("a", "b"), SeriesOptions.of(4));
  }

  /// Foresees one row of [#pairs] with its state carried, and so any number by paths.
  static Path steps(Path folder) {
    return series(
        folder,
        "steps",
        pairs(),
        SeriesColumns.of("a", "b"),
        SeriesOptions.of(1).withState(StateUse.CARRIED));
  }

  private static LabelledData labelled(LabelFormat format, String content) {
    return format.read(
        List.of(TableFile.of("labels", content.getBytes(StandardCharsets.UTF_8))),
        TableOptions.defaults(),
        LabelFormat.Labels.REQUIRED);
  }

  private static Path labels(Path folder, String name, LabelTraining training, boolean isPooled) {
    NetworkSpec spec =
        new NetworkSpec(Cells.lstm(), training.encoder(), 8, 1, training.head())
            .with(Wiring.BIDIRECTIONAL);
    Network network = Network.create(spec, Fixtures.KERNELS, isPooled ? 3 : 4);
    Path file = folder.resolve(name + ".safetensors");
    ModelFile.save(file, training.model(network).model());
    return file;
  }

  /// Tells questions from answers.
  static Path questions(Path folder) {
    LabelledData data =
        labelled(new LinesFormat(""), "ask who are you\nsay it is me\nask what now\nsay no\n");
    LabelTraining training =
        LabelTraining.ofSequences(data, data, LabelOptions.ofClassifier(), Precision.FLOAT);
    return labels(folder, "questions", training, true);
  }

  /// Tags words.
  static Path words(Path folder) {
    LabelledData data =
        labelled(new TaggedFormat("", ""), "the DET\ndog NOUN\nbarks VERB\n\na DET\ncat NOUN\n");
    LabelTraining training =
        LabelTraining.ofSteps(data, data, LabelOptions.ofTagger(), Precision.FLOAT);
    return labels(folder, "words", training, false);
  }

  /// Reads vectors of 2 in both directions, and says one of 3 classes of the whole sequence.
  static Path pooled(Path folder) {
    Head head = new PooledHead(new Head.Classes(3), Pooling.MEAN);
    NetworkSpec spec =
        new NetworkSpec(
            Cells.lstm(), new Encoder.Vectors(2), 6, 1, head, Set.of(Wiring.BIDIRECTIONAL));
    Path file = folder.resolve("pooled.safetensors");
    ModelFile.save(file, NetworkModel.of(Network.create(spec, Fixtures.KERNELS, 5)));
    return file;
  }

  /// Reads 2 numbers and a category of 3 and one of 5 at each step, and says 2 values.
  static Path columns(Path folder) {
    Encoder encoder =
        new Encoder.Columns(2, List.of(new Encoder.Embedding(3, 2), new Encoder.Embedding(5, 3)));
    Head head = new Head.Values(2, new ValueLoss.SquaredError());
    NetworkSpec spec = new NetworkSpec(Cells.named("lstm"), encoder, 6, 1, head);
    Path file = folder.resolve("columns.safetensors");
    ModelFile.save(file, NetworkModel.of(Network.create(spec, Fixtures.KERNELS, 6)));
    return file;
  }
}
