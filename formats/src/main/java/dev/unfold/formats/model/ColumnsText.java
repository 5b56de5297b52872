package dev.unfold.formats.model;

import dev.unfold.model.Encoder;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// The columns that a network reads, as text: how many numbers, and vocabulary and width of each embedding, as in
/// `numbers=3;12x4;100x16`.
final class ColumnsText {
  static final String EXPECTED = "columns as in numbers=3;12x4;100x16";
  private static final String NUMBERS = "numbers=";

  private ColumnsText() {}

  static String of(Encoder.Columns columns) {
    return NUMBERS
        + columns.numbers()
        + columns.categories().stream()
            .map(table -> ";%dx%d".formatted(table.vocabulary(), table.width()))
            .collect(Collectors.joining());
  }

  /// **Errors**: [IllegalArgumentException] for any text that [#of] does not give.
  static Encoder.Columns parse(String text) {
    String[] parts = text.split(";", -1);
    if (!parts[0].startsWith(NUMBERS)) {
      throw new IllegalArgumentException(text);
    }
    List<Encoder.Embedding> categories = new ArrayList<>();
    for (int c = 1; c < parts.length; c++) {
      int cross = parts[c].indexOf('x');
      if (cross < 0) {
        throw new IllegalArgumentException(parts[c]);
      }
      categories.add(
          new Encoder.Embedding(
              Integer.parseInt(parts[c].substring(0, cross)),
              Integer.parseInt(parts[c].substring(cross + 1))));
    }
    Encoder.Columns columns =
        new Encoder.Columns(Integer.parseInt(parts[0].substring(NUMBERS.length())), categories);
    if (!of(columns).equals(text)) {
      throw new IllegalArgumentException(text);
    }
    return columns;
  }
}
