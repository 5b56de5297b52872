package dev.unfold.cell;

import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Writes a cell's equations as text, a line for each affine map, named value and state, each before those that
/// need it. Affine maps of the same operands that follow each other share a line.
final class Equations {
  /// How tightly operators bind: an operand that binds less is put in parentheses.
  private static final int SUM = 1;

  private static final int PRODUCT = 2;
  private static final int FACTOR = 3;

  private final List<String> lines = new ArrayList<>();
  private final IdentityHashMap<Expr, String> written = new IdentityHashMap<>();
  private final Cell cell;

  private Equations(Cell cell) {
    this.cell = cell;
  }

  /// The equations of `cell`.
  static List<String> of(Cell cell) {
    Equations equations = new Equations(cell);
    cell.affines().forEach(equations::write);
    cell.recurrences().stream()
        .map(Cell.Recurrence::next)
        // A state that another one's next value is made from comes first.
        .sorted(Comparator.comparingInt(next -> Reachability.of(List.of(next)).size()))
        .forEach(equations::write);
    equations.write(cell.output());
    cell.recurrences().forEach(equations::writeIfNotYet);
    equations.writeOutput();
    return equations.lines;
  }

  /// A next value that is a state or has a line under another name.
  private void writeIfNotYet(Cell.Recurrence recurrence) {
    if (!next(recurrence).equals(written.get(recurrence.next()))) {
      lines.add(next(recurrence) + " = " + text(recurrence.next(), 0));
    }
  }

  private void writeOutput() {
    Cell.Recurrence first = cell.recurrences().getFirst();
    if (!sameObject(cell.output(), first.next())) {
      lines.add("output = " + text(cell.output(), 0));
    }
  }

  private static String next(Cell.Recurrence recurrence) {
    return recurrence.state().name() + "(t)";
  }

  /// Writes what `expr` needs, and `expr` itself if it has a line of its own.
  private void write(Expr expr) {
    if (written.containsKey(expr)) {
      return;
    }
    Reachability.argumentsOf(expr).forEach(this::write);
    switch (expr) {
      case Expr.Affine affine -> mapLine(affine, " = " + map(affine));
      case Expr.Named named -> line(named.name(), named, text(named.value(), 0));
      case Expr.Apply apply -> writeNext(apply);
      case Expr.Mean mean -> writeNext(mean);
      default -> {}
    }
  }

  private void mapLine(Expr.Affine affine, String rightSide) {
    String last = lines.isEmpty() ? "" : lines.getLast();
    if (last.endsWith(rightSide)) {
      String names = last.substring(0, last.length() - rightSide.length());
      lines.set(lines.size() - 1, names + ", " + affine.name() + rightSide);
    } else {
      lines.add(affine.name() + rightSide);
    }
    written.put(affine, affine.name());
  }

  private void line(String name, Expr expr, String text) {
    lines.add(name + " = " + text);
    written.put(expr, name);
  }

  /// If `expr` is computed as the next value of a state, it is known by that.
  private void writeNext(Expr expr) {
    cell.recurrences().stream()
        .filter(recurrence -> sameObject(recurrence.next(), expr))
        .findFirst()
        .ifPresent(recurrence -> line(next(recurrence), expr, text(expr, 0)));
  }

  /// Equal expressions may stand in two places; a line is for one of them.
  @SuppressWarnings("ReferenceEquality")
  private static boolean sameObject(Expr a, Expr b) {
    return a == b;
  }

  private String map(Expr.Affine affine) {
    String operands =
        affine.operands().stream().map(o -> text(o, 0)).collect(Collectors.joining(", ", "(", ")"));
    String size = affine.size().equals(Size.HIDDEN) ? "" : "  " + affine.size();
    return (affine.hasBias() ? "affine" : "linear") + operands + size;
  }

  /// `expr` as an operand of an operator that binds as `binding` says.
  private String text(Expr expr, int binding) {
    String name = written.get(expr);
    if (name != null) {
      return name;
    }
    return switch (expr) {
      case Expr.Input input -> "x(t)";
      case Expr.State state -> state.name() + "(t-1)";
      case Expr.Noise noise -> noise.name() + "(t)";
      case Expr.Constant constant -> number(constant.value());
      case Expr.Mean mean -> "mean(" + text(mean.value(), 0) + ")";
      case Expr.Apply apply -> text(apply, binding);
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
