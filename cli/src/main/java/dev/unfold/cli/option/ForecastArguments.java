package dev.unfold.cli.option;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import dev.unfold.data.source.Source;
import dev.unfold.run.series.Calendar;
import dev.unfold.run.series.Holidays;
import dev.unfold.run.series.Output;
import dev.unfold.run.series.Scale;
import dev.unfold.run.series.SeriesOptions;
import dev.unfold.run.series.StateUse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/// What is to be foreseen of series, and by what.
public final class ForecastArguments {
  private static final String AUTO = "auto";
  private static final String NONE = "none";

  @Option(names = "--horizon", paramLabel = "H", description = "Steps to be foreseen.")
  private Integer horizon;

  @Option(
      names = "--context",
      paramLabel = "C",
      defaultValue = AUTO,
      description =
          "Steps that are read before them (default: ${DEFAULT-VALUE}, two horizons or two seasons,"
              + " whichever is more).")
  private String context;

  @Option(
      names = "--season",
      paramLabel = "M",
      defaultValue = AUTO,
      description =
          "Steps after which values are alike, 1 for none (default: ${DEFAULT-VALUE}, found in the"
              + " training part, or else the usual one of the frequency).")
  private String season;

  @Option(
      names = "--lags",
      paramLabel = "N,...",
      defaultValue = AUTO,
      description =
          "How far back values are read beside the last one; or none (default: ${DEFAULT-VALUE},"
              + " the season and two of them, and days, weeks or years by the frequency).")
  private String lags;

  @Option(
      names = "--calendar",
      paramLabel = "WHAT,...",
      defaultValue = AUTO,
      description =
          "The parts of times that are read: second, minute, hour, weekday, monthday, week,"
              + " yearday, month; or none (default: ${DEFAULT-VALUE}, by the frequency).")
  private String calendar;

  @Option(
      names = "--scale",
      paramLabel = "WHAT",
      defaultValue = AUTO,
      description =
          "How values are made alike: linear or log, by what came before in each window; none"
              + " (default: ${DEFAULT-VALUE}, log if values are positive and vary the more the"
              + " larger they are, none for counts).")
  private String scale;

  @Option(
      names = "--output",
      paramLabel = "WHAT",
      defaultValue = "quantiles",
      description =
          "What is said of each value: quantiles, or quantiles:0.1,0.5,0.9; student, normal or"
              + " negbin (counts), a distribution; point, the median alone (default:"
              + " ${DEFAULT-VALUE}).")
  private String output;

  @Option(
      names = "--holdout",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Steps at the end that nothing is learned from, for unfold backtest (default:"
              + " ${DEFAULT-VALUE}).")
  private int holdout;

  @Option(
      names = "--validate",
      paramLabel = "N",
      defaultValue = AUTO,
      description =
          "Steps before those that the best parameters are chosen by (default: ${DEFAULT-VALUE}, a"
              + " tenth, at least one horizon and at most ten).")
  private String validation;

  @Option(
      names = "--state",
      paramLabel = "WHAT",
      defaultValue = "window",
      description =
          "How far back the state goes: window, each forecast encodes the steps before it anew;"
              + " carried, over the whole series, from which a forecast forks it (default:"
              + " ${DEFAULT-VALUE}).")
  private String state;

  @Option(
      names = "--holidays",
      paramLabel = "FILE",
      description =
          "A table of dates that are known in advance to be unlike others, and perhaps their names;"
              + " kept in the model (default: none).")
  private Path holidays;

  /// What each value is said by.
  public Output output() {
    return Output.parse(output);
  }

  /// m, if it was said.
  public OptionalInt season() {
    return number("season", season);
  }

  /// All else.
  public SeriesOptions options() {
    if (horizon == null) {
      throw new Refusal("horizon", "steps to be foreseen", "none");
    }
    SeriesOptions options =
        new SeriesOptions(
            horizon,
            number("context", context),
            season(),
            lags.equals(AUTO) ? Optional.empty() : Optional.of(lags()),
            calendar.equals(AUTO) ? Optional.empty() : Optional.of(calendar()),
            scale.equals(AUTO) ? Optional.empty() : Optional.of(Scale.parse(scale)),
            holdout,
            number("validate", validation),
            StateUse.parse(state),
            Optional.empty());
    return holidays == null ? options : options.withHolidays(Holidays.read(holidays));
  }

  /// The file of holidays, if there is one.
  public Optional<Source> source() {
    return Optional.ofNullable(holidays).map(Source::of);
  }

  private static OptionalInt number(String name, String text) {
    return text.equals(AUTO)
        ? OptionalInt.empty()
        : OptionalInt.of(whole(name, "auto, or a whole number from 1 on", text));
  }

  private static int whole(String name, String expected, String text) {
    double number = Decimal.parse(text).orElse(Double.NaN);
    if (!(number >= 1 && number <= Integer.MAX_VALUE) || number != Math.rint(number)) {
      throw new Refusal(name, expected, text);
    }
    return (int) number;
  }

  private List<Integer> lags() {
    List<Integer> all = new ArrayList<>();
    for (String each : lags.equals(NONE) ? new String[0] : lags.split(",", -1)) {
      all.add(whole("lags", "auto, none, or whole numbers from 1 on", each));
    }
    return all;
  }

  private List<Calendar> calendar() {
    List<Calendar> all = new ArrayList<>();
    for (String each : calendar.equals(NONE) ? new String[0] : calendar.split(",", -1)) {
      all.add(Calendar.parse(each));
    }
    return all;
  }
}
