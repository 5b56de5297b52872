package dev.unfold.plan;

import dev.unfold.kernels.Pointwise;
import java.util.List;

/// A part of a schedule: matrix products first, then what is pointwise.
///
/// @param products in the order in which they are computed
/// @param pointwise independent of each other
public record Stage(List<Product> products, List<Fused> pointwise) {
  /// Copies the lists.
  public Stage {
    products = List.copyOf(products);
    pointwise = List.copyOf(pointwise);
  }

  /// Which way a product goes through a group's matrix W `[rows, operandWidth]`.
  public enum Direction {
    /// From the operand to the pre-activations: a target for each slice, operand W^T.
    FORWARD,
    /// From the error signals to the operand: one target, operand W.
    BACK
  }

  /// A product with the matrix of a group.
  public record Product(int group, Direction direction, Place operand, List<Term> terms) {
    /// Copies the list.
    public Product {
      terms = List.copyOf(terms);
    }
  }

  /// Where a product goes.
  ///
  /// @param base what it is added to, which may be the target; null for nothing
  /// @param target its place
  public record Term(Place base, Place target) {}

  /// A pointwise program and where its operands live.
  public record Fused(Pointwise program, List<Place> operands) {
    /// Copies the list.
    public Fused {
      operands = List.copyOf(operands);
    }
  }
}
