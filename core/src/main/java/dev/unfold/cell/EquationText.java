package dev.unfold.cell;

import dev.unfold.cell.Equations.Symbol;
import dev.unfold.kernels.Pointwise.Op;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Writes a cell's equations as plain text.
final class EquationText {
  /// How tightly operators bind: an operand that binds less is put in parentheses.
  private static final int SUM = 1;

  private static final int PRODUCT = 2;
  private static final int FACTOR = 3;

  private final Equations equations;

  /// The symbol whose equation is being written: on its right it is not named but written out.
  private Symbol own;

  private EquationText(Equations equations) {
    this.equations = equations;
  }

  /// The lines of `equations`.
  static List<String> of(Equations equations) {
    EquationText text = new EquationText(equations);
    return equations.lines().stream().map(text::line).toList();
  }

  private String line(Equations.Line line) {
    return switch (line) {
      case Equations.Maps maps ->
          maps.maps().stream().map(Expr.Affine::name).collect(Collectors.joining(", "))
              + " = "
              + map(maps.maps().getFirst());
      case Equations.Value value -> {
        own = value.symbol();
        yield symbol(own) + " = " + text(value.value(), 0);
      }
    };
  }

  private static String symbol(Symbol symbol) {
    return symbol.kind() == Symbol.Kind.NEXT ? symbol.name() + "(t)" : symbol.name();
  }

  private String map(Expr.Affine affine) {
    String operands =
        affine.operands().stream().map(o -> text(o, 0)).collect(Collectors.joining(", ", "(", ")"));
    String size = affine.size().equals(Size.HIDDEN) ? "" : "  " + affine.size();
    return (affine.hasBias() ? "affine" : "linear") + operands + size;
  }

  /// `expr` as an operand of an operator that binds as `binding` says.
  private String text(Expr expr, int binding) {
    Symbol name = equations.names().get(expr);
    if (name != null && !name.equals(own)) {
      return symbol(name);
    }
    return switch (expr) {
      case Expr.Input input -> "x(t)";
      case Expr.State state -> state.name() + "(t-1)";
      case Expr.Noise noise -> noise.name() + "(t)";
      case Expr.Constant constant -> number(constant.value());
      case Expr.Mean mean -> "mean(" + text(mean.value(), 0) + ")";
      case Expr.Apply apply -> text(apply, binding);
      case Expr.Outer outer ->
          "outer(" + text(outer.rows(), 0) + ", " + text(outer.columns(), 0) + ")";
      case Expr.Contraction product ->
          (product.side() == Expr.Contraction.Side.RIGHT ? "product(" : "transposed_product(")
              + text(product.matrices(), 0)
              + ", "
              + text(product.vector(), 0)
              + ")";
      case Expr.HeadSum sum -> "head_sum(" + text(sum.value(), 0) + ")";
      case Expr.HeadSpread spread -> "head_spread(" + text(spread.value(), 0) + ")";
      default -> expr.toString();
    };
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e6
        ? Long.toString((long) value)
        : Double.toString(value);
  }

  private String text(Expr.Apply apply, int binding) {
    Expr x = apply.left();
    Expr y = apply.right();
    return switch (apply.op()) {
      case ADD -> inside(SUM, binding, text(x, SUM) + " + " + text(y, SUM));
      case SUBTRACT -> inside(SUM, binding, text(x, SUM) + " - " + text(y, PRODUCT));
      case ONE_MINUS -> inside(SUM, binding, "1 - " + text(x, PRODUCT));
      case MULTIPLY -> inside(PRODUCT, binding, text(x, PRODUCT) + " * " + text(y, PRODUCT));
      case DIVIDE -> inside(PRODUCT, binding, text(x, PRODUCT) + " / " + text(y, FACTOR));
      case NEGATE -> inside(SUM, binding, "-" + text(x, FACTOR));
      case COPY, SIGMOID, TANH, RELU, STEP, EXP, LOG, SOFTPLUS, SQRT, SUM, SPREAD ->
          function(apply.op()) + "(" + text(x, 0) + ")";
    };
  }

  private static String inside(int own, int binding, String text) {
    return own < binding ? "(" + text + ")" : text;
  }

  private static String function(Op op) {
    return op.name().toLowerCase(Locale.ROOT);
  }
}
