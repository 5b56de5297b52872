package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.ColumnType;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.Row;
import dev.unfold.data.table.Table;
import dev.unfold.run.output.Wording;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Days that are not as others, known in advance: at each step a network reads how many of them the step has, how near
/// the next one and the last one are, and what the first is called.
///
/// @param dates in order
/// @param which the number of the name of each in `names`, from 1; 0 if it has none
/// @param names of holidays
public record Holidays(List<LocalDate> dates, List<Integer> which, List<String> names) {
  /// Numbers that are read at each step.
  static final int NUMBERS = 3;

  private static final int MOST = 100_000;

  private static final long DAY = 86_400_000_000L;

  /// Year, month and day: a month, a quarter or a week is no date.
  private static final Pattern DATE = Pattern.compile("\\D*\\d+\\D+\\d+\\D+\\d.*");

  /// Some days in a row.
  ///
  /// @param from the first of them
  /// @param end the one behind the last
  record Span(LocalDate from, LocalDate end) {}

  /// Checks that they are in order.
  public Holidays {
    dates = List.copyOf(dates);
    which = List.copyOf(which);
    names = List.copyOf(names);
    if (dates.isEmpty() || which.size() != dates.size()) {
      throw new Refusal("holidays", "dates, and the number of a name for each", which.size());
    }
    for (int i = 0; i < dates.size(); i++) {
      if (i > 0 && !dates.get(i - 1).isBefore(dates.get(i))) {
        throw new Refusal("holidays", "dates in order, each once", dates.get(i));
      }
      if (which.get(i) < 0 || which.get(i) > names.size()) {
        throw new Refusal("holidays", "the number of a name", which.get(i));
      }
    }
  }

  /// Holidays and what each is called, which may be nothing.
  public static Holidays of(Map<LocalDate, String> named) {
    Map<String, Integer> numbers = new HashMap<>();
    List<String> names = new ArrayList<>();
    List<Integer> which = new ArrayList<>();
    NavigableMap<LocalDate, String> inOrder = new TreeMap<>(Expect.given("holidays", named));
    for (String name : inOrder.values()) {
      if (!name.isEmpty() && !numbers.containsKey(name)) {
        names.add(name);
        numbers.put(name, names.size());
      }
      which.add(numbers.getOrDefault(name, 0));
    }
    return new Holidays(List.copyOf(inOrder.keySet()), which, names);
  }

  /// Those of a table: a column of dates, and if there is another, it names them.
  ///
  /// **Errors**: [DataException] that names file, line and column: for what is no date, and one that comes twice.
  public static Holidays read(Path file) {
    try (Table table = Table.read(file)) {
      List<Column> columns = table.columns();
      if (columns.size() > 2) {
        throw new DataException(
            "%s: expected a column of dates, and one of names or none, got %d columns"
                .formatted(file, columns.size()));
      }
      if (table.rowCount() > MOST) {
        throw new DataException(
            "%s: expected at most %,d holidays, got %,d".formatted(file, MOST, table.rowCount()));
      }
      Column dates =
          columns.stream()
              .filter(each -> each.type() == ColumnType.TIME)
              .findFirst()
              .orElseThrow(() -> noDates(file, columns));
      if (DATE.matcher(dates.name()).matches()) {
        throw new Place(file.toString(), 1)
            .refusal(dates.name(), "the name of the column of dates", "a date");
      }
      int name = columns.size() - 1 - dates.index();
      Map<LocalDate, String> named = new HashMap<>();
      Map<LocalDate, Long> lines = new HashMap<>();
      table.rows(row -> {
        LocalDate date = date(row, dates);
        Long before = lines.put(date, row.place().line());
        if (before != null) {
          throw row.place()
              .refusal(dates.name(), "one row for " + date, "another after line " + before);
        }
        boolean hasName = columns.size() > 1 && !row.isMissing(name);
        named.put(date, hasName ? row.text(name) : "");
      });
      return of(named);
    }
  }

  private static DataException noDates(Path file, List<Column> columns) {
    for (Column each : columns) {
      if (each.odd().filter(odd -> odd.type() == ColumnType.TIME).isPresent()) {
        Column.Odd odd = each.odd().orElseThrow();
        return odd.place().refusal(each.name(), "a date such as 2025-12-25", odd.value());
      }
    }
    return new DataException(
        "%s: expected a column of dates such as 2025-12-25, got %s, which is %s"
            .formatted(file, columns.getFirst().name(), columns.getFirst().type().text()));
  }

  private static LocalDate date(Row row, Column dates) {
    if (row.isMissing(dates.index())) {
      throw row.place().refusal(dates.name(), "a date such as 2025-12-25", "none");
    }
    String text = row.text(dates.index());
    long micros = row.time(dates.index());
    if (Math.floorMod(micros, DAY) != 0 || !DATE.matcher(text).matches()) {
      throw row.place().refusal(dates.name(), "a date such as 2025-12-25", text);
    }
    return LocalDate.ofEpochDay(Math.floorDiv(micros, DAY));
  }

  /// The same without the names of which no day lies in `span`: nothing can be learned of them.
  Holidays learned(Span span) {
    List<String> named = new ArrayList<>();
    for (int i = 0; i < dates.size(); i++) {
      boolean isIn = !dates.get(i).isBefore(span.from()) && dates.get(i).isBefore(span.end());
      String name = which.get(i) == 0 ? "" : names.get(which.get(i) - 1);
      if (isIn && !name.isEmpty() && !named.contains(name)) {
        named.add(name);
      }
    }
    List<Integer> numbers =
        which.stream().map(i -> i == 0 ? 0 : 1 + named.indexOf(names.get(i - 1))).toList();
    return new Holidays(dates, numbers, named);
  }

  /// The last year of which holidays are known.
  int lastYear() {
    return dates.getLast().getYear();
  }

  /// How many they are, for people.
  String text() {
    return "%s%s, of %d to %d; steps of other years have none"
        .formatted(
            Wording.count(dates.size(), "day"),
            names.isEmpty() ? "" : " with " + Wording.count(names.size(), "name"),
            dates.getFirst().getYear(),
            dates.getLast().getYear());
  }

  /// The place of the first that is not before `day`.
  private int place(LocalDate day) {
    int found = Collections.binarySearch(dates, day);
    return found < 0 ? -found - 1 : found;
  }

  /// Reads how many days of `span` are holidays, so that one is 1 and more are not many times as much; and how near the
  /// next one and the last one around it are: 1 / (1 + days), 0 for none.
  ///
  /// @return the place behind what was read
  int read(Span span, double[] into, int at) {
    int from = place(span.from());
    int end = place(span.end());
    into[at] = Math.log1p(end - from) / Math.log(2);
    into[at + 1] =
        end == dates.size() ? 0 : 1.0 / (2 + dates.get(end).toEpochDay() - span.end().toEpochDay());
    into[at + 2] =
        from == 0 ? 0 : 1.0 / (1 + span.from().toEpochDay() - dates.get(from - 1).toEpochDay());
    return at + NUMBERS;
  }

  /// How many numbers [#kind] has: 0 for a name that is not known, 1 for a day that is none, and the names.
  int kinds() {
    return names.size() + 2;
  }

  /// What the first holiday of `span` is.
  int kind(Span span) {
    int at = place(span.from());
    boolean isOne = at < dates.size() && dates.get(at).isBefore(span.end());
    if (!isOne) {
      return 1;
    }
    return which.get(at) == 0 ? 0 : 1 + which.get(at);
  }
}
