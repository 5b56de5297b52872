package dev.unfold.plan;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
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
  ///
  /// @param heads how it sees the numbers of a row of the batch; null if as they are
  public record Fused(Pointwise program, List<Place> operands, Heads heads) {
    /// Copies the list.
    public Fused {
      operands = List.copyOf(operands);
    }

    /// A sum or a spread along an axis by itself, of the second operand to the first; their places are left open.
    public static Fused along(Node.Apply apply) {
      boolean isSum = apply.op() == Op.SUM;
      boolean isLast = apply.axis().isLast();
      Pointwise.Builder builder = Pointwise.builder();
      Side side = isLast ? Side.ROWS : Side.COLUMNS;
      Heads heads;
      if (isSum) {
        Slot sum = isLast ? builder.column() : builder.row();
        Slot whole = builder.operand();
        builder.emit(Op.SUM, sum, whole, whole);
        heads = new Heads(HeadShape.along(apply.axis()).settled(), List.of(side, Side.ELEMENTS));
      } else {
        Slot whole = builder.operand();
        Slot part = isLast ? builder.column() : builder.operand();
        builder.emit(isLast ? Op.SPREAD : Op.COPY, whole, part, part);
        heads = new Heads(HeadShape.along(apply.axis()).settled(), List.of(Side.ELEMENTS, side));
      }
      return new Fused(builder.build(), List.of(), heads);
    }
  }

  /// How a program that runs over one head's matrix at a time sees its operands.
  ///
  /// @param shape of the matrices
  /// @param sides for each operand what its numbers are
  public record Heads(HeadShape shape, List<Side> sides) {
    /// Copies the list.
    public Heads {
      sides = List.copyOf(sides);
    }
  }

  /// What the numbers of an operand are to a matrix.
  public enum Side {
    /// Its elements.
    ELEMENTS,
    /// One for each of its rows.
    ROWS,
    /// One for each of its columns.
    COLUMNS
  }
}
