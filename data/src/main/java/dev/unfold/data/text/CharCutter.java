package dev.unfold.data.text;

import dev.unfold.data.source.TokenList;

/// One token for each code point.
final class CharCutter implements Cutter {
  private final Types types;
  private final TokenList tokens;

  CharCutter(Types types, TokenList tokens) {
    this.types = types;
    this.tokens = tokens;
  }

  @Override
  public void cut(char[] piece, int from, int to) {
    int codePoint;
    for (int i = from; i < to; i += Character.charCount(codePoint)) {
      codePoint = Character.codePointAt(piece, i, to);
      tokens.add(types.character(codePoint));
    }
  }

  @Override
  public void endText() {}

  @Override
  public void endFile() {}
}
