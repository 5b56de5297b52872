package dev.unfold.data.text;

import dev.unfold.data.source.TokenList;

/// One token for each code point.
final class CharCutter implements Cutter {
  private final Types types;
  private final TokenList tokens;
  private final TextForm form;

  /// Whether the last line has no end yet.
  private boolean lineBegun;

  CharCutter(Types types, TokenList tokens, TextForm form) {
    this.types = types;
    this.tokens = tokens;
    this.form = form;
  }

  @Override
  public void cut(char[] piece, int from, int to) {
    int codePoint;
    for (int i = from; i < to; i += Character.charCount(codePoint)) {
      codePoint = Character.codePointAt(piece, i, to);
      tokens.add(types.character(codePoint));
    }
    lineBegun = from < to ? piece[to - 1] != '\n' : lineBegun;
  }

  @Override
  public void endText() {}

  @Override
  public void endFile() {
    if (lineBegun && form == TextForm.LINES) {
      tokens.add(types.character('\n'));
    }
    lineBegun = false;
  }
}
