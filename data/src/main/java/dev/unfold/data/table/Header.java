package dev.unfold.data.table;

import dev.unfold.data.source.DataException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The names of columns, and where each stands.
final class Header {
  private final List<String> names = new ArrayList<>();
  private final Map<String, Integer> places = new HashMap<>();

  /// Adds a name, and returns its place.
  int add(String name, Place place) {
    if (name.isEmpty()) {
      throw place.refusal(
          "a name for each column (--names names them if there is no line of names)",
          "none for column " + (names.size() + 1));
    }
    Integer before = places.putIfAbsent(name, names.size());
    if (before != null) {
      throw place.refusal(
          "another name for each column",
          "%s for columns %d and %d".formatted(Place.shown(name), before + 1, names.size() + 1));
    }
    if (names.size() == Row.WIDEST) {
      throw place.refusal("at most %,d columns".formatted(Row.WIDEST), "more");
    }
    names.add(name);
    return names.size() - 1;
  }

  /// Its place; negative if there is no such column.
  int find(String name) {
    return places.getOrDefault(name, -1);
  }

  List<String> names() {
    return names;
  }

  int size() {
    return names.size();
  }

  /// Takes the names from the first row of a file; of another file than the first they have to be the same.
  void take(Row row) {
    if (size() > 0) {
      expectSame(row);
      return;
    }
    for (int i = 0; i < row.width(); i++) {
      add(row.text(i), row.place());
    }
  }

  /// Checks that a row has a value of each column, and no more.
  void expectWidth(Row row) {
    if (row.width() != size()) {
      throw row.place()
          .refusal(
              "%,d values, as there are columns".formatted(size()),
              "%,d, the first %s"
                  .formatted(row.width(), row.width() == 0 ? "none" : Place.shown(row.text(0))));
    }
  }

  private void expectSame(Row row) {
    for (int i = 0; i < Math.max(row.width(), size()); i++) {
      String expected = i < size() ? names.get(i) : "no more";
      String got = i < row.width() ? row.text(i) : "no more";
      if (!expected.equals(got)) {
        throw row.place()
            .refusal(
                "the columns of the first file, %s as column %d"
                    .formatted(Place.shown(expected), i + 1),
                Place.shown(got));
      }
    }
  }

  /// What to throw for a name that nothing has.
  DataException unknown(String argument, String name) {
    String all = names.stream().limit(20).collect(Collectors.joining(", "));
    String more = size() > 20 ? " and %,d more".formatted(size() - 20) : "";
    return new DataException(
        "%s: expected one of the columns %s%s, got %s".formatted(argument, all, more, name));
  }
}
