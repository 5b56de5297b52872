package dev.unfold.data.text;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.TokenList;

/// Cuts characters, which come in pieces, into tokens.
sealed interface Cutter permits CharCutter, WordCutter {
  /// For a text cut into `unit`s, which is not [Unit#BYTE].
  static Cutter of(Unit unit, TextForm form, String name, Types types, TokenList tokens) {
    return switch (unit) {
      case CHAR -> new CharCutter(types, tokens, form);
      case WORD -> new WordCutter(name, types, tokens);
      case BYTE -> throw new Refusal("unit", "CHAR or WORD", "BYTE");
    };
  }

  /// Takes the characters from `from` to before `to`. No piece ends within a surrogate pair.
  void cut(char[] piece, int from, int to);

  /// Ends a text that another may continue, as a network continues a prompt.
  void endText();

  /// Ends a file: what follows its last line feed is a line.
  void endFile();
}
