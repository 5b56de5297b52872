package dev.unfold.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Puts the tokens of a training text into the order of a vocabulary.
final class VocabularyOrder {
  private VocabularyOrder() {}

  /// The vocabulary of the `types` that occur, and of the reserved ones.
  static Vocabulary of(Unit unit, List<String> types, long[] counts) {
    List<Entry> entries = new ArrayList<>();
    List<String> missing = new ArrayList<>(Vocabulary.reserved(unit));
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        entries.add(new Entry(types.get(i), counts[i]));
        missing.remove(types.get(i));
      }
    }
    missing.forEach(token -> entries.add(new Entry(token, 0)));
    entries.sort(order(unit));
    return Vocabulary.of(unit, entries.stream().map(Entry::token).toList());
  }

  private static Comparator<Entry> order(Unit unit) {
    return unit == Unit.CHAR
        ? Comparator.comparingInt(entry -> entry.token().codePointAt(0))
        : Comparator.comparingLong(Entry::count).reversed().thenComparing(Entry::token);
  }

  private record Entry(String token, long count) {}
}
