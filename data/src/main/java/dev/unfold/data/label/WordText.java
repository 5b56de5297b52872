package dev.unfold.data.label;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Text as words: runs of letters, marks and digits, with an apostrophe before them if there is one, so that `don't` is
/// `don` and `'t` whether or not somebody parted it before; any other character but blanks is a word of its own, and so
/// is an ideograph.
public final class WordText {
  private static final Pattern WORD =
      Pattern.compile(
          "\\p{IsIdeographic}|['\u2019]?[\\p{L}\\p{M}\\p{N}&&[^\\p{IsIdeographic}]]++|\\S");

  private WordText() {}

  /// The words of a text; none of blanks alone.
  public static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    Matcher matcher = WORD.matcher(text);
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }
}
