package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.data.table.Column;
import dev.unfold.data.table.ColumnType;
import dev.unfold.data.table.Row;
import dev.unfold.data.table.Table;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.sequence.Inputs;
import java.nio.file.Path;
import java.util.Optional;

/// A table as the steps of one sequence: the numbers that a network reads, then its tokens or categories.
final class StepFile {
  private static final int MOST = 1_000_000;

  private StepFile() {}

  static Inputs read(Path file, Encoder encoder, Kernels kernels) {
    try (Table table = Table.read(file)) {
      int numbers = encoder.numbers();
      int categories = encoder.categories().size();
      if (table.columns().size() != numbers + categories) {
        throw new Refusal(
            "data",
            "a table of %d columns, as the model reads".formatted(numbers + categories),
            "%s with %d".formatted(file, table.columns().size()));
      }
      for (Column column : table.columns()) {
        if (column.type() != ColumnType.NUMBER && column.type() != ColumnType.WHOLE) {
          throw new Refusal(
              "data",
              "numbers in each column of " + file,
              "%s in column %s".formatted(column.type().text(), column.name()));
        }
      }
      if (table.rowCount() < 1 || table.rowCount() > MOST) {
        throw new Refusal("data", "1 to %,d rows".formatted(MOST), table.rowCount());
      }
      int rows = (int) table.rowCount();
      Matrix values = kernels.allocate(rows, Math.max(1, numbers));
      int[][] tokens = new int[categories][rows];
      int[] at = new int[1];
      table.rows(row -> {
        for (int c = 0; c < numbers; c++) {
          values.set(at[0], c, number(file, at[0], row, c));
        }
        for (int c = 0; c < categories; c++) {
          double token = number(file, at[0], row, numbers + c);
          int vocabulary = encoder.categories().get(c).vocabulary();
          if (token != Math.rint(token) || token < 0 || token >= vocabulary) {
            throw refusal(file, at[0], "a whole number from 0 to " + (vocabulary - 1), token);
          }
          tokens[c][at[0]] = (int) token;
        }
        at[0]++;
      });
      return switch (encoder) {
        case Encoder.Embedding _ -> new Inputs.Tokens(tokens[0], 0);
        case Encoder.Vectors _ -> new Inputs.Vectors(values);
        case Encoder.Columns _ ->
            new Inputs.Columns(numbers == 0 ? Optional.empty() : Optional.of(values), tokens, 0);
      };
    }
  }

  private static double number(Path file, int at, Row row, int column) {
    if (row.isMissing(column)) {
      throw refusal(file, at, "a number in each column", "none");
    }
    return row.number(column);
  }

  private static Refusal refusal(Path file, int at, String expected, Object got) {
    return new Refusal("data", expected, "%s in row %d of %s".formatted(got, at + 1, file));
  }
}
