package dev.unfold.data.series;

import dev.unfold.argument.Expect;
import dev.unfold.data.profile.Clock;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.profile.ProfileOptions;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.ColumnType;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.Row;
import dev.unfold.data.table.RowStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads events of series from rows that come one by one: whose each is, when it was, and what it has.
///
/// **Errors**: [DataException] that names file, line and column.
///
/// **Threads**: one at a time.
public final class EventReader {
  private final RowStream rows;
  private final SeriesColumns columns;
  private final Frequency frequency;
  private final List<String> numbers;
  private final List<String> texts;
  private Optional<Clock> clock = Optional.empty();
  private int time = -1;

  /// The column of numbers that rows are in the order of, if there is one.
  private int[] order = {};

  private long instant;
  private long local;
  private int[] by = {};
  private int[] numberIndex = {};
  private int[] textIndex = {};
  private Row row;

  /// @param numbers the names of the columns of numbers, as [Panel#numbers]
  /// @param texts the names of those of texts
  public EventReader(
      RowStream rows,
      SeriesColumns columns,
      Frequency frequency,
      List<String> numbers,
      List<String> texts) {
    this.rows = Expect.given("rows", rows);
    this.columns = Expect.given("columns", columns);
    this.frequency = Expect.given("frequency", frequency);
    this.numbers = List.copyOf(numbers);
    this.texts = List.copyOf(texts);
  }

  /// Reads all events, in order.
  ///
  /// @param next what is done with an event, which this object then tells about
  /// @param wait what is done before more is asked for, which may take its time
  public void read(Runnable next, Runnable wait) {
    rows.rows(
        numbers,
        this::begin,
        each -> {
          row = each;
          next.run();
        },
        wait);
  }

  private void begin(List<Column> found) {
    by = columns.by().stream().mapToInt(name -> rows.column("by", name).index()).toArray();
    numberIndex = numbers.stream().mapToInt(name -> rows.column("column", name).index()).toArray();
    textIndex = texts.stream().mapToInt(name -> rows.column("column", name).index()).toArray();
    if (columns.isOrdered()) {
      return;
    }
    if (frequency.unit() == FrequencyUnit.ORDER) {
      List<Column> orders = columns.time().stream().map(name -> rows.column("time", name)).toList();
      for (Column each : orders) {
        if (each.type() != ColumnType.WHOLE) {
          throw new DataException(
              "%s: column %s: expected whole numbers, as the model was trained on, got %s"
                  .formatted(rows.name(), each.name(), each.type().text()));
        }
      }
      order = orders.stream().mapToInt(Column::index).toArray();
      return;
    }
    clock =
        Clock.of(
            found, new ProfileOptions(columns.time(), columns.by(), List.of(), columns.zone()));
    if (clock.isEmpty() || clock.get().isOrder()) {
      throw new DataException(
          "%s: expected a column of times, as the model was trained on, got none"
              .formatted(rows.name()));
    }
    Clock in = clock.get();
    List<Column> timed = found.stream().filter(in::has).toList();
    time = timed.size() == 1 ? timed.getFirst().index() : -1;
  }

  /// Where the event stands.
  public Place place() {
    return row.place();
  }

  /// The values that tell its series from the others.
  public List<String> keys() {
    List<String> keys = new ArrayList<>(by.length);
    for (int index : by) {
      keys.add(row.text(index));
    }
    return keys;
  }

  /// The same if there is but one such value; empty for one series.
  public String key() {
    return by.length == 0 ? "" : row.text(by[0]);
  }

  /// How many values tell series apart.
  public int keyed() {
    return by.length;
  }

  /// Reads its time.
  ///
  /// @param last the instant of the event before of the same series; [Long#MIN_VALUE] for none
  ///
  /// **Errors**: [DataException] if it has none.
  public void time(long last) {
    if (clock.isPresent()) {
      Clock in = clock.get();
      if (in.readAfter(row, last) == Clock.Reading.MISSING) {
        throw row.place().refusal(in.name(), "a time", "none");
      }
      instant = in.instant();
      local = in.local();
    } else if (order.length == 0) {
      instant = last == Long.MIN_VALUE ? 1 : last + 1;
      local = 0;
    } else {
      if (row.isMissing(order[0])) {
        throw row.place().refusal(columns.time().getFirst(), "a whole number", "none");
      }
      instant = (long) row.number(order[0]);
      local = 0;
    }
  }

  /// Its instant in microseconds, or its number if times are but an order.
  public long instant() {
    return instant;
  }

  /// What a clock shows then.
  public long local() {
    return local;
  }

  /// What to throw for its time.
  public DataException refusal(String expected, String got) {
    return clock
        .map(in -> row.place().refusal(in.name(), expected, got))
        .orElseGet(() -> row.place().refusal(expected, got));
  }

  /// Its time as it is written; empty if that is not one value.
  public String timeText() {
    if (order.length > 0) {
      return row.text(order[0]);
    }
    return time < 0 ? "" : row.text(time);
  }

  /// The number in a column, counted among those of numbers; NaN for none.
  public double number(int column) {
    int index = numberIndex[column];
    return row.isMissing(index) ? Double.NaN : row.number(index);
  }

  /// The text in a column, counted among those of texts; empty for none.
  public Optional<String> text(int column) {
    int index = textIndex[column];
    return row.isMissing(index) ? Optional.empty() : Optional.of(row.text(index));
  }
}
