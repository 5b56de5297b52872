package dev.unfold.data.text;

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
    if (unit == Unit.WORD && !missing.contains(Vocabulary.UNKNOWN_WORD)) {
      beforeTheLast(entries);
    }
    return Vocabulary.of(unit, entries.stream().map(Entry::token).toList());
  }

  /// Puts an `<unk>` that the text has before another word: the last place says that the text lacks it.
  private static void beforeTheLast(List<Entry> entries) {
    int last = entries.size() - 1;
    if (entries.get(last).token().equals(Vocabulary.UNKNOWN_WORD)) {
      entries.add(last - 1, entries.removeLast());
    }
  }

  private static Comparator<Entry> order(Unit unit) {
    return unit == Unit.CHAR
        ? Comparator.comparingInt(entry -> entry.token().codePointAt(0))
        : Comparator.comparingLong(Entry::count).reversed().thenComparing(Entry::token);
  }

  private record Entry(String token, long count) {}
}
