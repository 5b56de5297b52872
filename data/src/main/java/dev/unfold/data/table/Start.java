package dev.unfold.data.table;

import dev.unfold.data.source.DataException;
import java.io.IOException;

/// How a file begins.
///
/// @param text its first characters
/// @param isWhole whether there are no more
record Start(String text, boolean isWhole) {
  private static final int LENGTH = 1 << 16;

  static Start of(TableFile file, TableOptions options) {
    char[] chars = new char[LENGTH];
    int length = 0;
    boolean isWhole = false;
    try (DecodedFile in = new DecodedFile(file, options.encoding())) {
      while (length < LENGTH - 1 && !isWhole) {
        int count = in.read(chars, length, LENGTH - length);
        isWhole = count < 0;
        length += Math.max(count, 0);
      }
    } catch (IOException e) {
      throw DecodedFile.unreadable(file.name(), e);
    }
    String text = new String(chars, 0, length);
    if (text.isBlank()) {
      throw new DataException(file.name() + ": expected a table, got an empty file");
    }
    return new Start(text, isWhole);
  }
}
