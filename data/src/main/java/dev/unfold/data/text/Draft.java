package dev.unfold.data.text;

import dev.unfold.data.source.Heap;
import dev.unfold.data.source.Source;
import java.util.Arrays;
import java.util.List;

/// A text as numbers of the tokens met in it, before a vocabulary is chosen.
///
/// @param name what messages call the text
/// @param ids the numbers of the tokens in the first `count` places
/// @param count how many tokens there are
/// @param types the different tokens, by number
/// @param sources the files it came from
record Draft(String name, int[] ids, int count, List<String> types, List<Source> sources) {
  /// The vocabulary of the first `length` tokens.
  Vocabulary vocabulary(Unit unit, WordLimits limits, int length) {
    if (unit == Unit.BYTE) {
      return Vocabulary.ofBytes();
    }
    long[] counts = new long[types.size()];
    for (int i = 0; i < length; i++) {
      counts[ids[i]]++;
    }
    return VocabularyOrder.of(unit, types, counts, limits);
  }

  /// All tokens, as `vocabulary` numbers them.
  Text text(Vocabulary vocabulary, Heap heap) {
    return part("", vocabulary, 0, count, heap);
  }

  /// The tokens from `from` to before `to`, as `vocabulary` numbers them.
  Text part(String suffix, Vocabulary vocabulary, int from, int to, Heap heap) {
    heap.require((long) (to - from) * Integer.BYTES, name + ": a copy of the tokens");
    int[] tokens = Arrays.copyOfRange(ids, from, to);
    int[] numbers = new int[types.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = vocabulary.id(types.get(i)).orElse(-1);
    }
    Replaced replaced = Replaced.NONE;
    int unknown = vocabulary.unknown().orElse(-1);
    for (int i = 0; i < tokens.length; i++) {
      int number = numbers[tokens[i]];
      if (number < 0) {
        replaced =
            replaced.count() == 0
                ? new Replaced(1, types.get(tokens[i]), i)
                : new Replaced(replaced.count() + 1, replaced.first(), replaced.position());
        number = unknown;
      }
      tokens[i] = number;
    }
    return new Text(name + suffix, tokens, replaced, sources);
  }
}
