package dev.unfold.cell;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// A recurrence: the equations of one step, written once. Everything else - the forward step, the
/// adjoint step, what is kept between them, the parameters - is derived from it.
///
///     Cell elman = Cell.define("elman", step -> {
///       Expr x = step.input();
///       Expr h = step.state("h");
///       step.next("h", Expr.tanh(step.affine("net_h", x, h)));
///     });
///
/// Immutable; can be used by any number of threads.
///
/// @param name the cell's name in messages and model files
/// @param bias how many bias vectors its affine maps have
/// @param recurrences the states and their next values, in order of declaration
/// @param affines the affine maps, in order of definition: the order of their rows in a weight matrix
/// @param parameters the parameter vectors, in order of definition
/// @param output what the cell gives to the layer above
public record Cell(
    String name,
    Bias bias,
    List<Recurrence> recurrences,
    List<Expr.Affine> affines,
    List<Expr.Parameter> parameters,
    Expr output) {

  /// A state and its value after the step.
  public record Recurrence(Expr.State state, Expr next) {}

  /// Copies the lists.
  public Cell {
    recurrences = List.copyOf(recurrences);
    affines = List.copyOf(affines);
    parameters = List.copyOf(parameters);
  }

  /// The cell that `equations` write down, with a bias for each operand ([Bias#PER_OPERAND]).
  ///
  /// **Errors**: [IllegalArgumentException] that names the cell and the expression if the equations do
  /// not fit together: different sizes, a state without a next value, an affine map that is never used.
  public static Cell define(String name, Consumer<Step> equations) {
    try {
      Step step = new Step();
      equations.accept(step);
      return step.finish(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("cell " + name + ": " + e.getMessage(), e);
    }
  }

  /// The same equations with other biases.
  public Cell withBias(Bias bias) {
    return new Cell(name, bias, recurrences, affines, parameters, output);
  }

  /// The names of the states, in order of declaration.
  public List<String> states() {
    return recurrences.stream().map(recurrence -> recurrence.state().name()).toList();
  }

  /// The equations, one a line.
  @Override
  public String toString() {
    String maps =
        affines.stream()
            .map(a -> "  " + a.name() + " = affine" + join(a.operands()) + "\n")
            .collect(Collectors.joining());
    String next =
        recurrences.stream()
            .map(r -> "  " + r.state() + "(t) = " + r.next() + "\n")
            .collect(Collectors.joining());
    return name + "\n" + maps + next + "  output = " + output;
  }

  private static String join(List<Expr> operands) {
    return operands.stream().map(Expr::toString).collect(Collectors.joining(", ", "(", ")"));
  }
}
