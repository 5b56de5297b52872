package dev.unfold.cell;

import dev.unfold.argument.Refusal;
import java.util.List;

/// A parameter of a cell before its sizes are numbers.
///
/// @param name without a layer's suffix, such as `weight_ih`
/// @param role what it does
/// @param blocks its rows (a vector's numbers), one block for each affine map
/// @param columns the size of a matrix' operand; [Size#ONE] for a vector
/// @param heads how many blocks a matrix has, which share its columns; 1 if it is whole
/// @param start where it starts in a new network, if it is the cell's own vector
public record CellParameter(
    String name, Role role, List<Block> blocks, Size columns, int heads, Start start) {
  /// What parameters do.
  public enum Role {
    /// A matrix whose operand depends on the input alone.
    INPUT_WEIGHT,
    /// A matrix whose operand depends on a state.
    RECURRENT_WEIGHT,
    /// The biases of affine maps.
    BIAS,
    /// A vector of the cell's own.
    VECTOR;

    /// Whether it is a matrix.
    public boolean isMatrix() {
      return this == INPUT_WEIGHT || this == RECURRENT_WEIGHT;
    }
  }

  /// The rows that belong to one affine map, or a vector as a whole.
  ///
  /// @param name the map's, or the vector's
  /// @param size how many
  public record Block(String name, Size size) {}

  /// Copies the list.
  public CellParameter {
    blocks = List.copyOf(blocks);
  }

  /// How many rows it has; a vector's length.
  ///
  /// **Errors**: [IllegalArgumentException] if they are more than an `int` counts.
  public int rows(Sizes sizes) {
    long rows = blocks.stream().mapToLong(block -> sizes.of(block.size())).sum();
    if (rows > Integer.MAX_VALUE) {
      throw new Refusal(name, "fewer than 2^31 rows", rows + "; choose a smaller H");
    }
    return (int) rows;
  }

  /// Its name and shape.
  public ParameterShape shape(Sizes sizes) {
    int rows = rows(sizes);
    return new ParameterShape(
        name, role.isMatrix() ? List.of(rows, sizes.of(columns) / heads) : List.of(rows));
  }
}
