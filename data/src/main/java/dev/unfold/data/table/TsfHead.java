package dev.unfold.data.table;

import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What a `.tsf` file says of its series before they come.
///
/// @param place of the line before them
/// @param attributes what each series has before its values
/// @param frequency as it is written; empty if nothing is said
/// @param step between two values, if there is a start as well to count from
/// @param horizon how much is to be foreseen; empty if nothing is said
record TsfHead(
    Place place,
    List<Attribute> attributes,
    String frequency,
    Optional<TsfStep> step,
    String horizon) {
  private static final Set<String> KNOWN =
      Set.of(
          "@relation", "@attribute", "@frequency", "@horizon", "@missing", "@equallength", "@data");

  /// What an attribute is.
  enum Type {
    STRING,
    NUMERIC,
    DATE
  }

  /// What each series has.
  record Attribute(String name, Type type) {}

  /// Whether a file that begins so is one.
  static boolean begins(String start) {
    return start
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .findFirst()
        .filter(line -> KNOWN.contains(line.split("\\s", 2)[0].toLowerCase(Locale.ROOT)))
        .isPresent();
  }

  /// The attribute that is the time of the first value, if there is one.
  Optional<Attribute> start() {
    return attributes.stream().filter(each -> each.type() == Type.DATE).findFirst();
  }

  /// The names of the columns that values have.
  List<String> columns() {
    List<String> all = new ArrayList<>(attributes.stream().map(Attribute::name).toList());
    all.add(time());
    all.add("value");
    return all;
  }

  /// The name of the column that values are in the order of.
  private String time() {
    return step.isPresent() ? "time" : "step";
  }

  /// Names tell series apart; if there are none, numbers do.
  SeriesLayout layout() {
    List<String> names = names(Type.STRING);
    return new SeriesLayout(names.isEmpty() ? names(Type.NUMERIC) : names, time(), "value");
  }

  private List<String> names(Type type) {
    return attributes.stream().filter(each -> each.type() == type).map(Attribute::name).toList();
  }

  /// Reads it, up to the first series.
  static TsfHead read(String file, TsfText text) throws IOException {
    List<Attribute> attributes = new ArrayList<>();
    Map<String, String> said = new HashMap<>();
    Optional<TsfStep> step = Optional.empty();
    while (text.hasLine()) {
      Place place = text.place();
      text.field(place, '\n');
      String[] words = text.toString().split("\\s+", -1);
      String name = words[0].toLowerCase(Locale.ROOT);
      if (!name.startsWith("@")) {
        throw place.refusal("lines with @ before @data", Place.shown(text.toString()));
      }
      if (name.equals("@data")) {
        return of(place, attributes, said, step);
      }
      if (name.equals("@attribute")) {
        attributes.add(attribute(place, words, attributes.size()));
      } else if (said.put(name, words.length == 2 ? words[1] : "") != null) {
        throw place.refusal(Place.shown(name) + " once", "another");
      }
      if (name.equals("@frequency")) {
        step = Optional.of(step(place, said.get(name)));
      }
    }
    throw new DataException(file + ": expected a line @data, got none");
  }

  private static TsfStep step(Place place, String frequency) {
    return TsfStep.parse(frequency)
        .orElseThrow(() ->
            place.refusal(
                "a frequency such as hourly, half_hourly, monthly or 10_minutes",
                frequency.isEmpty() ? "none" : Place.shown(frequency)));
  }

  private static Attribute attribute(Place place, String[] words, int before) {
    if (words.length == 3 && before < Row.WIDEST) {
      for (Type type : Type.values()) {
        if (type.name().equalsIgnoreCase(words[2])) {
          return new Attribute(words[1], type);
        }
      }
    }
    throw place.refusal(
        "@attribute NAME and string, numeric or date, at most %,d times".formatted(Row.WIDEST),
        Place.shown(String.join(" ", words)));
  }

  private static TsfHead of(
      Place place, List<Attribute> attributes, Map<String, String> said, Optional<TsfStep> step) {
    if (attributes.isEmpty()) {
      throw place.refusal("@attribute lines before @data", "none");
    }
    boolean hasStart = attributes.stream().anyMatch(each -> each.type() == Type.DATE);
    return new TsfHead(
        place,
        attributes,
        said.getOrDefault("@frequency", ""),
        step.filter(_ -> hasStart),
        said.getOrDefault("@horizon", ""));
  }
}
