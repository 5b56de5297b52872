package dev.unfold.run.series;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.library.Cells;
import dev.unfold.data.series.Panel;
import dev.unfold.data.source.Source;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.head.Head;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.StaticStart;
import dev.unfold.run.output.Wording;
import dev.unfold.run.task.Task;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Budget;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.TrainingData;
import java.util.List;
import java.util.Optional;

/// The values of series over a horizon.
public final class SeriesTask implements Task {
  /// H for little to learn from, for more, and for much.
  private static final int[] HIDDEN = {16, 32, 64};

  /// Steps that are little, and those that are more.
  private static final int[] STEPS = {1_000, 10_000};

  /// Epochs, unless something else is said.
  public static final int EPOCHS = 40;

  /// Validations without gain, unless something else is said.
  public static final int PATIENCE = 8;

  /// Dropout, unless something else is said.
  public static final String DROPOUT = "0.1";

  /// Windows that are evaluated side by side.
  private static final int SIDE_BY_SIDE = 32;

  /// Windows to watch the error flow on.
  private static final int SAMPLE = 4;

  private final SeriesPlan plan;
  private final Output output;
  private final Precision precision;
  private final long seed;
  private final List<Source> files;

  /// What is learned from `panel`.
  ///
  /// @param precision of the numbers
  /// @param seed of the windows that are drawn
  /// @param files that the panel was read from
  ///
  /// **Errors**: [dev.unfold.data.source.DataException] if no series is long enough; [Refusal] for counts that are
  /// scaled.
  public SeriesTask(
      Panel panel,
      SeriesOptions options,
      Output output,
      Precision precision,
      long seed,
      List<Source> files) {
    if (output.isOfCounts() && options.scale().filter(scale -> scale != Scale.NONE).isPresent()) {
      throw new Refusal("scale", "none for counts", options.scale().orElseThrow().text());
    }
    plan = SeriesPlan.of(panel, output.isOfCounts() ? options.withScale(Scale.NONE) : options);
    this.output = output;
    this.precision = precision;
    this.seed = seed;
    this.files = List.copyOf(files);
  }

  /// What the network reads.
  public SeriesSpec spec() {
    return plan.spec();
  }

  /// How its rows come in.
  public Encoder encoder() {
    return Windows.encoder(plan.spec());
  }

  /// What the state of each window may start from, [NetworkSpec#with(StaticStart)], and not from zeros: what never
  /// changes in its series.
  ///
  /// **Errors**: [Refusal] if there is no such column, or if the state is carried.
  public StaticStart staticStart() {
    if (spec().state() == StateUse.CARRIED) {
      throw new Refusal(
          "static-start", "--state window, where each window starts anew", spec().state().text());
    }
    return Windows.start(spec())
        .orElseThrow(
            () -> new Refusal("static-start", "columns of --static to start from", "none"));
  }

  /// H that is usual for as much as there is to learn from: 16 units for up to 1,000 steps, 32 for up to 10,000, else
  /// 64.
  public int usualHidden() {
    int size = 0;
    while (size < STEPS.length && trainingSize() > STEPS[size]) {
      size++;
    }
    return HIDDEN[size];
  }

  /// The network that is usual: an LSTM of [#usualHidden] units, with dropout.
  public NetworkSpec usualNetwork() {
    return new NetworkSpec(Cells.lstm(), encoder(), usualHidden(), 1, head())
        .with(Noise.parse(DROPOUT));
  }

  /// How it is usually trained.
  public TrainingOptions usualOptions() {
    return TrainingOptions.defaults()
        .withSteps(spec().steps())
        .withBudget(new Budget.Epochs(EPOCHS))
        .withPatience(PATIENCE);
  }

  /// A trained network as what foresees, without what only a [Detector] needs.
  public Forecaster uncalibrated(Network network) {
    return new Forecaster(network, plan.spec(), Optional.empty());
  }

  /// A trained network as what it is good for.
  public Forecaster forecaster(Network network) {
    return new Forecaster(network, plan.spec(), calibration(network));
  }

  private Optional<Calibration> calibration(Network network) {
    return Calibrator.fits(spec(), output)
        ? Optional.of(new Calibrator(spec(), network).calibrate(plan.parts()))
        : Optional.empty();
  }

  @Override
  public int batch(TrainingOptions options) {
    return options.batch();
  }

  @Override
  public TrainingData training(TrainingOptions options) {
    return new WindowData(plan.spec(), plan.training(), precision.type(), options.batch(), seed);
  }

  @Override
  public Batch sample(TrainingOptions options) {
    Batch batch =
        new WindowData(
                plan.spec(),
                plan.training(),
                precision.type(),
                Math.min(SAMPLE, options.batch()),
                seed)
            .batch(0);
    return batch;
  }

  @Override
  public DataValidator validator() {
    return DataValidator.of(
        new OriginData(plan.spec(), plan.validation(), precision.type(), SIDE_BY_SIDE));
  }

  @Override
  public TrainingMemory memory(NetworkSpec spec, Precision precision, TrainingOptions options) {
    return TrainingMemory.of(spec, precision, options, training(options), validator());
  }

  @Override
  public NetworkModel model(Network network) {
    if (spec().state() == StateUse.CARRIED && network.spec().directions() > 1) {
      throw new Refusal("state", "window for layers of both directions", spec().state().text());
    }
    return NetworkModel.of(network, SpecText.of(plan.spec(), Optional.empty()));
  }

  @Override
  public Optional<Model> trained(Network network) {
    return calibration(network)
        .map(found -> NetworkModel.of(network, SpecText.of(plan.spec(), Optional.of(found))));
  }

  @Override
  public List<Source> trainingFiles() {
    return files;
  }

  @Override
  public List<Source> validationFiles() {
    return files;
  }

  @Override
  public String kind() {
    return Forecaster.TASK;
  }

  @Override
  public String unit() {
    return "step";
  }

  @Override
  public String counted() {
    return "step";
  }

  @Override
  public Head head() {
    return output.head();
  }

  @Override
  public long trainingSize() {
    return plan.training().stream().mapToLong(WindowData.Span::origins).sum();
  }

  @Override
  public long validationSize() {
    return plan.validation().size();
  }

  @Override
  public String summary() {
    SeriesSpec spec = plan.spec();
    return ("series    %s of %s to learn from, %s to validate on, until %s%ndata      %s, season"
            + " %d, baseline %s, lags %s, scale %s; context %d, horizon %d%s%s")
        .formatted(
            Wording.count(trainingSize(), "window"),
            Wording.count(plan.training().size(), "channel"),
            Wording.count(validationSize()),
            spec.until(),
            spec.frequency().text(),
            spec.season(),
            baseline(spec),
            spec.lags().isEmpty() ? "none" : spec.lags().toString(),
            spec.scale().text(),
            spec.context(),
            spec.horizon(),
            spec.state() == StateUse.CARRIED ? ", state carried" : "",
            spec.holidays().map(each -> "%nholidays  %s".formatted(each.text())).orElse(""));
  }

  private static String baseline(SeriesSpec spec) {
    return spec.linear()
        .map(linear -> "linear in %d values".formatted(linear.lags().size() + 1))
        .orElse(
            (spec.baseline() == 1 ? "the last value" : "the value " + spec.baseline() + " before")
                + (spec.shift() == 0 ? "" : " shifted as the last " + spec.shift()));
  }

  @Override
  public String loss(Evaluation evaluation) {
    return "%.4f %s per step".formatted(evaluation.mean(), head().unit());
  }
}
