package dev.unfold.data.text;

import dev.unfold.data.source.DataException;
import dev.unfold.data.source.TokenList;

/// One token for each word and each end of a line.
final class WordCutter implements Cutter {
  /// More characters than this without white space are no word; a file without any would otherwise
  /// be collected as a single one.
  static final int LONGEST = 1 << 16;

  private final String name;
  private final Types types;
  private final TokenList tokens;
  private final StringBuilder word = new StringBuilder();
  private boolean lineBegun;

  WordCutter(String name, Types types, TokenList tokens) {
    this.name = name;
    this.types = types;
    this.tokens = tokens;
  }

  @Override
  public void cut(char[] piece, int from, int to) {
    lineBegun |= from < to;
    int begin = from;
    for (int i = from; i < to; i++) {
      if (isSpace(piece[i])) {
        extend(piece, begin, i);
        begin = i + 1;
        if (piece[i] == '\n') {
          endLine();
          lineBegun = begin < to;
        } else {
          endText();
        }
      }
    }
    extend(piece, begin, to);
  }

  @Override
  public void endText() {
    if (!word.isEmpty()) {
      tokens.add(types.word(word.toString()));
      word.setLength(0);
    }
  }

  @Override
  public void endFile() {
    if (lineBegun) {
      endLine();
    }
  }

  /// Whether `c` cannot be part of a word.
  static boolean isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
  }

  private void endLine() {
    endText();
    tokens.add(types.word(Vocabulary.END_OF_LINE));
    lineBegun = false;
  }

  private void extend(char[] piece, int from, int to) {
    word.append(piece, from, to - from);
    if (word.length() > LONGEST) {
      throw new DataException(
          "%s: expected words of at most %d characters, got a longer one that begins \"%s...\""
              .formatted(name, LONGEST, word.substring(0, 20)));
    }
  }
}
