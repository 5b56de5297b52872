package dev.unfold.plan;

import dev.unfold.kernels.Pointwise;
import java.util.List;

/// A part of a schedule: matrix products first, then what is pointwise.
///
/// @param products independent of each other
/// @param pointwise independent of each other
public record Stage(List<Product> products, List<Fused> pointwise) {
  /// Copies the lists.
  public Stage {
    products = List.copyOf(products);
    pointwise = List.copyOf(pointwise);
  }

  /// Which way a product goes through a group's matrix W `[rows, operandWidth]`.
  public enum Direction {
    /// target = operand W^T: from the operand to the pre-activations.
    FORWARD,
    /// target = operand W: from the error signals to the operand.
    BACK
  }

  /// A product with the matrix of a group.
  public record Product(int group, Direction direction, Place operand, Place target) {}

  /// A pointwise program and where its operands live.
  public record Fused(Pointwise program, List<Place> operands) {
    /// Copies the list.
    public Fused {
      operands = List.copyOf(operands);
    }
  }
}
