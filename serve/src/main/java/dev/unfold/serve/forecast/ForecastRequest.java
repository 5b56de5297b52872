package dev.unfold.serve.forecast;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.series.Panel;
import dev.unfold.data.source.DataException;
import dev.unfold.run.series.Forecast;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.series.SeriesSpec;
import dev.unfold.run.series.StateUse;
import dev.unfold.serve.json.Fields;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/// What is asked for: series, and how far they are to be foreseen.
///
/// @param inputs the series
/// @param horizon steps
/// @param levels of the quantiles that are told
/// @param paths how many are drawn step by step; empty for a forecast of all steps at once
/// @param seed of those paths
record ForecastRequest(
    List<SeriesInput> inputs, int horizon, List<Double> levels, OptionalLong paths, long seed) {
  private static final int MOST_SERIES = 10_000;
  private static final int LONGEST_HORIZON = 100_000;
  private static final int MOST_LEVELS = 100;
  private static final int MOST_PATHS = 10_000;
  private static final int USUAL_PATHS = 200;

  /// Of all paths of all series: a second or so of work.
  private static final long MOST_SAMPLES = 1 << 22;

  /// Numbers of an answer.
  private static final long MOST_NUMBERS = 1 << 20;

  /// Reads a request for a model.
  ///
  /// **Errors**: [Refusal] that names what cannot be used.
  static ForecastRequest of(Fields fields, Forecaster forecaster) {
    SeriesSpec spec = forecaster.spec();
    if (spec.frequency().unit() == FrequencyUnit.IRREGULAR) {
      throw new Refusal(
          "model",
          "one of steps at even distances, since a series has one start and one frequency here;"
              + " /v1/models/NAME/predict takes tables with the time of each row",
          "one of rows at any distances");
    }
    Fields options = fields.object("options");
    int horizon = (int) options.whole("horizon", 1, LONGEST_HORIZON);
    OptionalLong paths = paths(options, horizon, spec, forecaster.output().text());
    List<Double> levels = levels(options, forecaster.output().levels());
    List<SeriesInput> inputs = new ArrayList<>();
    for (Fields each : fields.objects("inputs", MOST_SERIES)) {
      inputs.add(SeriesInput.of(each, spec, Math.max(horizon, spec.horizon())));
    }
    ForecastRequest request =
        new ForecastRequest(
            List.copyOf(inputs),
            horizon,
            levels,
            paths,
            options.maybeWhole("seed", Long.MIN_VALUE, Long.MAX_VALUE).orElse(0));
    request.expectSize(spec.columns().targets().size());
    return request;
  }

  private void expectSize(long targets) {
    long numbers = inputs.size() * targets * horizon * (levels.size() + 1);
    if (numbers > MOST_NUMBERS) {
      throw new Refusal(
          "inputs, options",
          "an answer of at most %,d numbers".formatted(MOST_NUMBERS),
          "series, steps and quantiles that make %,d".formatted(numbers));
    }
    long samples = inputs.size() * targets * horizon * paths.orElse(0);
    if (samples > MOST_SAMPLES) {
      throw new Refusal(
          "inputs, options",
          "at most %,d steps of paths to draw".formatted(MOST_SAMPLES),
          "series, steps and paths that make %,d".formatted(samples));
    }
  }

  /// How many paths, if they are asked for, or if steps are that no forecast of the model has.
  private static OptionalLong paths(Fields options, int horizon, SeriesSpec spec, String output) {
    OptionalLong asked = options.maybeWhole("paths", 1, MOST_PATHS);
    boolean isOfPaths =
        spec.state() == StateUse.CARRIED && spec.horizon() == 1 && !output.equals("point");
    if (asked.isPresent() && !isOfPaths) {
      throw new Refusal(
          options.path("paths"),
          "none, since the model does not go step by step",
          asked.getAsLong());
    }
    if (horizon > spec.horizon() && !isOfPaths) {
      throw new Refusal(
          options.path("horizon"), "1 to %,d, the model's own".formatted(spec.horizon()), horizon);
    }
    return asked.isEmpty() && horizon > spec.horizon() ? OptionalLong.of(USUAL_PATHS) : asked;
  }

  private static List<Double> levels(Fields options, List<Double> own) {
    Optional<JsonNode> asked = options.maybe("quantiles");
    if (asked.isEmpty()) {
      return own;
    }
    List<Double> levels = new ArrayList<>();
    String argument = options.path("quantiles");
    for (JsonNode each : Fields.list(argument, asked.get(), MOST_LEVELS)) {
      double level = Fields.number(argument + "[" + levels.size() + "]", each);
      if (!own.contains(level)) {
        throw new Refusal(
            argument + "[" + levels.size() + "]", "one of the model's, " + own, level);
      }
      if (levels.contains(level)) {
        throw new Refusal(argument, "each level once", level);
      }
      levels.add(level);
    }
    return List.copyOf(levels);
  }

  /// What the model foresees: for each series in turn, each of its targets.
  ///
  /// **Errors**: [DataException] as of [Forecaster#forecast(Panel)].
  List<Forecast> run(Forecaster forecaster) {
    Panel panel = InputPanel.of(inputs, forecaster.spec());
    return paths.isEmpty()
        ? forecaster.forecast(panel)
        : forecaster.paths(panel, horizon, (int) paths.getAsLong(), seed);
  }
}
