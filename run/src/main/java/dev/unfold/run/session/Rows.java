package dev.unfold.run.session;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.sequence.Inputs;
import java.util.List;
import java.util.Optional;

/// Rows of what a network reads, put together from those of several sessions.
final class Rows {
  private final Inputs inputs;

  /// Of as many rows as are run at once.
  Rows(Encoder encoder, ElementType type, int rows) {
    inputs =
        switch (encoder) {
          case Encoder.Embedding _ -> new Inputs.Tokens(new int[rows], 0);
          case Encoder.Vectors vectors ->
              new Inputs.Vectors(Matrix.onHeap(type, rows, vectors.width()));
          case Encoder.Columns columns ->
              new Inputs.Columns(
                  columns.numbers() == 0
                      ? Optional.empty()
                      : Optional.of(Matrix.onHeap(type, rows, columns.numbers())),
                  new int[columns.categories().size()][rows],
                  0);
        };
  }

  /// What is run.
  Inputs inputs() {
    return inputs;
  }

  /// Copies row `from` of `source` to row `to`.
  void set(int to, Inputs source, int from) {
    switch (inputs) {
      case Inputs.Tokens own -> {
        Inputs.Tokens its = (Inputs.Tokens) source;
        own.tokens()[to] = its.tokens()[its.from() + from];
      }
      case Inputs.Vectors own -> copy(((Inputs.Vectors) source).values(), from, own.values(), to);
      case Inputs.Columns own -> {
        Inputs.Columns its = (Inputs.Columns) source;
        own.numbers().ifPresent(all -> copy(its.numbers().orElseThrow(), from, all, to));
        for (int c = 0; c < own.categories().length; c++) {
          own.categories()[c][to] = its.categories()[c][its.from() + from];
        }
      }
    }
  }

  private static void copy(Matrix from, int row, Matrix to, int toRow) {
    if (from.buffer().type() == to.buffer().type()) {
      to.copyRow(from, row, toRow);
    } else {
      for (int i = 0; i < to.cols(); i++) {
        to.set(toRow, i, from.get(row, i));
      }
    }
  }

  /// Refuses what a network does not read, before it is put beside others' rows.
  ///
  /// **Errors**: [Refusal] that names the first place.
  static void check(Encoder encoder, Inputs rows) {
    if (rows.rows() < 1) {
      throw new Refusal("rows", "one or more", "none");
    }
    if (encoder instanceof Encoder.Embedding own && rows instanceof Inputs.Tokens its) {
      for (int r = 0; r < rows.rows(); r++) {
        checkCategory("tokens[%d]", r, own.vocabulary(), its.tokens()[its.from() + r]);
      }
    } else if (encoder instanceof Encoder.Vectors own && rows instanceof Inputs.Vectors its) {
      checkNumbers(own.width(), its.values());
    } else if (encoder instanceof Encoder.Columns own && rows instanceof Inputs.Columns its) {
      checkColumns(own, its);
    } else {
      throw new Refusal("rows", kind(encoder), kind(rows));
    }
  }

  private static void checkColumns(Encoder.Columns own, Inputs.Columns its) {
    List<Encoder.Embedding> categories = own.categories();
    if (its.width() != own.numbers() || its.categories().length != categories.size()) {
      throw new Refusal(
          "rows",
          "%d numbers and %d categories".formatted(own.numbers(), categories.size()),
          "%d and %d".formatted(its.width(), its.categories().length));
    }
    its.numbers().ifPresent(all -> checkNumbers(own.numbers(), all));
    for (int c = 0; c < categories.size(); c++) {
      for (int r = 0; r < its.rows(); r++) {
        int category = its.categories()[c][its.from() + r];
        checkCategory(
            "categories[" + c + "][%d]", r, categories.get(c).vocabulary(), category);
      }
    }
  }

  private static void checkCategory(String name, int row, int vocabulary, int got) {
    if (got < 0 || got >= vocabulary) {
      throw new Refusal(name.formatted(row), "0 to V-1=%d".formatted(vocabulary - 1), got);
    }
  }

  private static void checkNumbers(int width, Matrix values) {
    if (values.cols() != width) {
      throw new Refusal("rows", "I=%d numbers each".formatted(width), values.cols());
    }
    for (int r = 0; r < values.rows(); r++) {
      for (int i = 0; i < width; i++) {
        double number = values.get(r, i);
        if (!Double.isFinite(number)) {
          throw new Refusal("rows[%d][%d]".formatted(r, i), "a finite number", number);
        }
      }
    }
  }

  private static String kind(Encoder encoder) {
    return switch (encoder) {
      case Encoder.Embedding _ -> "tokens";
      case Encoder.Vectors _ -> "vectors";
      case Encoder.Columns _ -> "columns";
    };
  }

  private static String kind(Inputs inputs) {
    return switch (inputs) {
      case Inputs.Tokens _ -> "tokens";
      case Inputs.Vectors _ -> "vectors";
      case Inputs.Columns _ -> "columns";
    };
  }
}
