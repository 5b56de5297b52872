package dev.unfold.run.label;

import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What is looked at of a text of a step.
///
/// @param kind what
/// @param length characters of a beginning or an end; 0 for the others
record WordPart(Kind kind, int length) {
  /// The kinds.
  enum Kind {
    /// The text itself.
    FORM,
    /// The text itself, or else in lower case, whichever is known.
    ANY_CASE,
    /// In lower case.
    LOWER,
    /// Its first characters, with a sign before them, so that all of a short word is told from the beginning of a
    /// longer one.
    PREFIX,
    /// Its last characters in lower case, with a sign before them if the word is no longer.
    SUFFIX,
    /// Its characters as capitals, small letters, digits and others, each run of one kind as one or two signs.
    SHAPE
  }

  private static final int LONGEST_PREFIX = 3;
  private static final int LONGEST_SUFFIX = 4;
  private static final char EDGE = '\u0002';

  static final WordPart FORM = new WordPart(Kind.FORM, 0);
  static final WordPart ANY_CASE = new WordPart(Kind.ANY_CASE, 0);

  /// Those that look inside words, and the word itself.
  ///
  /// @param whole the word itself
  static List<WordPart> withCharacters(WordPart whole) {
    List<WordPart> parts = new ArrayList<>(List.of(whole, new WordPart(Kind.LOWER, 0)));
    for (int n = 1; n <= LONGEST_PREFIX; n++) {
      parts.add(new WordPart(Kind.PREFIX, n));
    }
    for (int n = 1; n <= LONGEST_SUFFIX; n++) {
      parts.add(new WordPart(Kind.SUFFIX, n));
    }
    parts.add(new WordPart(Kind.SHAPE, 0));
    return parts;
  }

  String of(String word) {
    return switch (kind) {
      case FORM, ANY_CASE -> word;
      case LOWER -> word.toLowerCase(Locale.ROOT);
      case PREFIX -> {
        String lower = word.toLowerCase(Locale.ROOT);
        int count = lower.codePointCount(0, lower.length());
        yield count <= length
            ? EDGE + lower
            : lower.substring(0, lower.offsetByCodePoints(0, length));
      }
      case SUFFIX -> {
        String lower = word.toLowerCase(Locale.ROOT);
        int count = lower.codePointCount(0, lower.length());
        yield count <= length
            ? EDGE + lower
            : lower.substring(lower.offsetByCodePoints(0, count - length));
      }
      case SHAPE -> shape(word);
    };
  }

  private static String shape(String word) {
    StringBuilder shape = new StringBuilder();
    word.codePoints()
        .forEach(c -> {
          char sign =
              Character.isUpperCase(c)
                  ? 'X'
                  : Character.isLetter(c)
                      ? 'x'
                      : Character.isDigit(c) ? '0' : c < 128 ? (char) c : '?';
          int size = shape.length();
          boolean isRun =
              size > 1 && shape.charAt(size - 1) == sign && shape.charAt(size - 2) == sign;
          if (!isRun) {
            shape.append(sign);
          }
        });
    return shape.toString();
  }

  /// As [#parse] reads it.
  String text() {
    return kind.name().toLowerCase(Locale.ROOT) + (length == 0 ? "" : Integer.toString(length));
  }

  static WordPart parse(String text) {
    if (text.equals(ANY_CASE.text())) {
      return ANY_CASE;
    }
    for (WordPart part : withCharacters(FORM)) {
      if (part.text().equals(text)) {
        return part;
      }
    }
    throw new Refusal(
        "part", "form, any_case, lower, prefix1 to prefix3, suffix1 to suffix4 or shape", text);
  }
}
