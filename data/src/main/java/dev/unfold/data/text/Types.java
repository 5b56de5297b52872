package dev.unfold.data.text;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The different tokens met so far, numbered as they come.
final class Types {
  private static final int PAGE_BITS = 8;

  private final List<String> names = new ArrayList<>();
  private final Map<String, Integer> words = new HashMap<>();
  // By code point in pages; 0 means not met, other values are one more than the number.
  private final int[][] pages = new int[(Character.MAX_CODE_POINT >> PAGE_BITS) + 1][];

  /// The number of a word.
  int word(String word) {
    Integer number = words.putIfAbsent(word, names.size());
    if (number != null) {
      return number;
    }
    names.add(word);
    return names.size() - 1;
  }

  /// The number of a character.
  int character(int codePoint) {
    int[] page = pages[codePoint >> PAGE_BITS];
    if (page == null) {
      page = new int[1 << PAGE_BITS];
      pages[codePoint >> PAGE_BITS] = page;
    }
    int place = codePoint & ((1 << PAGE_BITS) - 1);
    if (page[place] == 0) {
      names.add(Character.toString(codePoint));
      page[place] = names.size();
    }
    return page[place] - 1;
  }

  /// All tokens, by their numbers.
  List<String> names() {
    return Collections.unmodifiableList(names);
  }
}
