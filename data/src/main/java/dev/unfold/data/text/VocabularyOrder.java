package dev.unfold.data.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Puts the tokens of a training text into the order of a vocabulary.
final class VocabularyOrder {
  private VocabularyOrder() {}

  /// The vocabulary of the `types` that occur, within limits, and of the reserved ones.
  static Vocabulary of(Unit unit, List<String> types, long[] counts, WordLimits limits) {
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
    if (limits.areAny() && limit(entries, limits)) {
      missing.remove(Vocabulary.UNKNOWN_WORD);
    }
    if (unit == Unit.WORD && !missing.contains(Vocabulary.UNKNOWN_WORD)) {
      beforeTheLast(entries);
    }
    return Vocabulary.of(unit, entries.stream().map(Entry::token).toList());
  }

  /// Lets `<unk>` stand for the words beyond the limits, if there are any.
  private static boolean limit(List<Entry> entries, WordLimits limits) {
    long others = 0;
    List<Entry> reserved = new ArrayList<>();
    List<Entry> words = new ArrayList<>();
    for (Entry entry : entries) {
      boolean isReserved = Vocabulary.reserved(Unit.WORD).contains(entry.token());
      if (isReserved) {
        reserved.add(entry);
      } else if (entry.count() >= limits.minCount()
          && words.size() < limits.most() - Vocabulary.reserved(Unit.WORD).size()) {
        words.add(entry);
      } else {
        others += entry.count();
      }
    }
    if (others == 0) {
      return false;
    }
    entries.clear();
    entries.addAll(words);
    for (Entry entry : reserved) {
      long more = entry.token().equals(Vocabulary.UNKNOWN_WORD) ? others : 0;
      entries.add(new Entry(entry.token(), entry.count() + more));
    }
    entries.sort(order(Unit.WORD));
    return true;
  }

  /// Puts an `<unk>` that is trained before another word: the last place says that the text lacks it.
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
