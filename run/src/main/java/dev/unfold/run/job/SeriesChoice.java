package dev.unfold.run.job;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.series.Duplicates;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.run.series.Calendar;
import dev.unfold.run.series.Output;
import dev.unfold.run.series.Scale;
import dev.unfold.run.series.SeriesOptions;
import dev.unfold.run.series.StateUse;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// What options want to be foreseen of series, and by what.
///
/// @param options by name
public record SeriesChoice(NamedOptions options) {
  static final Set<String> NAMES =
      Set.of(
          "time",
          "by",
          "target",
          "tz",
          "known",
          "past",
          "static",
          "static-start",
          "duplicates",
          "frequency",
          "gaps",
          "horizon",
          "context",
          "season",
          "lags",
          "calendar",
          "scale",
          "output",
          "holdout",
          "validate",
          "state");

  private static final String AUTO = "auto";
  private static final String NONE = "none";

  /// What each value is said by.
  public Output output() {
    return Output.parse(options.text("output", "quantiles"));
  }

  /// What is asked for of the forecast, but for holidays.
  ///
  /// **Errors**: a [Refusal] that names the option.
  public SeriesOptions forecast() {
    if (!options.has("horizon")) {
      throw new Refusal("horizon", "steps to be foreseen", "none");
    }
    return new SeriesOptions(
        options.whole("horizon", 0),
        options.wholeOrAuto("context"),
        options.wholeOrAuto("season"),
        parts(
            "lags",
            each -> NamedOptions.positive("lags", "auto, none, or whole numbers from 1 on", each)),
        parts("calendar", Calendar::parse),
        auto("scale").map(Scale::parse),
        options.whole("holdout", 0),
        options.wholeOrAuto("validate"),
        StateUse.parse(options.text("state", "window")),
        Optional.empty());
  }

  private Optional<String> auto(String name) {
    return options.find(name).filter(text -> !text.equals(AUTO));
  }

  private <T> Optional<List<T>> parts(String name, Function<String, T> parse) {
    return auto(name)
        .map(text -> {
          List<T> all = new ArrayList<>();
          for (String each : text.equals(NONE) ? new String[0] : text.split(",", -1)) {
            all.add(parse.apply(each));
          }
          return all;
        });
  }

  /// What the columns of a table are.
  ///
  /// **Errors**: a [Refusal] that names the option.
  public SeriesColumns columns() {
    String frequency = frequency();
    return new SeriesColumns(
        frequency.equals(NONE) ? List.of() : options.list("time"),
        options.list("by"),
        options.list("target"),
        options.list("known"),
        options.list("past"),
        options.list("static"),
        options.find("tz").map(SeriesChoice::zone),
        frequency.equals(NONE),
        Duplicates.parse(options.text("duplicates", "refuse")));
  }

  private String frequency() {
    String frequency = options.text("frequency", AUTO);
    if (!frequency.equals(AUTO) && !frequency.equals(NONE)) {
      throw new Refusal("frequency", "auto or none", frequency);
    }
    return frequency;
  }

  /// The frequency, where it is not to be found in the table.
  public Optional<Frequency> given() {
    String gaps = options.text("gaps", "grid");
    if (!gaps.equals("grid") && !gaps.equals("input")) {
      throw new Refusal("gaps", "grid or input", gaps);
    }
    if (gaps.equals("input") && frequency().equals(NONE)) {
      throw new Refusal("gaps", "grid beside --frequency none, where no time is read", gaps);
    }
    return gaps.equals("input") ? Optional.of(Frequency.ofRows(0)) : Optional.empty();
  }

  static ZoneId zone(String name) {
    try {
      return ZoneId.of(name);
    } catch (DateTimeException e) {
      throw new Refusal("tz", "a zone such as Europe/Berlin, UTC or +01:00", name, e);
    }
  }
}
