package dev.unfold.plan;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.ArrayList;
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

  /// A product with the matrix of a group. Of several heads it is a product for each of their [Block]s.
  ///
  /// @param heads of the group
  public record Product(
      int group, int heads, Direction direction, Place operand, List<Term> terms) {
    /// Copies the list.
    public Product {
      terms = List.copyOf(terms);
    }

    /// The products that it is made of, each with matrices of its own: of whole matrices itself. Those of one head
    /// follow each other; on the way back there is one for each slice, each added to what the one before it has left.
    public List<Block> blocks() {
      if (heads == 1) {
        return List.of(new Block(operand, terms, 0));
      }
      List<Block> blocks = new ArrayList<>();
      // Matrices with heads are from H units to H: so wide are the operand on the way forward, and
      // each slice.
      int units = terms.getFirst().target().width();
      int width = units / heads;
      for (int first = 0; first < units; first += width) {
        List<Term> to = terms;
        for (int slice = 0; slice < operand.width(); slice += units) {
          blocks.add(new Block(operand.slice(slice + first, width), to, first));
          Place target = terms.getFirst().target();
          to = List.of(new Term(target, target));
        }
      }
      return blocks;
    }
  }

  /// A product with one head's rows and columns of a matrix.
  ///
  /// @param operand the head's numbers of the operand
  /// @param terms where the product goes, of which the head has a part
  /// @param first the first of the numbers of each term that are the head's: as many as its matrix gives
  public record Block(Place operand, List<Term> terms, int first) {
    /// Copies the list.
    public Block {
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
