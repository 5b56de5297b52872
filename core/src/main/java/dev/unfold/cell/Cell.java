package dev.unfold.cell;

import dev.unfold.argument.Refusal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
/// @param ownSizes what sizes of the cell's own are in a network, by letter, as far as they were given
/// @param recurrences the states and their next values, in order of declaration
/// @param affines the affine maps, in order of definition: the order of their rows in a weight matrix
/// @param parameters the parameter vectors, in order of definition
/// @param forgetBiases the affine maps and vectors that hold the bias of a forget gate, by name
/// @param output what the cell gives to the layer above
public record Cell(
    String name,
    Bias bias,
    Map<String, Integer> ownSizes,
    List<Recurrence> recurrences,
    List<Expr.Affine> affines,
    List<Expr.Parameter> parameters,
    List<String> forgetBiases,
    Expr output) {

  /// A state and its value after the step.
  public record Recurrence(Expr.State state, Expr next) {}

  /// Copies the lists.
  public Cell {
    ownSizes = Map.copyOf(ownSizes);
    forgetBiases = List.copyOf(forgetBiases);
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
    return new Cell(name, bias, ownSizes, recurrences, affines, parameters, forgetBiases, output);
  }

  /// The same equations with `number` for the cell's own size `letter`.
  ///
  /// **Errors**: [IllegalArgumentException] if the cell has no such size or the number is below 1.
  public Cell withSize(String letter, int number) {
    if (!sizeLetters().contains(letter)) {
      throw Refusal.within(
          "size",
          "cell %s".formatted(name),
          "one of its own sizes, %s".formatted(sizeLetters()),
          letter);
    }
    if (number < 1) {
      throw Refusal.within(
          "size", "cell %s".formatted(name), "%s of 1 or more".formatted(letter), number);
    }
    Map<String, Integer> sizes = new HashMap<>(ownSizes);
    sizes.put(letter, number);
    return new Cell(name, bias, sizes, recurrences, affines, parameters, forgetBiases, output);
  }

  /// The letters of the sizes of the cell's own.
  public Set<String> sizeLetters() {
    Stream<Size> sizes =
        Stream.of(
                recurrences.stream().map(recurrence -> recurrence.state().size()),
                affines.stream().map(Expr.Affine::size),
                parameters.stream().map(Expr.Parameter::size))
            .flatMap(Function.identity());
    return sizes
        .flatMap(Size::letters)
        .filter(Size::isOwn)
        .map(Size::letter)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /// What its sizes are in a layer of I = `input` and H = `hidden`.
  public Sizes sizes(int input, int hidden) {
    return new Sizes(input, hidden, ownSizes);
  }

  /// Its parameters.
  ///
  /// **Errors**: [IllegalArgumentException] if two of them would have one name.
  public Layout layout() {
    return Layout.of(this);
  }

  /// The names of the states, in order of declaration.
  public List<String> states() {
    return recurrences.stream().map(recurrence -> recurrence.state().name()).toList();
  }

  /// The equations, each before those that need it; `h(t-1)` is the state h before the step, `h(t)` after it.
  public List<String> equations() {
    return EquationText.of(Equations.of(this));
  }

  /// The same equations typeset: a `math` element of MathML, with a row for each, which browsers draw in any page.
  /// Affine maps are written out, with the names of their parameters below; ⊙ multiplies unit by unit.
  ///
  /// **Errors**: [IllegalArgumentException] if two parameters would have one name.
  public String mathMl() {
    return EquationMath.of(this);
  }

  /// The name and the equations, one a line.
  @Override
  public String toString() {
    return name + "\n  " + String.join("\n  ", equations());
  }
}
