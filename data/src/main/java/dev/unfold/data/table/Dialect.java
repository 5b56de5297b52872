package dev.unfold.data.table;

import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.List;

/// How a file separates values.
///
/// @param delimiter between two values
/// @param quote around a value that holds delimiters or line breaks; [TableOptions#NO_QUOTE] for nothing
record Dialect(char delimiter, char quote) {
  private static final char[] DELIMITERS = {'\t', ';', '|', ','};

  /// Finds what the options leave open from the beginning of a file. The rows of the whole file are checked against
  /// it when they are read.
  ///
  /// @param isWhole whether the beginning is all that there is
  static Dialect of(String start, boolean isWhole, TableOptions options) {
    char quote = options.quote().orElse('"');
    if (options.delimiter().isPresent()) {
      char delimiter = options.delimiter().get();
      return new Dialect(delimiter, options.quote().orElse(quoteFor(start, isWhole, delimiter)));
    }
    int most = 1;
    List<Character> best = new ArrayList<>();
    for (boolean evenly : new boolean[] {true, false}) {
      for (char delimiter : DELIMITERS) {
        char q = options.quote().orElse(quoteFor(start, isWhole, delimiter));
        List<Integer> widths = widths(start, isWhole, delimiter, q);
        int width = widths.isEmpty() ? 0 : widths.getFirst();
        if (width < 2 || (evenly && widths.stream().anyMatch(w -> w != width))) {
          continue;
        }
        if (width > most) {
          best.clear();
          most = width;
        }
        if (width == most) {
          best.add(delimiter);
        }
      }
      if (!best.isEmpty()) {
        break;
      }
    }
    if (best.size() > 1) {
      throw new Refusal(
          "delimiter",
          "it to be said, since two fit the first lines",
          "\"%s\" and \"%s\"".formatted(best.get(0), best.get(1)).replace("\t", "tab"));
    }
    char delimiter = best.isEmpty() ? ',' : best.getFirst();
    return new Dialect(
        delimiter,
        best.isEmpty() ? quote : options.quote().orElse(quoteFor(start, isWhole, delimiter)));
  }

  /// Tab-separated files often quote nothing: there a quotation mark is a character if some value has but one and the
  /// rows are even without quotes.
  private static char quoteFor(String start, boolean isWhole, char delimiter) {
    boolean isPlain =
        delimiter == '\t'
            && hasOpenQuote(start)
            && isEven(widths(start, isWhole, delimiter, TableOptions.NO_QUOTE));
    return isPlain ? TableOptions.NO_QUOTE : '"';
  }

  /// Whether a value begins with a quotation mark and does not end with another.
  private static boolean hasOpenQuote(String start) {
    int from = 0;
    for (int i = 0; i < start.length(); i++) {
      char c = start.charAt(i);
      if (c == '\t' || c == '\n' || c == '\r') {
        if (i > from
            && start.charAt(from) == '"'
            && (i == from + 1 || start.charAt(i - 1) != '"')) {
          return true;
        }
        from = i + 1;
      }
    }
    return false;
  }

  private static boolean isEven(List<Integer> widths) {
    return widths.stream().distinct().count() == 1;
  }

  /// How many values each row has, but for blank ones and one that is cut off.
  private static List<Integer> widths(String start, boolean isWhole, char delimiter, char quote) {
    List<Integer> widths = new ArrayList<>();
    int width = 1;
    boolean isQuoted = false;
    int from = 0;
    int field = 0;
    for (int i = 0; i < start.length(); i++) {
      char c = start.charAt(i);
      if (isQuoted) {
        isQuoted = c != quote;
      } else if (c == quote
          && quote != TableOptions.NO_QUOTE
          && (i == field || start.charAt(i - 1) == quote)) {
        isQuoted = true;
      } else if (c == delimiter) {
        width++;
        field = i + 1;
      } else if (c == '\n' || c == '\r') {
        if (i > from) {
          widths.add(width);
        }
        from = i + 1;
        field = i + 1;
        width = 1;
      }
    }
    if (start.length() > from && (isWhole || widths.isEmpty())) {
      widths.add(width);
    }
    return widths;
  }
}
