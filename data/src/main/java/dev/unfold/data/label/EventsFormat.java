package dev.unfold.data.label;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.Place;
import dev.unfold.data.table.Row;
import dev.unfold.data.table.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A table of events: its rows with the same value in one column are a sequence, in the order of their times, and have
/// one label. Columns of numbers are numbers of a step, all others are texts.
///
/// @param by name of the column that tells sequences apart
/// @param time name of the column of times; empty for the order of the rows
/// @param label name of the column of labels
/// @param numbers names of the columns of numbers; null before the files are seen
/// @param texts names of the columns of texts, or before the files are seen of all that steps have: empty for all
///     others
public record EventsFormat(
    String by, String time, String label, List<String> numbers, List<String> texts)
    implements RowFormat {
  static final String NAME = "events";

  /// No column.
  static final int NONE = -1;

  private static final String BETWEEN = "\n";

  /// Checks that they are given.
  public EventsFormat {
    Expect.given("by", by);
    Expect.given("time", time);
    Expect.given("label", label);
    texts = List.copyOf(texts);
    numbers = numbers == null ? null : List.copyOf(numbers);
    for (List<String> names : numbers == null ? List.of(texts) : List.of(numbers, texts)) {
      for (String name : names) {
        if (name.contains(BETWEEN)) {
          throw new Refusal("features", "columns whose names have no line breaks", name);
        }
      }
    }
  }

  /// A form whose types the files tell.
  ///
  /// @param features names of columns; none for all others
  public static EventsFormat of(String by, String time, String label, List<String> features) {
    return new EventsFormat(by, time, label, null, features);
  }

  private record Event(long time, double[] numbers, String[] texts) {}

  /// The events of one sequence, in the order of the rows.
  private record Group(Place place, List<Event> events, List<String> labels) {}

  @Override
  public LabelledData read(Table table, Labels labels) {
    EventsFormat typed = typed(table);
    int[] ofNumbers = typed.numeric(table);
    int[] ofTexts = typed.indices(table);
    int group = table.column("by", by).index();
    int order = time.isEmpty() ? NONE : times(table.column("time", time));
    int classes = labels == Labels.REQUIRED ? table.column("label", label).index() : NONE;
    Map<String, Group> groups = new LinkedHashMap<>();
    table.rows(row -> {
      if (row.isMissing(group)) {
        throw row.place().refusal(by, "a value", "none");
      }
      List<String> own = TextFormat.labels(row, classes, label);
      Group all =
          groups.computeIfAbsent(
              row.text(group), _ -> new Group(row.place(), new ArrayList<>(), own));
      if (!all.labels.equals(own)) {
        throw row.place()
            .refusal(
                label,
                "%s as in line %d, since a sequence has one label"
                    .formatted(Place.shown(all.labels.getFirst()), all.place.line()),
                Place.shown(own.getFirst()));
      }
      all.events.add(event(row, order, ofNumbers, ofTexts));
    });
    List<LabelledSequence> sequences =
        groups.values().stream().map(EventsFormat::sequence).toList();
    return LabelFormat.data(typed.numbers, typed.texts, sequences, table.sources(), typed);
  }

  private Event event(Row row, int order, int[] ofNumbers, int[] ofTexts) {
    if (order != NONE && row.isMissing(order)) {
      throw row.place().refusal(time, "a time", "none");
    }
    return new Event(
        order == NONE ? 0 : row.time(order),
        Arrays.stream(ofNumbers)
            .mapToDouble(column -> row.isMissing(column) ? Double.NaN : row.number(column))
            .toArray(),
        Arrays.stream(ofTexts)
            .mapToObj(column -> row.isMissing(column) ? "" : row.text(column))
            .toArray(String[]::new));
  }

  private static LabelledSequence sequence(Group group) {
    List<Event> events = group.events;
    events.sort(Comparator.comparingLong(Event::time));
    return new LabelledSequence(
        group.place,
        events.size(),
        events.stream().flatMapToDouble(event -> Arrays.stream(event.numbers)).toArray(),
        events.stream().flatMap(event -> Stream.of(event.texts)).toList(),
        group.labels);
  }

  /// The same with the types that the columns of a table have.
  private EventsFormat typed(Table table) {
    if (numbers != null) {
      return this;
    }
    List<String> names = texts.isEmpty() ? others(table) : texts;
    List<String> ofNumbers = new ArrayList<>();
    List<String> ofTexts = new ArrayList<>();
    for (String name : names) {
      (table.column("features", name).type().isNumeric() ? ofNumbers : ofTexts).add(name);
    }
    if (names.isEmpty()) {
      throw new DataException(
          "%s: expected columns beside %s, %s and %s, got none"
              .formatted(table.files().getFirst(), by, time, label));
    }
    return new EventsFormat(by, time, label, ofNumbers, ofTexts);
  }

  private List<String> others(Table table) {
    List<String> own = List.of(by, time, label);
    return table.columns().stream().map(Column::name).filter(name -> !own.contains(name)).toList();
  }

  private int[] numeric(Table table) {
    for (String name : numbers) {
      Column column = table.column("features", name);
      boolean isUsable = column.type().isNumeric() || column.missing() == column.rows();
      if (!isUsable) {
        throw new DataException(
            "%s: column %s: expected numbers, as in training, got %s"
                .formatted(table.files().getFirst(), Place.shown(name), column.type().text()));
      }
    }
    return numbers.stream().mapToInt(name -> table.column("features", name).index()).toArray();
  }

  private int[] indices(Table table) {
    return texts.stream().mapToInt(name -> table.column("features", name).index()).toArray();
  }

  private static int times(Column column) {
    return switch (column.type()) {
      case TIME, WHOLE -> column.index();
      case NUMBER, BOOLEAN, TEXT, EMPTY ->
          throw new Refusal("time", "a column of times or whole numbers", column.type().text());
    };
  }

  @Override
  public Map<String, String> described() {
    return LabelFormat.described(
        NAME,
        "by",
        by,
        "time",
        time,
        "label",
        label,
        "numbers",
        String.join(BETWEEN, numbers == null ? List.of() : numbers),
        "texts",
        String.join(BETWEEN, texts));
  }

  static EventsFormat parse(Map<String, String> described) {
    return new EventsFormat(
        described.getOrDefault("by", ""),
        described.getOrDefault("time", ""),
        described.getOrDefault("label", ""),
        names(described, "numbers"),
        names(described, "texts"));
  }

  private static List<String> names(Map<String, String> described, String key) {
    String all = described.getOrDefault(key, "");
    return all.isEmpty() ? List.of() : List.of(all.split(BETWEEN, -1));
  }
}
