package dev.unfold.serve.forecast;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.series.Timeline;
import dev.unfold.run.series.SeriesSpec;
import dev.unfold.serve.json.Fields;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// One series of a request.
///
/// @param fields what the request says of it
/// @param name what it is called
/// @param isMultivariate whether its steps are lists of numbers
/// @param targets a column for each target, `[n]`, NaN for what is missing
/// @param frequency as the request says it, or as the model has it
/// @param start when it begins, if its steps have times
/// @param timeline the times of its steps
record SeriesInput(
    Fields fields,
    String name,
    boolean isMultivariate,
    double[][] targets,
    String frequency,
    Optional<StartTime> start,
    Timeline timeline) {
  private static final int LONGEST_NAME = 1000;
  private static final int LONGEST = 1 << 22;
  private static final int LONGEST_TIME = 40;
  private static final int LAST_YEAR = 9999;
  private static final String ONE = "univariate_time_series";
  private static final String SEVERAL = "multivariate_time_series";

  /// Reads one, for a model.
  ///
  /// @param horizon steps that follow it
  ///
  /// **Errors**: [Refusal] for what is no series of this model.
  static SeriesInput of(Fields fields, SeriesSpec spec, int horizon) {
    String name = fields.text("name", LONGEST_NAME);
    JsonNode series = fields.list("series", LONGEST);
    if (series.isEmpty()) {
      throw new Refusal(fields.path("series"), "one value or more", "none");
    }
    boolean isMultivariate = series.get(0).isArray();
    expectType(fields, isMultivariate);
    double[][] targets =
        targets(fields.path("series"), series, spec.columns().targets(), isMultivariate);
    String frequency =
        fields
            .maybeText("frequency", LONGEST_TIME)
            .orElseGet(() -> FrequencyText.text(spec.frequency()));
    FrequencyText.expect(fields.path("frequency"), frequency, spec.frequency());
    String begins = fields.path("start_timestamp");
    Optional<String> text = fields.maybeText("start_timestamp", LONGEST_TIME);
    boolean isOrder = spec.frequency().unit() == FrequencyUnit.ORDER;
    if (text.isEmpty() && !(spec.calendar().isEmpty() && spec.holidays().isEmpty())) {
      throw new Refusal(begins, "the time of the first value, which the model reads", "none");
    }
    Optional<StartTime> start =
        isOrder ? Optional.empty() : text.map(own -> StartTime.parse(begins, own));
    Timeline timeline =
        start
            .map(own -> own.timeline(begins, spec.frequency(), spec.columns().zone()))
            .orElseGet(() -> order(begins, isOrder ? text : Optional.empty()));
    expectEnd(begins, timeline, (long) targets[0].length + horizon);
    return new SeriesInput(fields, name, isMultivariate, targets, frequency, start, timeline);
  }

  /// n
  int steps() {
    return targets[0].length;
  }

  /// As the contract calls its kind.
  String type() {
    return isMultivariate ? SEVERAL : ONE;
  }

  /// The time of a step, or its number if it has none.
  String time(long step) {
    return start.map(own -> own.iso(timeline, step)).orElseGet(() -> timeline.text(step));
  }

  private static void expectType(Fields fields, boolean isMultivariate) {
    String right = isMultivariate ? SEVERAL : ONE;
    fields
        .maybeText("type", LONGEST_TIME)
        .filter(own -> !own.equals(right))
        .ifPresent(own -> {
          throw new Refusal(
              fields.path("type"), right + ", as the series is one", Fields.shown(own));
        });
  }

  private static Timeline order(String argument, Optional<String> text) {
    long first = 1;
    if (text.isPresent()) {
      if (!text.get().matches("-?[0-9]{1,15}")) {
        throw new Refusal(
            argument, "a whole number, as the model's steps have", Fields.shown(text.get()));
      }
      first = Long.parseLong(text.get());
    }
    return new Timeline(new Frequency(FrequencyUnit.ORDER, 1), first, first, Optional.empty());
  }

  private static void expectEnd(String argument, Timeline timeline, long steps) {
    boolean ends;
    try {
      ends = timeline.isOrder() || timeline.local(steps).getYear() <= LAST_YEAR;
    } catch (DateTimeException | ArithmeticException _) {
      ends = false;
    }
    if (!ends) {
      throw new Refusal(
          argument,
          "one from which %,d steps end by the year 9999".formatted(steps),
          "a later one");
    }
  }

  private static double[][] targets(
      String argument, JsonNode series, List<String> names, boolean isMultivariate) {
    int width = names.size();
    if (!isMultivariate && width > 1) {
      throw new Refusal(
          argument,
          "a list of %d numbers a step, for the targets %s"
              .formatted(width, String.join(", ", names)),
          "one number");
    }
    double[][] targets = new double[width][series.size()];
    int t = 0;
    for (JsonNode step : series) {
      String own = argument + "[" + t + "]";
      if (!isMultivariate) {
        targets[0][t++] = value(own, step);
        continue;
      }
      if (!step.isArray() || step.size() != width) {
        throw new Refusal(
            own,
            "a list of numbers for the targets " + String.join(", ", names),
            step.isArray() ? step.size() + " numbers" : Fields.kind(step));
      }
      for (int i = 0; i < width; i++) {
        targets[i][t] = value(own + "[" + i + "]", step.get(i));
      }
      t++;
    }
    return targets;
  }

  /// Null is a value that is missing.
  static double value(String argument, JsonNode node) {
    return node.isNull() ? Double.NaN : Fields.number(argument, node);
  }

  /// A column that the model reads beside the targets.
  ///
  /// @param kind `known`, `past` or `static`
  /// @return its values, as many as the request has; one of a column that never changes
  List<JsonNode> column(String kind, String column) {
    Optional<Fields> group = fields.maybeObject(kind);
    String argument = fields.path(kind) + "." + column;
    JsonNode own = group.flatMap(all -> all.maybe(column)).orElse(null);
    if (kind.equals("static")) {
      if (own == null) {
        throw new Refusal(argument, "a value, which the model reads", "none");
      }
      return List.of(own);
    }
    if (own == null) {
      throw new Refusal(argument, "a list of values, which the model reads", "none");
    }
    List<JsonNode> values = new ArrayList<>();
    Fields.list(argument, own, LONGEST).forEach(values::add);
    int steps = steps();
    boolean isPast = kind.equals("past");
    boolean fits = isPast ? values.size() == steps : values.size() >= steps;
    if (!fits) {
      throw new Refusal(
          argument,
          isPast
              ? "as many values as the series, %,d".formatted(steps)
              : "a value for each of %,d steps and for those to come".formatted(steps),
          values.size());
    }
    return values;
  }

  /// The same column of numbers of `steps` steps.
  double[] numbers(String kind, String column, int steps) {
    List<JsonNode> own = column(kind, column);
    double[] values = new double[steps];
    Arrays.fill(values, Double.NaN);
    for (int t = 0; t < steps && t < own.size(); t++) {
      values[t] = value("%s.%s[%d]".formatted(fields.path(kind), column, t), own.get(t));
    }
    if (kind.equals("static")) {
      Arrays.fill(values, values[0]);
    }
    return values;
  }
}
