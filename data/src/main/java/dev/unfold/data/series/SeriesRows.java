package dev.unfold.data.series;

import dev.unfold.data.profile.Clock;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.SeriesTimes;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Place;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/// The rows of one series as they come, to be laid on a grid.
final class SeriesRows {
  /// Steps that a grid may have for each row, beside some for all series: one wrong date makes no endless series.
  private static final long SPARSEST = 50;

  static final long SPARE = 100_000;

  private final SeriesColumns columns;
  private final List<String> names;
  private final List<String> textNames;
  private final SeriesTimes times;
  private final boolean isOrder;
  private double[][] numbers;
  private int[][] texts;
  private long[] instants = new long[16];
  private long[] locals = new long[16];
  private long[] lines = new long[16];
  private final NavigableMap<Integer, String> files = new TreeMap<>();
  private int rows;

  /// Where the rows of the table that is read begin.
  private int tableStart;

  SeriesRows(SeriesColumns columns, List<String> numbers, List<String> texts, boolean isOrder) {
    this.columns = columns;
    this.names = numbers;
    this.textNames = texts;
    this.isOrder = isOrder;
    this.numbers = new double[numbers.size()][16];
    this.texts = new int[texts.size()][16];
    times = new SeriesTimes(isOrder);
  }

  SeriesTimes times() {
    return times;
  }

  void nextTable() {
    tableStart = rows;
  }

  void begin(long instant, long local, Place place) {
    times.add(instant, local, place);
    add(instant, local, place);
  }

  /// A row whose time is its place.
  void begin(Place place) {
    add(rows + 1L, 0, place);
  }

  private void add(long instant, long local, Place place) {
    if (rows == instants.length) {
      int more = Math.multiplyExact(rows, 2);
      instants = Arrays.copyOf(instants, more);
      locals = Arrays.copyOf(locals, more);
      lines = Arrays.copyOf(lines, more);
      Arrays.setAll(numbers, c -> Arrays.copyOf(numbers[c], more));
      Arrays.setAll(texts, c -> Arrays.copyOf(texts[c], more));
    }
    if (files.isEmpty() || !files.lastEntry().getValue().equals(place.file())) {
      files.put(rows, place.file());
    }
    instants[rows] = instant;
    locals[rows] = local;
    lines[rows] = place.line();
    rows++;
  }

  void number(int column, double number) {
    numbers[column][rows - 1] = number;
  }

  void text(int column, int text) {
    texts[column][rows - 1] = text;
  }

  /// How many steps of `series` are more than its rows account for.
  long spared(Series series) {
    return Math.max(0, series.steps() - SPARSEST * rows);
  }

  /// @param spare steps beyond those that its rows account for, at most
  Series series(List<String> keys, Frequency frequency, long spare) {
    String name = String.join(", ", keys);
    int first = 0;
    for (int row = 1; row < rows; row++) {
      first = instants[row] < instants[first] ? row : first;
    }
    Timeline timeline =
        new Timeline(
            frequency, instants[first], locals[first], columns.zone(), areLastDays(frequency));
    long[] steps = new long[rows];
    long last = 0;
    for (int row = 0; row < rows; row++) {
      OptionalLong step = timeline.step(instants[row], locals[row]);
      if (step.isEmpty() || step.getAsLong() < 0) {
        throw refusal(
            row,
            name,
            "a time %s after %s".formatted(frequency.text(), shown(first, frequency)),
            shown(row, frequency));
      }
      steps[row] = step.getAsLong();
      last = Math.max(last, steps[row]);
    }
    if (last + 1 > SPARSEST * rows + spare) {
      int row = (int) lastRow(steps);
      throw refusal(
          row,
          name,
          "fewer than %,d steps for %,d rows".formatted(SPARSEST * rows + spare, rows),
          "%,d until %s".formatted(last + 1, shown(row, frequency)));
    }
    return new Grid(name, steps, (int) last + 1).series(keys, timeline);
  }

  /// Whether all rows are on the last days of months, and not all on the same day.
  private boolean areLastDays(Frequency frequency) {
    if (!Timeline.isOfMonths(frequency)) {
      return false;
    }
    boolean differ = false;
    for (int row = 0; row < rows; row++) {
      LocalDate date = Timeline.date(locals[row]);
      if (!Timeline.isLastDay(date)) {
        return false;
      }
      differ |= date.getDayOfMonth() != Timeline.date(locals[0]).getDayOfMonth();
    }
    return differ;
  }

  private static long lastRow(long... steps) {
    int row = 0;
    for (int i = 1; i < steps.length; i++) {
      row = steps[i] > steps[row] ? i : row;
    }
    return row;
  }

  private String shown(int row, Frequency frequency) {
    return isOrder ? Long.toString(instants[row]) : Clock.shown(locals[row], frequency);
  }

  private DataException refusal(int row, String series, String expected, String got) {
    String of = series.isEmpty() ? "" : " (series " + series + ")";
    return new DataException(
        "%s: line %d%s: expected %s, got %s"
            .formatted(files.floorEntry(row).getValue(), lines[row], of, expected, got));
  }

  /// The rows laid on even steps.
  private final class Grid {
    private final String name;
    private final long[] steps;
    private final int count;
    private final double[][] laid;
    private final int[][] laidTexts;

    /// Rows at a step from the table that is read; those of tables before it are only added to.
    private final int[] rowOf;

    Grid(String name, long[] steps, int count) {
      this.name = name;
      this.steps = steps;
      this.count = count;
      laid = new double[numbers.length][count];
      laidTexts = new int[texts.length][count];
      rowOf = new int[count];
      for (double[] each : laid) {
        Arrays.fill(each, Double.NaN);
      }
      for (int[] each : laidTexts) {
        Arrays.fill(each, Series.NO_TEXT);
      }
      Arrays.fill(rowOf, -1);
    }

    Series series(List<String> keys, Timeline timeline) {
      int[][] merged = new int[laid.length][count];
      for (int row = 0; row < rows; row++) {
        int step = (int) steps[row];
        boolean isRepeated = rowOf[step] >= 0 && (rowOf[step] < tableStart) == (row < tableStart);
        if (isRepeated && columns.duplicates() == Duplicates.REFUSE) {
          throw refusal(
              row,
              name,
              "one row for %s; --duplicates mean, sum or last takes more"
                  .formatted(timeline.text(step)),
              "another after line " + lines[rowOf[step]]);
        }
        rowOf[step] = row;
        for (int c = 0; c < laid.length; c++) {
          if (!Double.isNaN(numbers[c][row])) {
            merged[c][step] = isRepeated ? merged[c][step] + 1 : 1;
          }
          laid[c][step] = merge(laid[c][step], numbers[c][row], isRepeated);
        }
        for (int c = 0; c < laidTexts.length; c++) {
          int text = texts[c][row];
          laidTexts[c][step] = text == Series.NO_TEXT ? laidTexts[c][step] : text;
        }
      }
      if (columns.duplicates() == Duplicates.MEAN) {
        divide(merged);
      }
      expectStatics();
      spreadStatics();
      return new Series(name, keys, timeline, laid, laidTexts);
    }

    private double merge(double before, double next, boolean isRepeated) {
      if (Double.isNaN(next) || Double.isNaN(before)) {
        return Double.isNaN(next) ? before : next;
      }
      boolean adds =
          columns.duplicates() == Duplicates.MEAN || columns.duplicates() == Duplicates.SUM;
      return isRepeated && adds ? before + next : next;
    }

    private void divide(int[]... merged) {
      for (int c = 0; c < laid.length; c++) {
        for (int step = 0; step < count; step++) {
          laid[c][step] /= Math.max(1, merged[c][step]);
        }
      }
    }

    /// What never changes is there at all steps, also at those that no row has.
    private void spreadStatics() {
      for (String column : columns.statics()) {
        int c = names.indexOf(column);
        if (c >= 0) {
          Arrays.fill(laid[c], numbers[c][0]);
        } else {
          int text = textNames.indexOf(column);
          Arrays.fill(laidTexts[text], texts[text][0]);
        }
      }
    }

    private void expectStatics() {
      for (String column : columns.statics()) {
        int c = names.indexOf(column);
        int text = textNames.indexOf(column);
        for (int row = 1; row < rows; row++) {
          boolean differs =
              c >= 0
                  ? numbers[c][row] != numbers[c][0]
                      && !(Double.isNaN(numbers[c][row]) && Double.isNaN(numbers[c][0]))
                  : texts[text][row] != texts[text][0];
          if (differs) {
            throw refusal(
                row, name, "one value of the static column " + column, "another than before");
          }
        }
      }
    }
  }
}
