package dev.unfold.data.profile;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.ColumnType;
import dev.unfold.data.table.Row;
import dev.unfold.data.table.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/// Looks at a table in one pass.
final class Profiler {
  private static final int MOST_SERIES = 100_000;
  private static final int MOST_TRACKS = 1_000_000;
  private static final int MOST_TARGETS = 32;
  private static final int KEPT_SERIES = 8;
  private static final int FREQUENT = 3;

  private final Table table;
  private final ProfileOptions options;
  private final List<Column> columns;
  private final NumberTrack[] numbers;
  private final ValueCounts[] counts;
  private final long[] first;
  private final long[] last;
  private final Optional<Clock> clock;
  private final boolean isOrder;
  private final List<Column> by;
  private final List<Column> targets;
  private final Map<String, SeriesTrack> series = new HashMap<>();
  private final SeriesTrack only;
  private final int mostSeries;
  private final double[] targetValues;
  private long rowsOfOthers;
  private final RowEvents events = new RowEvents();

  Profiler(Table table, ProfileOptions options) {
    this.table = table;
    this.options = options;
    columns = table.columns();
    int width = columns.size();
    numbers = new NumberTrack[width];
    counts = new ValueCounts[width];
    first = new long[width];
    last = new long[width];
    Arrays.fill(first, Long.MAX_VALUE);
    Arrays.fill(last, Long.MIN_VALUE);
    ValueCounts.Budget budget = new ValueCounts.Budget();
    for (Column column : columns) {
      switch (column.type()) {
        case NUMBER, WHOLE -> numbers[column.index()] = new NumberTrack();
        case TEXT, BOOLEAN -> counts[column.index()] = new ValueCounts(budget);
        case TIME, EMPTY -> {}
      }
    }
    by = options.by().stream().map(name -> table.column("by", name)).toList();
    clock = Clock.of(table, options);
    isOrder = clock.map(Clock::isOrder).orElse(true);
    targets = targets();
    targetValues = new double[targets.size()];
    mostSeries = Math.min(MOST_SERIES, MOST_TRACKS / Math.max(1, targets.size()));
    only = by.isEmpty() ? track("") : null;
  }

  private List<Column> targets() {
    if (!options.targets().isEmpty()) {
      return options.targets().stream().map(this::target).toList();
    }
    return columns.stream()
        .filter(column -> column.type().isNumeric() && !by.contains(column))
        .filter(column -> clock.map(each -> !each.has(column)).orElse(true))
        .limit(MOST_TARGETS)
        .toList();
  }

  private Column target(String name) {
    Column column = table.column("target", name);
    if (!column.type().isNumeric()) {
      String odd =
          column
              .odd()
              .map(o -> "; line %d has %s".formatted(o.place().line(), o.value()))
              .orElse("");
      throw new DataException(
          "target: expected columns of numbers, got %s, which is %s%s"
              .formatted(name, column.type().text(), odd));
    }
    return column;
  }

  private SeriesTrack track(String name) {
    KeptSeries kept = series.size() < KEPT_SERIES ? new KeptSeries(targets.size()) : null;
    SeriesTrack track = new SeriesTrack(name, new SeriesTimes(isOrder), targets.size(), kept);
    series.put(name, track);
    return track;
  }

  TableProfile profile() {
    table.rows(this::add);
    List<ColumnProfile> profiles = columns.stream().map(this::profile).toList();
    Frequency frequency = frequency();
    Optional<TimeProfile> time =
        clock.map(
            each -> TimeProfile.of(each, options.time().isEmpty(), frequency, series.values()));
    List<TargetProfile> all = new ArrayList<>();
    for (int i = 0; i < targets.size(); i++) {
      all.add(target(i, frequency));
    }
    TableProfile bare =
        new TableProfile(table.rowCount(), profiles, time, series.size(), all, List.of());
    List<Finding> findings = new ArrayList<>(new ColumnFindings(bare).all());
    findings.addAll(new SeriesFindings(this, bare, frequency).all());
    return new TableProfile(table.rowCount(), profiles, time, series.size(), all, findings);
  }

  private void add(Row row) {
    for (int i = 0; i < columns.size(); i++) {
      if (!row.isMissing(i)) {
        value(row, i);
      }
    }
    SeriesTrack track = only == null ? find(row) : only;
    if (track == null) {
      rowsOfOthers++;
      return;
    }
    boolean hasTarget = false;
    for (int i = 0; i < targetValues.length; i++) {
      int column = targets.get(i).index();
      targetValues[i] = row.isMissing(column) ? Double.NaN : row.number(column);
      hasTarget |= !Double.isNaN(targetValues[i]);
      track.values(i).add(targetValues[i]);
    }
    if (hasTarget) {
      track.targetIsThere();
    } else if (!options.targets().isEmpty()) {
      later(row, track);
    }
    long at = row.number();
    if (clock.isPresent()) {
      if (!time(row, track, clock.get())) {
        return;
      }
      at = clock.get().local();
    } else {
      track.times().add(at, at, row.place());
    }
    if (track.kept() != null && track.kept().hasRoom()) {
      track.kept().add(at, targetValues);
    }
  }

  private void value(Row row, int i) {
    if (numbers[i] != null) {
      numbers[i].add(row.number(i), row, i);
    } else if (counts[i] != null) {
      if (!counts[i].areMany()) {
        counts[i].add(row.text(i));
      }
    } else if (columns.get(i).type() == ColumnType.TIME) {
      long time = row.time(i);
      first[i] = Math.min(first[i], time);
      last[i] = Math.max(last[i], time);
    }
  }

  private SeriesTrack find(Row row) {
    String name =
        by.size() == 1
            ? row.text(by.getFirst().index())
            : by.stream().map(each -> row.text(each.index())).collect(Collectors.joining(", "));
    SeriesTrack track = series.get(name);
    return track != null || series.size() == mostSeries ? track : track(name);
  }

  private void later(Row row, SeriesTrack track) {
    int[] later = track.later(columns.size());
    for (int i = 0; i < later.length; i++) {
      later[i] += row.isMissing(i) ? 0 : 1;
    }
  }

  /// Whether the row has a time.
  private boolean time(Row row, SeriesTrack track, Clock by) {
    switch (by.read(row, track.times())) {
      case ONE -> {}
      case NONE -> events.skippedPlace = events.skipped++ == 0 ? row.place() : events.skippedPlace;
      case TWO -> events.twicePlace = events.twice++ == 0 ? row.place() : events.twicePlace;
      case MISSING -> {
        events.missingTime = events.missingTimes++ == 0 ? row.place() : events.missingTime;
        return false;
      }
    }
    switch (track.times().add(by.instant(), by.local(), row.place())) {
      case FIRST, FORWARD -> {}
      case SAME -> {
        if (events.duplicates.size() < 3) {
          events.duplicates.add(new RowEvents.Repeat(row.place(), track.name(), by.local()));
        }
      }
      case BACKWARD -> {
        if (events.backward == null) {
          events.backward = new RowEvents.Repeat(row.place(), track.name(), by.local());
        }
      }
    }
    return true;
  }

  private ColumnProfile profile(Column column) {
    int i = column.index();
    boolean isTime = column.type() == ColumnType.TIME;
    boolean isCounted = counts[i] != null && !counts[i].areMany();
    return new ColumnProfile(
        column,
        numbers[i] == null ? Optional.empty() : Optional.of(numbers[i].profile()),
        isTime
            ? Optional.of(new ColumnProfile.Times(Clock.text(first[i]), Clock.text(last[i])))
            : Optional.empty(),
        isCounted ? OptionalInt.of(counts[i].distinct()) : OptionalInt.empty(),
        isCounted ? counts[i].top(FREQUENT, table.rowCount()) : List.of(),
        isCounted && counts[i].has(column.name()));
  }

  /// That of most rows.
  private Frequency frequency() {
    if (clock.isEmpty()) {
      return new Frequency(FrequencyUnit.ORDER, 1);
    }
    return Frequency.ofMost(series.values().stream().map(SeriesTrack::times).toList(), isOrder);
  }

  private TargetProfile target(int target, Frequency frequency) {
    long zeros = 0;
    long missing = 0;
    long constant = 0;
    long empty = 0;
    int lookedAt = 0;
    Map<Integer, List<Season>> seasons = new HashMap<>();
    for (SeriesTrack each : series.values()) {
      ValueTrack values = each.values(target);
      zeros += values.zeros();
      missing += values.missing();
      constant += values.isConstant() ? 1 : 0;
      empty += values.isEmpty() ? 1 : 0;
      if (each.kept() != null && !values.isEmpty()) {
        lookedAt++;
        Season.of(each.kept().onGrid(target, frequency))
            .ifPresent(season ->
                seasons.computeIfAbsent(season.lag(), _ -> new ArrayList<>()).add(season));
      }
    }
    Optional<List<Season>> most =
        seasons.values().stream()
            .max(
                Comparator.<List<Season>>comparingInt(List::size)
                    .thenComparingInt(all -> -all.getFirst().lag()));
    long rows = table.rowCount() - rowsOfOthers;
    return new TargetProfile(
        targets.get(target).name(),
        most.map(Profiler::mean),
        most.map(List::size).orElse(0),
        lookedAt,
        (double) zeros / rows,
        (double) missing / rows,
        constant,
        empty);
  }

  private static Season mean(List<Season> seasons) {
    double strength = seasons.stream().mapToDouble(Season::strength).average().orElseThrow();
    return new Season(seasons.getFirst().lag(), strength, seasons.getFirst().isOfDifferences());
  }

  ProfileOptions options() {
    return options;
  }

  Optional<Clock> times() {
    return clock;
  }

  Map<String, SeriesTrack> series() {
    return series;
  }

  boolean areTimesNumbers() {
    return isOrder;
  }

  long rowsOfOtherSeries() {
    return rowsOfOthers;
  }

  /// What to add for each kind of event that was seen.
  List<Finding> events(Frequency frequency) {
    return events.findings(clock, options.zone(), frequency);
  }

  List<RowEvents.Repeat> duplicates() {
    return events.duplicates;
  }

  /// `1 row`, `2 rows`
  static String rows(long count) {
    return count == 1 ? "1 row" : "%,d rows".formatted(count);
  }

  /// ` (series A)`, or nothing if there is one series.
  static String of(String series) {
    return series.isEmpty() ? "" : " (series " + series + ")";
  }
}
