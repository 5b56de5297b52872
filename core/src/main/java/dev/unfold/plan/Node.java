package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;

/// A value of the step graph after lowering: affine maps taken apart into products and biases, sizes
/// known. Nodes name their arguments by index in their [Graph], always lower than their own.
public sealed interface Node {
  /// How many numbers; 1 for a constant.
  int width();

  /// x(t)
  record Input(int width) implements Node {}

  /// State `index` after the previous step.
  record State(int index, int width) implements Node {}

  /// Random numbers m(t) `index`, given from outside.
  record Noise(int index, int width) implements Node {}

  /// `width` numbers of parameter vector `parameter`, from `from` on.
  record Vector(int parameter, int from, int width) implements Node {}

  /// The same number for all units.
  record Constant(double value) implements Node {
    @Override
    public int width() {
      return 1;
    }
  }

  /// Stands for a base that a product does not have.
  int NONE = -1;

  /// Columns of the product of a group's operand with the group's merged matrix, from `from` on, added to the
  /// node `onto`: a bias, or another group's share of the same affine map; [#NONE] for nothing.
  record Product(int group, int from, int width, int onto) implements Node {}

  /// A pointwise operation; or a sum or a spread.
  ///
  /// @param axis what a sum or a spread goes along; null for all units, and for other operations
  record Apply(Op op, int left, int right, int width, Axis axis) implements Node {
    Apply(Op op, int left, int right, int width) {
      this(op, left, right, width, null);
    }
  }

  /// The derivative of the loss with respect to state `index` after this step, as far as it comes from the
  /// steps after it.
  record Carry(int index, int width) implements Node {}

  /// The derivative of the loss with respect to the cell's output at this step, as given from outside.
  record OutputGradient(int width) implements Node {}

  /// What a group's error signals give back to its operand: their product with the group's matrix.
  record BackProduct(int group, int width) implements Node {}

  /// How leaf `of` changes along a direction, given from outside.
  record Tangent(Node of) implements Node {
    @Override
    public int width() {
      return of.width();
    }
  }
}
