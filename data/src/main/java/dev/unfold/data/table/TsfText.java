package dev.unfold.data.table;

import java.io.IOException;
import java.io.Reader;
import java.util.Arrays;

/// The characters of a `.tsf` file, one field after the other: a line may have millions of them.
final class TsfText {
  /// What ends the last line.
  private static final int NONE = -1;

  /// The most characters of a field, or of a line that is none of a series.
  private static final int LONGEST = 1 << 16;

  private final String name;
  private final Reader in;
  private final char[] buffer = new char[1 << 16];
  private int at;
  private int filled;
  private long line = 1;
  private char[] field = new char[64];
  private int length;

  TsfText(String name, Reader in) {
    this.name = name;
    this.in = in;
  }

  Place place() {
    return new Place(name, line);
  }

  /// The next character, which stays; line ends of any kind are `\n`.
  private int peek() throws IOException {
    if (at == filled) {
      filled = Math.max(0, in.read(buffer, 0, buffer.length));
      at = 0;
      if (filled == 0) {
        return NONE;
      }
    }
    return buffer[at] == '\r' ? '\n' : buffer[at];
  }

  private int next() throws IOException {
    int c = peek();
    if (c == NONE) {
      return NONE;
    }
    boolean isReturn = buffer[at++] == '\r';
    if (isReturn && peek() == '\n' && buffer[at] == '\n') {
      at++;
    }
    line += c == '\n' ? 1 : 0;
    return c;
  }

  /// Goes over blank lines and comments.
  ///
  /// @return whether another line follows
  boolean hasLine() throws IOException {
    for (int c = peek(); c != NONE; c = peek()) {
      if (c == '#') {
        while (c != '\n' && c != NONE) {
          c = next();
        }
      } else if (c == '\n' || c == ' ' || c == '\t') {
        next();
      } else {
        return true;
      }
    }
    return false;
  }

  /// Reads up to `end`, or to the end of the line.
  ///
  /// @return whether `end` was there
  boolean field(Place of, char end) throws IOException {
    length = 0;
    for (int c = next(); ; c = next()) {
      if (c == end || c == '\n' || c == NONE) {
        trim();
        return c == end;
      }
      if (length == LONGEST) {
        throw of.refusal("at most %,d characters in one piece".formatted(LONGEST), "more");
      }
      if (length == field.length) {
        field = Arrays.copyOf(field, 2 * length);
      }
      field[length++] = (char) c;
    }
  }

  private void trim() {
    while (length > 0 && field[length - 1] <= ' ') {
      length--;
    }
    int from = 0;
    while (from < length && field[from] <= ' ') {
      from++;
    }
    System.arraycopy(field, from, field, 0, length - from);
    length -= from;
  }

  /// The field, without blanks at its ends, and room behind it.
  char[] chars() {
    return field;
  }

  int length() {
    return length;
  }

  @Override
  public String toString() {
    return new String(field, 0, length);
  }
}
