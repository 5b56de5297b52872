package dev.unfold.formats.exchange;

import dev.unfold.formats.exchange.ReferenceRoles.Role;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What went into another program, as a network reads it.
///
/// @param reference whose arrays they are
/// @param arrays by what they are of the network
/// @param axes how they are read
record ReferenceInputs(Reference reference, Map<Role, Reference.Array> arrays, ReferenceAxes axes) {
  /// What is read.
  ///
  /// **Errors**: [FormatException] if an array is missing, or has another shape or other numbers.
  Inputs inputs(Network network) {
    return switch (network.spec().encoder()) {
      case Encoder.Embedding table ->
          new Inputs.Tokens(tokens(arrays.get(new Role.Main()), table), 0);
      case Encoder.Vectors vectors ->
          new Inputs.Vectors(vectors(network.kernels(), vectors.width()));
      case Encoder.Columns columns -> {
        int[][] categories = new int[columns.categories().size()][];
        for (int c = 0; c < categories.length; c++) {
          Reference.Array array = arrays.get(new Role.Category(c));
          if (array == null) {
            throw new FormatException(
                "%s: expected an array category.%d, found none".formatted(reference.file(), c));
          }
          categories[c] = tokens(array, columns.categories().get(c));
        }
        yield new Inputs.Columns(
            columns.numbers() == 0
                ? Optional.empty()
                : Optional.of(vectors(network.kernels(), columns.numbers())),
            categories,
            0);
      }
    };
  }

  private int[] tokens(Reference.Array array, Encoder.Embedding table) {
    int rows = axes.rows();
    if (array.numbers().count() != rows) {
      throw reference.misfit(array, rows + " tokens, one for each step of each sequence");
    }
    int[] tokens = new int[rows];
    for (int row = 0; row < rows; row++) {
      double token = array.numbers().real(axes.place(row));
      if (!(token >= 0 && token < table.vocabulary() && token == Math.rint(token))) {
        throw reference.misfit(array, "tokens from 0 to %d".formatted(table.vocabulary() - 1));
      }
      tokens[row] = (int) token;
    }
    return tokens;
  }

  private Matrix vectors(Kernels kernels, int width) {
    Reference.Array array = arrays.get(new Role.Main());
    int rows = axes.rows();
    Matrix all = kernels.allocate(rows, width);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < width; i++) {
        double number = array.numbers().real(axes.place(row) * width + i);
        all.set(row, i, number);
        if (!Double.isFinite(all.get(row, i))) {
          throw reference.misfit(
              array, "numbers that a %s can hold".formatted(all.buffer().type()));
        }
      }
    }
    return all;
  }

  /// The state before the first step: zeros where the reference has none.
  ///
  /// **Errors**: [FormatException] if one has another shape.
  State state(Network network) {
    State state = network.zeroState(axes.batch());
    List<Matrix> all = state.layers().stream().flatMap(List::stream).toList();
    arrays.forEach((role, array) -> {
      if (role instanceof Role.StateBefore before) {
        Matrix into = all.get(before.number());
        if (!ReferenceAxes.areAlike(array.numbers().shape(), List.of(into.rows(), into.cols()))) {
          throw reference.misfit(array, "[B=%d, %d]".formatted(into.rows(), into.cols()));
        }
        for (int i = 0; i < array.numbers().count(); i++) {
          into.set(i / into.cols(), i % into.cols(), array.numbers().real(i));
        }
      }
    });
    return state;
  }
}
