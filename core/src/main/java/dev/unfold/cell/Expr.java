package dev.unfold.cell;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Pointwise.Op;
import java.util.List;

/// A value in the equations of one step: an immutable expression over the input, the states and the
/// parameters.
///
/// Expressions are made by a [Step] (the leaves) and by the methods here (pointwise operations). A
/// value that is used twice is computed once. Operands of a pointwise operation have the same size, or one of
/// them is a constant or another value of a single number, which then stands for all units alike.
///
/// **Errors**: operands of different sizes throw [IllegalArgumentException] that shows the
/// expression.
public sealed interface Expr {
  /// How many numbers the value has.
  Size size();

  /// The input x(t).
  record Input(Size size) implements Expr {
    @Override
    public String toString() {
      return "x";
    }
  }

  /// The state `name` after the previous step.
  record State(String name, Size size) implements Expr {
    @Override
    public String toString() {
      return name;
    }
  }

  /// A parameter vector: one number a unit, the same at every step.
  record Parameter(String name, Size size, Start start) implements Expr {
    @Override
    public String toString() {
      return name;
    }
  }

  /// Random numbers, given from outside at each step: one for each unit and sequence.
  record Noise(String name, Size size, Mask mask) implements Expr {
    @Override
    public String toString() {
      return name;
    }
  }

  /// The same number for all units.
  record Constant(double value) implements Expr {
    @Override
    public Size size() {
      return Size.ONE;
    }

    @Override
    public String toString() {
      return Double.toString(value);
    }
  }

  /// The sum over the operands of matrix times operand, plus bias: a pre-activation.
  record Affine(String name, List<Expr> operands, Size size, Offset offset) implements Expr {
    /// Whether a bias is added.
    public enum Offset {
      /// There is a bias if the cell has any.
      BIAS,
      /// There is none.
      NONE
    }

    /// Copies the list.
    public Affine {
      operands = List.copyOf(operands);
    }

    /// Whether there is a bias if the cell has any.
    boolean hasBias() {
      return offset == Offset.BIAS;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// A value with a name.
  record Named(String name, Expr value) implements Expr {
    @Override
    public Size size() {
      return value.size();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// A pointwise operation; one of a single argument has it on both sides.
  record Apply(Op op, Expr left, Expr right, Size size) implements Expr {
    @Override
    public String toString() {
      return describe(op, left, right);
    }
  }

  /// The mean over the units of a value: a single number.
  record Mean(Expr value) implements Expr {
    @Override
    public Size size() {
      return Size.ONE;
    }

    @Override
    public String toString() {
      return "mean(" + value + ")";
    }
  }

  /// A matrix for each head, v k': the products of all pairs of numbers of the head.
  record Outer(Expr rows, Expr columns, Size size) implements Expr {
    @Override
    public String toString() {
      return "outer(" + rows + ", " + columns + ")";
    }
  }

  /// The product of each head's matrix with its numbers of a vector.
  record Contraction(Expr matrices, Expr vector, Side side, Size size) implements Expr {
    /// On which side of the matrices the vector stands.
    public enum Side {
      /// S k
      RIGHT,
      /// S' v
      LEFT
    }

    @Override
    public String toString() {
      return (side == Side.RIGHT ? "product(" : "transposed_product(")
          + matrices
          + ", "
          + vector
          + ")";
    }
  }

  /// The sum over the numbers of each head: one for each.
  record HeadSum(Expr value, Size size) implements Expr {
    @Override
    public String toString() {
      return "head_sum(" + value + ")";
    }
  }

  /// For each number of a head the number that is the head's.
  record HeadSpread(Expr value, Size size) implements Expr {
    @Override
    public String toString() {
      return "head_spread(" + value + ")";
    }
  }

  /// A power of how many of `of` numbers a head has.
  record HeadUnits(Size of, Size heads, double power) implements Expr {
    @Override
    public Size size() {
      return Size.ONE;
    }

    @Override
    public String toString() {
      String per = heads.equals(Size.ONE) ? "" : "/" + heads.letter();
      return "(" + of.letter() + per + ")^" + power;
    }
  }

  /// v k' of each of `heads` heads: matrices with a row for each number of v and a column for each of k.
  static Expr outer(Expr v, Expr k, Size heads) {
    return new Outer(v, k, Size.matrices(v.size(), k.size(), heads));
  }

  /// S k of each head: a number for each row of S, of a vector with one for each of its columns.
  static Expr product(Expr matrices, Expr k) {
    Size.Grid grid = grid("product", matrices);
    expectSize("product", k, grid.columns());
    return new Contraction(matrices, k, Contraction.Side.RIGHT, grid.rows());
  }

  /// S' v of each head: a number for each column of S, of a vector with one for each of its rows.
  static Expr transposedProduct(Expr matrices, Expr v) {
    Size.Grid grid = grid("transposed_product", matrices);
    expectSize("transposed_product", v, grid.rows());
    return new Contraction(matrices, v, Contraction.Side.LEFT, grid.columns());
  }

  /// The sum over the numbers of each of `heads` heads. A matrix' numbers are all its elements.
  static Expr headSum(Expr x, Size heads) {
    if (x.size().equals(Size.ONE) || x.size().equals(heads)) {
      throw new Refusal(
          "head_sum(" + x + ")", "a value of several numbers a head", x + " " + x.size());
    }
    expectHeads("head_sum", x, heads);
    return new HeadSum(x, heads);
  }

  /// The mean over the numbers of each of `heads` heads.
  static Expr headMean(Expr x, Size heads) {
    Expr sum = headSum(x, heads);
    return x.size().isOfMatrices()
        ? sum.times(unitsOfHead(x.size().grid().rows(), heads, -1))
            .times(unitsOfHead(x.size().grid().columns(), heads, -1))
        : sum.times(unitsOfHead(x.size(), heads, -1));
  }

  /// The number of each head for all numbers that the head has of `size`, which may be those of its matrix. `x` has one
  /// number a head.
  static Expr headSpread(Expr x, Size size) {
    if (x instanceof Constant || x instanceof HeadUnits) {
      throw new Refusal("head_spread(" + x + ")", "no constant, which stands for all as it is", x);
    }
    if (size.equals(Size.ONE) || size.equals(x.size())) {
      throw new Refusal("head_spread(" + x + ")", "a size of several numbers a head", size);
    }
    if (size.isOfMatrices()) {
      expectSize("head_spread", x, size.grid().heads());
    }
    return new HeadSpread(x, size);
  }

  /// (R/N)^`power`, where N `heads` share R `of` numbers: for means and for scales such as 1 / sqrt(R/N).
  static Expr unitsOfHead(Size of, Size heads, double power) {
    return new HeadUnits(of, heads, power);
  }

  private static Size.Grid grid(String operation, Expr matrices) {
    if (!matrices.size().isOfMatrices()) {
      throw new Refusal(
          operation + "(" + matrices + ")", "matrices", matrices + " " + matrices.size());
    }
    return matrices.size().grid();
  }

  private static void expectHeads(String operation, Expr x, Size heads) {
    if (x.size().isOfMatrices() && !x.size().grid().heads().equals(heads)) {
      throw new Refusal(operation + "(" + x + ")", "heads " + x.size().grid().heads(), heads);
    }
  }

  private static void expectSize(String operation, Expr x, Size size) {
    if (!x.size().equals(size)) {
      throw new Refusal(operation + "(" + x + ")", size, x + " " + x.size());
    }
  }

  /// A constant.
  static Expr constant(double value) {
    return new Constant(value);
  }

  /// The mean over the units of x, (1/N) sum_n x_n, for each sequence by itself.
  static Expr mean(Expr x) {
    if (x.size().equals(Size.ONE)) {
      throw new Refusal("mean(" + x + ")", "a value of several units", x + " " + x.size());
    }
    return new Mean(x);
  }

  /// 1 / (1 + exp(-x))
  static Expr sigmoid(Expr x) {
    return apply(Op.SIGMOID, x, x);
  }

  /// tanh(x)
  static Expr tanh(Expr x) {
    return apply(Op.TANH, x, x);
  }

  /// max(x, 0)
  static Expr relu(Expr x) {
    return apply(Op.RELU, x, x);
  }

  /// exp(x)
  static Expr exp(Expr x) {
    return apply(Op.EXP, x, x);
  }

  /// The natural logarithm of x.
  static Expr log(Expr x) {
    return apply(Op.LOG, x, x);
  }

  /// ln(1 + exp(x))
  static Expr softplus(Expr x) {
    return apply(Op.SOFTPLUS, x, x);
  }

  /// The square root of x.
  static Expr sqrt(Expr x) {
    return apply(Op.SQRT, x, x);
  }

  /// 1 - x
  static Expr oneMinus(Expr x) {
    return apply(Op.ONE_MINUS, x, x);
  }

  /// this + other
  default Expr plus(Expr other) {
    return apply(Op.ADD, this, other);
  }

  /// this - other
  default Expr minus(Expr other) {
    return apply(Op.SUBTRACT, this, other);
  }

  /// this times other, unit by unit
  default Expr times(Expr other) {
    return apply(Op.MULTIPLY, this, other);
  }

  /// this / other, unit by unit
  default Expr dividedBy(Expr other) {
    return apply(Op.DIVIDE, this, other);
  }

  /// -this
  default Expr negate() {
    return apply(Op.NEGATE, this, this);
  }

  private static Expr apply(Op op, Expr left, Expr right) {
    Size size = left.size().equals(Size.ONE) ? right.size() : left.size();
    if (isConstant(left) && isConstant(right)) {
      throw new Refusal(
          describe(op, left, right),
          "an operand that is not a constant",
          "constants alone; write the number itself");
    }
    if (!right.size().equals(Size.ONE) && !right.size().equals(size)) {
      throw new Refusal(
          describe(op, left, right),
          "operands of one size",
          left + " " + left.size() + " and " + right + " " + right.size());
    }
    return new Apply(op, left, right, size);
  }

  private static boolean isConstant(Expr expr) {
    return expr instanceof Constant || expr instanceof HeadUnits;
  }

  private static String describe(Op op, Expr left, Expr right) {
    return switch (op) {
      case ADD -> "(" + left + " + " + right + ")";
      case SUBTRACT -> "(" + left + " - " + right + ")";
      case MULTIPLY -> left + " * " + right;
      case DIVIDE -> "(" + left + " / " + right + ")";
      case NEGATE -> "-" + left;
      case ONE_MINUS -> "(1 - " + left + ")";
      case COPY, SIGMOID, TANH, RELU, STEP, EXP, LOG, SOFTPLUS, SQRT, SUM, SPREAD ->
          op.name().toLowerCase(java.util.Locale.ROOT) + "(" + left + ")";
    };
  }
}
