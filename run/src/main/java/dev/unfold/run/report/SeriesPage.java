package dev.unfold.run.report;

import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.run.inspect.Inspection;
import dev.unfold.run.inspect.InspectionPage;
import dev.unfold.run.output.HtmlPage;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.run.score.ForecastScores;
import dev.unfold.run.series.Backtest;
import dev.unfold.run.series.Forecast;
import dev.unfold.run.series.InputWorth;
import dev.unfold.run.series.SeriesInput;
import dev.unfold.run.series.SeriesSpec;
import dev.unfold.run.series.StateUse;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.IntStream;

/// A backtest as one page for a browser. However many series, steps and columns there are, it has no more than some of
/// each, and says so.
///
/// @param backtest that is told of
/// @param panel that it is of
/// @param spec of the model that is told of, the last if there are several
/// @param about what was done: the command, the files, the network, and what was trained until when
/// @param worth of its inputs
/// @param flow of its errors; empty with a reason in `about`
public record SeriesPage(
    Backtest backtest,
    Panel panel,
    SeriesSpec spec,
    About about,
    List<InputWorth> worth,
    Optional<Inspection> flow) {

  /// What was done, in words.
  ///
  /// @param command as it was typed
  /// @param files the names of the tables
  /// @param network what the model is
  /// @param trained until when, each time
  /// @param flow what the error flow was measured on, or why it was not
  public record About(
      String command, String files, String network, List<String> trained, String flow) {}

  private static final int ROWS = 100;
  private static final int STEPS = 200;
  private static final int PAST = 200;
  private static final int LEVELS = 99;
  private static final int TRAINED = 20;
  private static final int LETTERS = 120;
  private static final int LONGEST = 2000;

  /// The page.
  public String html() {
    return HtmlPage.of(
        "Backtest",
        List.of(InspectionPage.flow(), HtmlPage.text(SeriesPage.class, "series.js")),
        Json.tree(data()));
  }

  private Map<String, Object> data() {
    BacktestSummary summary = new BacktestSummary(backtest);
    List<SeriesScore> all = SeriesScore.of(backtest);
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("command", PageText.cut(about.command(), LONGEST));
    data.put("data", described());
    data.put("model", PageText.cut(about.network(), LONGEST));
    data.put(
        "tested",
        "%s of %s, season %d"
            .formatted(
                Wording.count(backtest.windows().size(), "window"),
                Wording.count(spec.horizon(), "step"),
                backtest.season()));
    data.put("trained", about.trained().stream().limit(TRAINED).toList());
    data.put("verdict", summary.verdict());
    data.put("naive", summary.naive());
    data.put("scores", summary.scores().stream().map(this::score).toList());
    ranked(data, all);
    data.put("steps", thinned(backtest.steps()).stream().map(SeriesPage::step).toList());
    data.put("levels", levels(summary.levels()));
    data.put("intervals", intervals(summary.levels()));
    data.put("worth", worth.stream().map(SeriesPage::worth).toList());
    data.put("worth_note", worthNote());
    data.put("flow", flow.<Object>map(PageText::rounded).orElse(null));
    data.put("flow_note", about.flow());
    return data;
  }

  private String described() {
    int[] lengths = panel.series().stream().mapToInt(Series::steps).sorted().toArray();
    List<String> names = new ArrayList<>();
    names.add("target " + String.join(", ", spec.columns().targets()));
    add(names, "known ", spec.columns().known());
    add(names, "past ", spec.columns().past());
    add(names, "static ", spec.columns().statics());
    Series first = panel.series().getFirst();
    String times =
        panel.series().size() == 1
            ? " from %s to %s"
                .formatted(
                    first.timeline().text(0),
                    first.timeline().text(first.observed(panel.targets()) - 1))
            : "";
    String all =
        "%s: %s of %s%s steps, %s%s; %s"
            .formatted(
                about.files(),
                Wording.count(panel.series().size()) + " series",
                lengths[0] == lengths[lengths.length - 1] ? "" : Wording.count(lengths[0]) + " to ",
                Wording.count(lengths[lengths.length - 1]),
                panel.frequency().text(),
                times,
                String.join("; ", names));
    return PageText.cut(all, LONGEST);
  }

  private static void add(List<String> names, String kind, List<String> columns) {
    if (!columns.isEmpty()) {
      names.add(kind + String.join(", ", columns));
    }
  }

  private Map<String, Object> score(BacktestSummary.Score score) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("name", score.name());
    one.put("model", PageText.number(score.of().apply(backtest.model())));
    one.put("naive", PageText.number(score.of().apply(backtest.naive())));
    one.put("undefined", score.undefined());
    return one;
  }

  /// Those by which series are ranked, from the best to the worst, and those that are not.
  private void ranked(Map<String, Object> data, List<SeriesScore> all) {
    boolean isScaled = all.stream().anyMatch(each -> each.model().mase().isPresent());
    Function<ForecastScores, OptionalDouble> by =
        isScaled ? ForecastScores::mase : ForecastScores::meanWeightedQuantileLoss;
    String name = isScaled ? "MASE" : "mean weighted quantile loss";
    List<SeriesScore> ranked =
        all.stream()
            .filter(each -> by.apply(each.model()).isPresent())
            .sorted(Comparator.comparingDouble(each -> by.apply(each.model()).orElseThrow()))
            .toList();
    List<SeriesScore> others =
        all.stream().filter(each -> by.apply(each.model()).isEmpty()).toList();
    data.put(
        "ranked",
        "%s%s."
            .formatted(
                ranked.size() == 1
                    ? "There is one series"
                    : Wording.count(ranked.size()) + " series in order of their " + name,
                others.isEmpty()
                    ? ""
                    : "; it is not defined for " + Wording.count(others.size()) + " more"));
    data.put("fans", fans(ranked.isEmpty() ? others.subList(0, 1) : ranked, by, name));
    List<SeriesScore> worst = new ArrayList<>(ranked.reversed());
    worst.addAll(others);
    List<SeriesScore> shown =
        worst.size() <= ROWS
            ? worst
            : IntStream.range(0, ROWS)
                .mapToObj(i -> worst.get(i < ROWS / 2 ? i : worst.size() - ROWS + i))
                .toList();
    data.put(
        "rows_note",
        "From the worst to the best by %s%s."
            .formatted(
                name,
                worst.size() > ROWS
                    ? ": the first and the last %d of %s"
                        .formatted(ROWS / 2, Wording.count(worst.size()))
                    : ""));
    data.put("rows", shown.stream().map(SeriesPage::row).toList());
  }

  private List<Map<String, Object>> fans(
      List<SeriesScore> ranked, Function<ForecastScores, OptionalDouble> by, String name) {
    List<Map<String, Object>> fans = new ArrayList<>();
    int count = ranked.size();
    fans.add(fan(count == 1 ? "The only one" : "The best", ranked.getFirst(), by, name));
    if (count > 2) {
      fans.add(fan("The median", ranked.get(count / 2), by, name));
    }
    if (count > 1) {
      fans.add(fan("The worst", ranked.getLast(), by, name));
    }
    return fans;
  }

  private Map<String, Object> fan(
      String title, SeriesScore of, Function<ForecastScores, OptionalDouble> by, String name) {
    Forecast forecast = of.last().forecast();
    Series series =
        panel.series().stream()
            .filter(each -> each.keys().equals(of.keys()))
            .findFirst()
            .orElseThrow();
    Numbers values = series.numbers()[panel.numbers().indexOf(of.target())];
    int steps = Math.min(STEPS, spec.horizon());
    int past =
        Math.min(forecast.origin(), Math.clamp(2L * Math.max(steps, backtest.season()), 20, PAST));
    int from = forecast.origin() - past;
    Map<String, Object> fan = new LinkedHashMap<>();
    fan.put("title", title);
    fan.put("name", named(of));
    fan.put("target", PageText.cut(of.target(), LETTERS));
    fan.put(
        "scored",
        "%s %s, of the %s method %s, over %s"
            .formatted(
                name,
                text(by.apply(of.model())),
                new BacktestSummary(backtest).naive(),
                text(by.apply(of.naive())),
                Wording.count(of.model().windows(), "window")));
    fan.put(
        "times",
        IntStream.range(from, from + past + steps)
            .mapToObj(t -> series.timeline().text(t))
            .toList());
    fan.put("past", PageText.numbers(past, i -> values.at(from + i)));
    fan.put("actual", PageText.numbers(steps, h -> of.last().actual()[h]));
    int middle = forecast.levels().indexOf(0.5);
    fan.put("median", PageText.numbers(steps, h -> forecast.quantiles()[h][middle]));
    fan.put("naive", PageText.numbers(steps, h -> of.last().naive()[h][middle]));
    fan.put("bands", bands(forecast, steps));
    return fan;
  }

  /// The widest interval, and that of 80 % or else the next one.
  private static List<Map<String, Object>> bands(Forecast forecast, int steps) {
    List<Double> levels = forecast.levels();
    List<Map<String, Object>> bands = new ArrayList<>();
    int last = levels.size() - 1;
    int inner = Math.max(1, levels.indexOf(0.1));
    for (int low : new int[] {0, inner}) {
      int high = last - low;
      boolean isNew = low == 0 || inner > 0;
      if (low < high && isNew) {
        Map<String, Object> band = new LinkedHashMap<>();
        band.put("low", "q" + levels.get(low));
        band.put("high", "q" + levels.get(high));
        band.put("name", "from q%s to q%s".formatted(levels.get(low), levels.get(high)));
        band.put("lower", PageText.numbers(steps, h -> forecast.quantiles()[h][low]));
        band.put("upper", PageText.numbers(steps, h -> forecast.quantiles()[h][high]));
        bands.add(band);
      }
    }
    return bands;
  }

  private static String named(SeriesScore of) {
    String series = of.series().isEmpty() ? "" : of.series() + ", ";
    return PageText.cut(series + of.target(), LETTERS);
  }

  private static Map<String, Object> row(SeriesScore of) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("series", of.series().isEmpty() ? "all rows" : PageText.cut(of.series(), LETTERS));
    row.put("target", PageText.cut(of.target(), LETTERS));
    row.put("windows", of.model().windows());
    row.put("mase", PageText.number(of.model().mase()));
    row.put("naive_mase", PageText.number(of.naive().mase()));
    row.put("mean_wql", PageText.number(of.model().meanWeightedQuantileLoss()));
    row.put("naive_mean_wql", PageText.number(of.naive().meanWeightedQuantileLoss()));
    row.put("smape", PageText.number(of.model().smape()));
    row.put("naive_smape", PageText.number(of.naive().smape()));
    return row;
  }

  private static <T> List<T> thinned(List<T> all) {
    if (all.size() <= STEPS) {
      return all;
    }
    return IntStream.range(0, STEPS)
        .mapToObj(i -> all.get((int) ((long) i * (all.size() - 1) / (STEPS - 1))))
        .toList();
  }

  private static Map<String, Object> step(Backtest.StepScore step) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("step", step.step());
    one.put("model", PageText.number(step.model().meanWeightedQuantileLoss()));
    one.put("naive", PageText.number(step.naive().meanWeightedQuantileLoss()));
    one.put("mape", PageText.number(step.model().mape()));
    one.put("naive_mape", PageText.number(step.naive().mape()));
    return one;
  }

  private List<Map<String, Object>> levels(List<Double> levels) {
    return levels.stream()
        .limit(LEVELS)
        .map(level -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("level", level);
          one.put("model", PageText.number(backtest.model().coverage(level)));
          one.put("naive", PageText.number(backtest.naive().coverage(level)));
          return one;
        })
        .toList();
  }

  /// Of the levels that have another one as far from the other end.
  private List<Map<String, Object>> intervals(List<Double> levels) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (double low : levels.stream().limit(LEVELS).filter(level -> level < 0.5).toList()) {
      double share = 1 - 2 * low;
      if (levels.stream().anyMatch(level -> Math.abs(level - (1 - low)) < 1e-9)) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", Wording.percent(share));
        one.put("model", PageText.number(backtest.model().intervalCoverage(share)));
        one.put("naive", PageText.number(backtest.naive().intervalCoverage(share)));
        all.add(one);
      }
    }
    return all;
  }

  private static Map<String, Object> worth(InputWorth worth) {
    Map<String, Object> one = new LinkedHashMap<>();
    SeriesInput input = worth.input();
    String kind = input.kind().name().toLowerCase(Locale.ROOT);
    boolean isColumn = !input.column().isEmpty();
    one.put("name", isColumn ? PageText.cut(input.column(), LETTERS) : kind);
    one.put("kind", isColumn ? kind : "times");
    one.put("mean", PageText.number(worth.mean()));
    one.put("deviation", PageText.number(worth.deviation()));
    return one;
  }

  private String worthNote() {
    int inputs =
        spec.columns().known().size()
            + spec.columns().past().size()
            + spec.columns().statics().size()
            + (spec.calendar().isEmpty() ? 0 : 1);
    if (inputs == 0) {
      return "The model reads the past of its target, and nothing else.";
    }
    if (spec.state() == StateUse.CARRIED) {
      return "It is not measured for a state that is carried, which has read all that came before a"
          + " window.";
    }
    if (worth.isEmpty()) {
      return "There is but one window, so no other to take inputs from.";
    }
    String left =
        worth.size() < inputs
            ? " The first %d of %s inputs are shown.".formatted(worth.size(), Wording.count(inputs))
            : "";
    return ("By how much the mean weighted quantile loss grows if each window reads the input of"
            + " another one, drawn at random, and all else as it is: mean and standard deviation of"
            + " %d draws. About 0 is not needed, or also told by another input; what never differs"
            + " between windows is 0.%s")
        .formatted(worth.getFirst().losses().size(), left);
  }

  private static String text(OptionalDouble score) {
    return score.isEmpty() ? "not defined" : "%.4f".formatted(score.getAsDouble());
  }
}
