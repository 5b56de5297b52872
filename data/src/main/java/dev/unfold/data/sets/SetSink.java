package dev.unfold.data.sets;

import dev.unfold.data.source.DataException;
import dev.unfold.data.source.FileReader;
import dev.unfold.data.source.TokenList;

/// Takes the bytes of a file of sets apart. A byte order mark at the start is left out.
final class SetSink implements FileReader.Sink {
  /// Comes after the numbers of a step.
  static final int END_OF_STEP = -1;

  /// Comes after the steps of a sequence.
  static final int END_OF_SEQUENCE = -2;

  /// U+FEFF in UTF-8.
  private static final String BYTE_ORDER_MARK = "\u00EF\u00BB\u00BF";

  /// What was read of the present step.
  private enum Within {
    /// Nothing of it.
    NOTHING,
    /// A number, which may go on.
    NUMBER,
    /// A comma, so a number has to follow.
    COMMA,
    /// A dash, so it is empty.
    DASH
  }

  private final String name;
  private final TokenList numbers;
  private Within within = Within.NOTHING;
  private int number;
  private long line = 1;
  private boolean hasSteps;

  /// Bytes of the byte order mark that were read; all of them where none can be any more.
  private int marked;

  SetSink(String name, TokenList numbers) {
    this.name = name;
    this.numbers = numbers;
  }

  @Override
  public void take(byte[] piece, int count) {
    for (int i = 0; i < count; i++) {
      take((char) Byte.toUnsignedInt(piece[i]));
    }
  }

  private void take(char c) {
    if (marked < BYTE_ORDER_MARK.length()) {
      if (c == BYTE_ORDER_MARK.charAt(marked)) {
        marked++;
        return;
      }
      if (marked > 0) {
        throw unexpected("numbers separated by commas, or a dash", "a part of a byte order mark");
      }
      marked = BYTE_ORDER_MARK.length();
    }
    switch (c) {
      case ' ', '\t', '\r' -> endStep();
      case '\n' -> endLine();
      case ',' -> {
        if (within != Within.NUMBER) {
          throw unexpected("a number before a comma", "none");
        }
        numbers.add(number);
        within = Within.COMMA;
      }
      case '-' -> {
        if (within != Within.NOTHING) {
          throw unexpected("a blank before a dash", "none");
        }
        within = Within.DASH;
      }
      default -> digit(c);
    }
  }

  private void digit(char c) {
    if (c < '0' || c > '9' || within == Within.DASH) {
      throw unexpected(
          "numbers separated by commas, or a dash",
          c > ' ' && c < 127 ? "" + c : "byte " + (int) c);
    }
    number = (within == Within.NUMBER ? 10 * number : 0) + c - '0';
    if (number > SetSequences.LARGEST) {
      throw unexpected("numbers up to " + SetSequences.LARGEST, "a larger one");
    }
    within = Within.NUMBER;
  }

  private void endStep() {
    switch (within) {
      case NOTHING -> {
        return;
      }
      case COMMA -> throw unexpected("a number after a comma", "none");
      case NUMBER -> numbers.add(number);
      case DASH -> {}
    }
    numbers.add(END_OF_STEP);
    within = Within.NOTHING;
    hasSteps = true;
  }

  private void endLine() {
    endStep();
    if (hasSteps) {
      numbers.add(END_OF_SEQUENCE);
    }
    hasSteps = false;
    line++;
  }

  @Override
  public void end() {
    if (marked > 0 && marked < BYTE_ORDER_MARK.length()) {
      throw unexpected("numbers separated by commas, or a dash", "a part of a byte order mark");
    }
    endLine();
    line = 1;
  }

  private DataException unexpected(String expected, String got) {
    return new DataException(
        "%s: line %d: expected %s, got %s".formatted(name, line, expected, got));
  }
}
