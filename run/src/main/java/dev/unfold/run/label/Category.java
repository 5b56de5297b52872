package dev.unfold.run.label;

import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.label.WordVectors;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// What is looked at of a text of each step, as one of V values that have a vector each. Value 0 stands for all that
/// are rare in the training part, or not in it.
final class Category {
  /// Of a value that occurs n times in the training part, this many in n + this many are read as unknown in training,
  /// so that the vector of what is unknown is learnt from words that are as rare.
  private static final double UNKNOWN = 0.25;

  private static final Comparator<Map.Entry<String, Integer>> MOST_FREQUENT =
      Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder())
          .thenComparing(Map.Entry.comparingByKey());

  private final int text;
  private final WordPart part;
  private final List<String> values;
  private final Map<String, Integer> places = new HashMap<>();

  /// @param text which of a step's texts
  /// @param values those that are told apart, from value 1 on
  Category(int text, WordPart part, List<String> values) {
    this.text = text;
    this.part = part;
    this.values = List.copyOf(values);
    for (int i = 0; i < values.size(); i++) {
      places.putIfAbsent(values.get(i), i + 1);
    }
  }

  /// The values of `training` that occur `least` times or more there, the most frequent first.
  static Category of(LabelledData training, int text, WordPart part, int least) {
    Map<String, Integer> counts = counts(training, text, part);
    List<String> values =
        counts.entrySet().stream()
            .filter(entry -> entry.getValue() >= least)
            .sorted(MOST_FREQUENT)
            .map(Map.Entry::getKey)
            .toList();
    return new Category(text, part, values);
  }

  /// The same, and all words that have a vector: the words of `training` before those that it has not.
  static Category of(LabelledData training, int text, int least, WordVectors vectors) {
    Map<String, Integer> counts = counts(training, text, WordPart.ANY_CASE);
    Set<String> values = new LinkedHashSet<>();
    counts.entrySet().stream()
        .filter(entry -> entry.getValue() >= least || vectors.of(entry.getKey()).isPresent())
        .sorted(MOST_FREQUENT)
        .forEach(entry -> values.add(entry.getKey()));
    values.addAll(vectors.words());
    return new Category(text, WordPart.ANY_CASE, List.copyOf(values));
  }

  private static Map<String, Integer> counts(LabelledData training, int text, WordPart part) {
    Map<String, Integer> counts = new TreeMap<>();
    int width = training.texts().size();
    for (LabelledSequence sequence : training.sequences()) {
      for (int t = 0; t < sequence.steps(); t++) {
        counts.merge(part.of(sequence.texts().get(t * width + text)), 1, Integer::sum);
      }
    }
    return counts;
  }

  /// For each value how often it is to be read as unknown in training.
  double[] unknownShares(LabelledData training) {
    double[] shares = new double[size()];
    counts(training, text, part)
        .forEach((value, count) -> {
          int place = place(value);
          shares[place] = place == 0 ? 0 : UNKNOWN / (UNKNOWN + count);
        });
    return shares;
  }

  /// V
  int size() {
    return values.size() + 1;
  }

  /// The width of its vectors.
  ///
  /// @param embedding that of whole texts
  int width(int embedding) {
    if (part.equals(WordPart.ANY_CASE)) {
      return embedding;
    }
    int most =
        switch (part.kind()) {
          case FORM, ANY_CASE -> embedding;
          case LOWER -> Math.ceilDiv(embedding, 2);
          case PREFIX, SUFFIX, SHAPE -> Math.ceilDiv(embedding, 4);
        };
    return Math.min(most, Math.ceilDiv(size(), 2));
  }

  int text() {
    return text;
  }

  WordPart part() {
    return part;
  }

  List<String> values() {
    return values;
  }

  /// Which value a text of a step has.
  int of(String word) {
    return place(part.of(word));
  }

  private int place(String value) {
    Integer own = places.get(value);
    if (own == null && part.equals(WordPart.ANY_CASE)) {
      own = places.get(value.toLowerCase(Locale.ROOT));
    }
    return own == null ? 0 : own;
  }
}
