package dev.unfold.run.series;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.profile.Season;
import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Finds what is left open, from the training part of a panel alone.
final class SpecFinder {
  /// Series that ways to foresee are tried on, and how many of their last steps: so many in all, or so many of each.
  private static final int CHANNELS = 200;

  private static final int MOST_TRIED = 1 << 21;

  private static final int LEAST_TRIED = 1 << 11;

  private static final int LONGEST_CONTEXT = 512;

  /// Series that are looked at for a season, and steps of each.
  private static final int SEASONED = 8;

  private static final int MOST_SEASONED = 1 << 14;

  /// Blocks of a series, at least, whose spread is compared with their level, and how far levels must be apart.
  private static final int BLOCKS = 4;

  private static final double APART = 1.5;

  /// Spread that grows with a power of the level above this one is taken as that of logarithms.
  private static final double POWER = 0.5;

  private static final int MOST_WORDS = 10_000;

  private final Panel panel;
  private final SeriesOptions options;
  private final Cut cut;
  private final Cut test;
  private final int targets;

  SpecFinder(Panel panel, SeriesOptions options, Cut cut, Cut test) {
    this.panel = panel;
    this.options = options;
    this.cut = cut;
    this.test = test;
    targets = panel.targets();
  }

  SeriesSpec spec() {
    if (options.holidays().isPresent() && panel.frequency().unit() == FrequencyUnit.ORDER) {
      throw new Refusal("holidays", "series with dates", "rows in an order alone");
    }
    Scale scale = options.scale().orElseGet(this::scale);
    int[] lengths =
        panel.series().stream().mapToInt(each -> cut.end(each, targets)).sorted().toArray();
    int median = lengths[lengths.length / 2];
    int horizon = options.horizon();
    int season = options.season().orElseGet(() -> season(median));
    List<Integer> lags = options.lags().orElseGet(() -> lags(season, median));
    int context =
        options
            .context()
            .orElseGet(() -> Math.clamp(Math.max(2L * horizon, 2L * season), 8, LONGEST_CONTEXT));
    List<double[]> channels = channels(scale);
    Baseline baseline =
        areLinear(scale)
            ? Baseline.of(channels, lags, horizon, context)
            : Baseline.plain(channels, lags, horizon);
    List<Double> means = new ArrayList<>();
    List<Double> deviations = new ArrayList<>();
    for (int c = targets; c < panel.numbers().size(); c++) {
      moments(c, means, deviations);
    }
    return new SeriesSpec(
        panel.columns(),
        frequency(),
        season,
        baseline.lag(),
        baseline.shift(),
        baseline.linear(),
        lags,
        horizon,
        context,
        options.calendar().orElseGet(() -> Calendar.of(panel.frequency().unit())),
        scale,
        panel.numbers(),
        means,
        deviations,
        panel.texts(),
        vocabularies(),
        until(),
        options.state(),
        options.holidays().map(each -> each.learned(dates())));
  }

  /// That of the panel; of rows at any distances with the median one of the training part.
  private Frequency frequency() {
    if (panel.frequency().unit() != FrequencyUnit.IRREGULAR) {
      return panel.frequency();
    }
    List<Series> some = some();
    int most = Math.max(LEAST_TRIED, MOST_TRIED / some.size());
    long[] gaps =
        some.stream()
            .flatMapToLong(each -> {
              int end = cut.end(each, targets);
              return IntStream.range(Math.max(1, end - most), end)
                  .mapToLong(t -> each.timeline().position(t) - each.timeline().position(t - 1L));
            })
            .sorted()
            .toArray();
    return Frequency.ofRows(gaps.length == 0 ? 1 : gaps[gaps.length / 2]);
  }

  /// The dates of the training part.
  private Holidays.Span dates() {
    LocalDate first = LocalDate.MAX;
    LocalDate last = LocalDate.MIN;
    for (Series series : panel.series()) {
      int end = cut.end(series, targets);
      if (end > 0) {
        LocalDate from = series.timeline().local(0).toLocalDate();
        LocalDate to = series.timeline().local(end - 1L).toLocalDate().plusDays(1);
        first = from.isBefore(first) ? from : first;
        last = to.isAfter(last) ? to : last;
      }
    }
    return new Holidays.Span(first, last);
  }

  /// The last time of the part that is learned from or chosen by.
  private String until() {
    String last = "";
    long most = Long.MIN_VALUE;
    for (Series series : panel.series()) {
      int end = test.end(series, targets);
      if (end == 0) {
        continue;
      }
      long at =
          series.timeline().isOrder()
              ? end
              : series.timeline().local(end - 1).toEpochSecond(java.time.ZoneOffset.UTC);
      if (at > most) {
        most = at;
        last = series.timeline().text(end - 1);
      }
    }
    return last;
  }

  /// What most channels that are looked at have, else the usual one of the frequency.
  private int season(int median) {
    Map<Integer, Integer> votes = new TreeMap<>();
    for (Series series : some().stream().limit(SEASONED).toList()) {
      int end = cut.end(series, targets);
      for (int target = 0; target < targets; target++) {
        double[] y = series.numbers()[target].copy(Math.max(0, end - MOST_SEASONED), end);
        Season.of(y).ifPresent(found -> votes.merge(found.lag(), 1, Integer::sum));
      }
    }
    int usual = panel.frequency().season();
    return votes.entrySet().stream()
        .max(
            Map.Entry.<Integer, Integer>comparingByValue()
                .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
        .map(Map.Entry::getKey)
        .orElse(3L * usual <= median ? usual : 1);
  }

  private List<Integer> lags(int season, int median) {
    Set<Integer> lags = new TreeSet<>();
    lags.add(season);
    if (4L * season <= median) {
      lags.add(2 * season);
    }
    for (int lag : usual(panel.frequency())) {
      lags.add(lag);
    }
    return lags.stream().filter(lag -> lag > 1 && 2L * lag <= median).toList();
  }

  /// Days, weeks and years in steps.
  private static List<Integer> usual(Frequency frequency) {
    int[] units =
        switch (frequency.unit()) {
          case SECOND -> new int[] {60, 3600};
          case MINUTE -> new int[] {60, 1440};
          case HOUR -> new int[] {24, 168};
          case DAY -> new int[] {7, 364};
          case BUSINESS_DAY -> new int[] {5, 260};
          case WEEK -> new int[] {52};
          case MONTH -> new int[] {12};
          case QUARTER -> new int[] {4};
          case MICROSECOND, YEAR, ORDER, IRREGULAR, UNKNOWN -> new int[0];
        };
    Set<Integer> lags = new LinkedHashSet<>();
    for (int unit : units) {
      if (unit % frequency.count() == 0) {
        lags.add((int) (unit / frequency.count()));
      }
    }
    return List.copyOf(lags);
  }

  private List<Series> some() {
    List<Series> all = panel.series();
    if (all.size() <= CHANNELS) {
      return all;
    }
    List<Series> some = new ArrayList<>();
    for (int i = 0; i < CHANNELS; i++) {
      some.add(all.get((int) ((long) i * all.size() / CHANNELS)));
    }
    return some;
  }

  /// Counts are not, and a state that is carried reads its steps one by one, without the many values before each.
  private boolean areLinear(Scale scale) {
    return scale != Scale.NONE && options.state() == StateUse.WINDOW;
  }

  /// The training parts of some channels.
  private List<double[]> channels(Scale scale) {
    List<Series> some = some();
    int most = Math.max(LEAST_TRIED, MOST_TRIED / (some.size() * targets));
    List<double[]> all = new ArrayList<>();
    for (Series series : some) {
      int end = cut.end(series, targets);
      for (int target = 0; target < targets; target++) {
        double[] last = series.numbers()[target].copy(Math.max(0, end - most), end);
        all.add(Arrays.stream(last).map(scale::forward).toArray());
      }
    }
    return all;
  }

  /// Logarithms if all values are positive and vary the more the larger they are: by the slope of the logarithm of the
  /// mean change on that of the mean, over blocks of a season, in most channels whose level changes.
  private Scale scale() {
    int block = Math.max(8, panel.frequency().season());
    List<Double> slopes = new ArrayList<>();
    for (Series series : panel.series()) {
      int end = cut.end(series, targets);
      for (int target = 0; target < targets; target++) {
        Numbers values = series.numbers()[target];
        if (IntStream.range(0, end).anyMatch(t -> values.at(t) <= 0)) {
          return Scale.LINEAR;
        }
        double slope = slope(values, end, block);
        if (!Double.isNaN(slope)) {
          slopes.add(slope);
        }
      }
    }
    slopes.sort(null);
    boolean grows = !slopes.isEmpty() && slopes.get(slopes.size() / 2) > POWER;
    return grows ? Scale.LOG : Scale.LINEAR;
  }

  /// NaN if it cannot be told.
  private static double slope(Numbers y, int end, int block) {
    List<double[]> points = new ArrayList<>();
    for (int from = 0; from + block <= end; from += block) {
      double[] part = y.copy(from, from + block);
      double mean = Arrays.stream(part).filter(value -> !Double.isNaN(value)).average().orElse(0);
      double change = Baseline.meanChange(part);
      if (mean > 0 && change > 0) {
        points.add(new double[] {Math.log(mean), Math.log(change)});
      }
    }
    if (points.size() < BLOCKS) {
      return Double.NaN;
    }
    double x = points.stream().mapToDouble(point -> point[0]).average().orElseThrow();
    double z = points.stream().mapToDouble(point -> point[1]).average().orElseThrow();
    double least = points.stream().mapToDouble(point -> point[0]).min().orElseThrow();
    double most = points.stream().mapToDouble(point -> point[0]).max().orElseThrow();
    double xx = 0;
    double xz = 0;
    for (double[] point : points) {
      xx += (point[0] - x) * (point[0] - x);
      xz += (point[0] - x) * (point[1] - z);
    }
    return most - least < Math.log(APART) ? Double.NaN : xz / xx;
  }

  private void moments(int column, List<Double> means, List<Double> deviations) {
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (Series series : panel.series()) {
      int end = cut.end(series, targets);
      for (int t = 0; t < end; t++) {
        double x = series.numbers()[column].at(t);
        if (!Double.isNaN(x)) {
          count++;
          double distance = x - sum;
          sum += distance / count;
          squares += distance * (x - sum);
        }
      }
    }
    double deviation = count == 0 ? 0 : Math.sqrt(squares / count);
    means.add(sum);
    deviations.add(deviation > 0 ? deviation : 1);
  }

  /// The texts of the training part, in the order in which they came.
  private List<List<String>> vocabularies() {
    List<List<String>> all = new ArrayList<>();
    for (int c = 0; c < panel.texts().size(); c++) {
      Set<Integer> seen = new LinkedHashSet<>();
      for (Series series : panel.series()) {
        int end = cut.end(series, targets);
        for (int t = 0; t < end && seen.size() < MOST_WORDS; t++) {
          if (series.text(c, t) != Series.NO_TEXT) {
            seen.add(series.text(c, t));
          }
        }
      }
      List<String> dictionary = panel.dictionary().get(c);
      all.add(seen.stream().map(dictionary::get).toList());
    }
    return all;
  }
}
