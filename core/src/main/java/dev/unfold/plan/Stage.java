package dev.unfold.plan;

import dev.unfold.kernels.Pointwise;
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
  public record Fused(Pointwise program, List<Place> operands) {
    /// Copies the list.
    public Fused {
      operands = List.copyOf(operands);
    }
  }
}
