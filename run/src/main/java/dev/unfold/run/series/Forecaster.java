package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Table;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.run.output.ModelKind;
import dev.unfold.run.series.OriginData.Origin;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A network that foresees series: all steps of a horizon at once, from what was before and what is known of the
/// future.
///
/// A forecast reads nothing of targets and past columns at its origin and behind it, and nothing of known columns
/// behind the horizon. It is the same bits alone and beside others.
///
/// **Threads**: any number at once.
public final class Forecaster {
  /// The value of [NetworkModel#TASK].
  public static final String TASK = "series";

  private static final int SIDE_BY_SIDE = 32;

  private static final int MOST_PATHS = 100_000;

  /// Of all paths of a channel.
  private static final int MOST_SAMPLES = 1 << 26;

  private final Network network;
  private final SeriesSpec spec;
  private final Output output;
  private final Runner runner;
  private final Optional<Calibration> calibration;

  Forecaster(Network network, SeriesSpec spec, Optional<Calibration> calibration) {
    this.network = network;
    this.spec = spec;
    this.calibration = calibration;
    output = Output.of(network.spec().head());
    runner = new Runner(network);
  }

  /// Learns from `panel` as is usual: quantiles of all steps of the horizon, by [SeriesTask#usualNetwork] and
  /// [SeriesTask#usualOptions], on all processors. The same seed gives the same model.
  ///
  /// **Errors**: [DataException] if no series is long enough.
  public static Forecaster train(Panel panel, SeriesOptions options, Kernels kernels, long seed) {
    SeriesTask task =
        new SeriesTask(panel, options, Output.quantiles(), kernels.precision(), seed, List.of());
    Network network = Network.create(task.usualNetwork(), kernels, seed);
    TrainingOptions usual = task.usualOptions();
    Team team = Team.of(Runtime.getRuntime().availableProcessors());
    new Trainer(network, usual, seed, team, _ -> {}).run(task.training(usual), task.validator());
    return task.forecaster(network);
  }

  /// A model that [SeriesTask] trained.
  ///
  /// **Errors**: [FormatException] if the file is none.
  public static Forecaster load(Path file, Kernels kernels) {
    return of(file, ModelFile.load(file, kernels));
  }

  /// The same of a model that was read, of any kind.
  ///
  /// **Errors**: as above.
  public static Forecaster of(Path file, Model model) {
    if (model instanceof NetworkModel network && network.task().equals(TASK)) {
      return of(file, network);
    }
    throw ModelKind.refusal(file, "a model of series", model);
  }

  /// The same of a model that was read.
  public static Forecaster of(Path file, NetworkModel model) {
    return new Forecaster(
        model.network(), SpecText.read(file, model), SpecText.calibration(file, model));
  }

  /// Writes the model.
  public void save(Path file) {
    ModelFile.save(file, NetworkModel.of(network, SpecText.of(spec, calibration)));
  }

  /// What the network reads.
  public SeriesSpec spec() {
    return spec;
  }

  /// What it says.
  public Output output() {
    return output;
  }

  /// How its scores are distributed, if it detects.
  Optional<Calibration> calibration() {
    return calibration;
  }

  /// The network.
  public Network network() {
    return network;
  }

  /// The series of `tables`, as the model reads them.
  ///
  /// **Errors**: as [Panel#read(List, dev.unfold.data.series.SeriesColumns, Optional)].
  public Panel panel(List<Table> tables) {
    return Panel.read(tables, spec.columns(), Optional.of(spec.frequency()));
  }

  /// The same of tables from anybody: series of more than that are refused before they are laid out.
  ///
  /// @param bytes of the numbers, at most
  ///
  /// **Errors**: as [Panel#readInMemory].
  public Panel panel(List<Table> tables, long bytes) {
    return Panel.readInMemory(tables, spec.columns(), Optional.of(spec.frequency()), bytes);
  }

  /// What comes after the last target of each series.
  ///
  /// **Errors**: [DataException] for a panel of other columns, or if a known column lacks a
  /// number within the horizon: it names the first.
  public List<Forecast> forecast(Panel panel) {
    return forecast(ends(panel));
  }

  /// The same for any number of steps, by a model of one step whose state is carried: quantiles and means of N paths of
  /// samples, each of which is read as if it had come.
  ///
  /// @param steps to be foreseen
  /// @param paths N; the more, the steadier the quantiles
  /// @param seed the same one gives the same paths
  ///
  /// **Errors**: [Refusal] for another model; [DataException] as [#forecast(Panel)].
  public List<Forecast> paths(Panel panel, int steps, int paths, long seed) {
    boolean isOfSteps = spec.state() == StateUse.CARRIED && spec.horizon() == 1;
    if (!isOfSteps || output.text().equals("point")) {
      throw new Refusal(
          "paths",
          "a model of --horizon 1 --state carried that tells more than a point",
          "one of --horizon %d --state %s --output %s"
              .formatted(spec.horizon(), spec.state().text(), output.text()));
    }
    Expect.positive("ahead", "steps", steps);
    Expect.positive("paths", "N", paths);
    if (paths > MOST_PATHS || (long) steps * paths > MOST_SAMPLES) {
      throw new Refusal(
          "paths, ahead",
          "%,d paths and %,d samples at most".formatted(MOST_PATHS, MOST_SAMPLES),
          paths + ", " + steps);
    }
    List<Origin> origins = ends(panel);
    for (Origin origin : origins) {
      origin.channel().expectKnown(spec, origin.step(), steps);
    }
    SampledPaths sampled = new SampledPaths(spec, output, network, runner);
    List<Forecast> all = new ArrayList<>();
    for (Origin origin : origins) {
      all.add(sampled.of(origin, steps, paths, seed));
    }
    return all;
  }

  /// The step behind the last target of each channel.
  private List<Origin> ends(Panel panel) {
    Expect.given("panel", panel);
    List<Origin> origins = new ArrayList<>();
    for (Channel channel : Channels.of(panel, spec).all()) {
      Series series = channel.series();
      int origin = series.observed(spec.targets());
      if (origin == 0) {
        throw new DataException(
            "%sexpected values to go on from, got none"
                .formatted(series.name().isEmpty() ? "" : "series " + series.name() + ": "));
      }
      origins.add(new Origin(channel, origin));
    }
    return origins;
  }

  /// What has to be said of forecasts of `panel`: that they reach beyond the holidays that the model knows.
  ///
  /// @param steps of the forecasts
  public Optional<String> note(Panel panel, int steps) {
    if (spec.holidays().isEmpty()) {
      return Optional.empty();
    }
    int known = spec.holidays().orElseThrow().lastYear();
    int last = Integer.MIN_VALUE;
    for (Origin origin : ends(panel)) {
      LocalDateTime end = origin.channel().series().timeline().local(origin.step() + steps - 1L);
      last = Math.max(last, end.getYear());
    }
    return last <= known
        ? Optional.empty()
        : Optional.of(
            "the model knows holidays until %d, and forecasts reach %d: steps after %d are"
                    .formatted(known, last, known)
                + " foreseen as if they had none; train with a longer --holidays");
  }

  /// Windows of `panel` that have all their steps, the last ones of each channel, to follow errors on.
  ///
  /// @param batch B; fewer if there are not as many
  /// @param most batches at most
  ///
  /// **Errors**: [DataException] if no series is as long as a window.
  public List<Batch> batches(Panel panel, int batch, int most) {
    List<Origin> origins = new ArrayList<>();
    for (Channel channel : Channels.of(panel, spec).all()) {
      int origin = channel.series().observed(spec.targets()) - spec.horizon();
      while (origin >= spec.context() && origins.size() < (long) batch * most) {
        origins.add(new Origin(channel, origin));
        origin -= spec.horizon();
      }
    }
    if (origins.isEmpty()) {
      throw new DataException(
          "expected a series of %d steps or more, got none".formatted(spec.steps()));
    }
    int width = Math.min(batch, origins.size());
    List<Batch> all = new ArrayList<>();
    for (int from = 0; from + width <= origins.size() && all.size() < most; from += width) {
      Batch next =
          new OriginData(spec, origins.subList(from, from + width), network.kernels().type(), width)
              .batch(0);
      all.add(Batch.of(spec.steps(), width, next.inputs(), next.targets()));
    }
    return all;
  }

  /// What comes from given origins on, in their order. If the state is carried, all are forks of one pass over the
  /// series; else each window is encoded anew.
  List<Forecast> forecast(List<Origin> origins) {
    for (Origin origin : origins) {
      origin.channel().expectKnown(spec, origin.step(), spec.horizon());
    }
    double[][][] said =
        spec.state() == StateUse.CARRIED
            ? new CarriedPass(spec, network, runner, origins, SIDE_BY_SIDE).run()
            : windows(origins);
    List<Forecast> all = new ArrayList<>();
    for (int i = 0; i < origins.size(); i++) {
      all.add(forecast(origins.get(i), said[i]));
    }
    return all;
  }

  private double[][][] windows(List<Origin> origins) {
    double[][][] all = new double[origins.size()][spec.horizon()][];
    if (origins.isEmpty()) {
      return all;
    }
    OriginData data = new OriginData(spec, origins, network.kernels().type(), SIDE_BY_SIDE);
    for (int i = 0; i < data.updatesPerEpoch(); i++) {
      Batch batch = data.batch(i);
      Matrix said = run(batch);
      for (int b = 0; b < batch.batch() && i * batch.batch() + b < all.length; b++) {
        for (int h = 0; h < spec.horizon(); h++) {
          all[i * batch.batch() + b][h] = said.row((spec.context() + h) * batch.batch() + b);
        }
      }
    }
    return all;
  }

  /// A window that begins before its series has no steps there, so that all end at once.
  private Matrix run(Batch batch) {
    return runner.runPresent(batch.inputs(), batch.batch(), batch.present().orElseThrow());
  }

  private Forecast forecast(Origin origin, double[]... said) {
    int levels = output.levels().size();
    double[][] quantiles = new double[spec.horizon()][];
    double[] means = new double[spec.horizon()];
    List<String> times = new ArrayList<>();
    Window window = new Window(spec, origin.channel(), origin.step());
    Series series = origin.channel().series();
    for (int h = 0; h < spec.horizon(); h++) {
      double[] own = said[h];
      int step = window.origin() + h;
      double[] values = Arrays.stream(output.say(own)).map(z -> window.value(step, z)).toArray();
      quantiles[h] = Arrays.copyOf(values, levels);
      means[h] =
          spec.scale() == Scale.LOG ? output.mean(z -> window.value(step, z), own) : values[levels];
      times.add(series.timeline().text(step));
    }
    return new Forecast(
        series.name(),
        series.keys(),
        spec.numbers().get(origin.channel().target()),
        window.origin(),
        times,
        output.levels(),
        quantiles,
        means);
  }
}
