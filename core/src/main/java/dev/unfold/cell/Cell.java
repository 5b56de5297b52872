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
/// @param heads N, the blocks of its recurrent matrices; 1 if each is whole
/// @param ownSizes what sizes of the cell's own are in a network, by letter, as far as they were given
/// @param recurrences the states and their next values, in order of declaration
/// @param affines the affine maps, in order of definition: the order of their rows in a weight matrix
/// @param parameters the parameter vectors, in order of definition
/// @param forgetBiases the affine maps and vectors that hold the bias of a forget gate, by name
/// @param output what the cell gives to the layer above
public record Cell(
    String name,
    Bias bias,
    int heads,
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
    return new Cell(
        name, bias, heads, ownSizes, recurrences, affines, parameters, forgetBiases, output);
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
    return new Cell(
        name, bias, heads, sizes, recurrences, affines, parameters, forgetBiases, output);
  }

  /// The same equations with N = `heads` heads: recurrent matrices are block-diagonal. Head n of what such a matrix
  /// gives is made of head n of its operand alone,
  ///
  ///     (U h)_i = sum of u_ij h_j over the j with floor(j / k) = floor(i / k)        k = H / N
  ///
  /// A recurrent matrix is one whose operand depends on a state: what reads the input alone stays whole.
  ///
  /// **Shapes**: `weight_hh` of G maps is `[G*H, H/N]`. Its rows are as without heads, its columns those of the row's
  /// own head: what would be zero is not there.
  ///
  /// **Errors**: [IllegalArgumentException] if N is below 1, or above 1 and there is no recurrent matrix, or one that
  /// is not from H units to H. That H is a multiple of N is checked when H is known.
  ///
  /// **Source**: M. Beck et al., xLSTM: extended long short-term memory, NeurIPS 2024 (heads of the sLSTM); K. Poeppel
  /// et al., FlashRNN: I/O-aware optimization of traditional RNNs on modern hardware, ICLR 2025, for other cells.
  public Cell withHeads(int heads) {
    Cell cell =
        new Cell(
            name, bias, heads, ownSizes, recurrences, affines, parameters, forgetBiases, output);
    Heads.check(cell);
    return cell;
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
  ///
  /// **Errors**: [IllegalArgumentException] if H is no multiple of its heads.
  public Sizes sizes(int input, int hidden) {
    Heads.checkUnits(this, hidden);
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
    String of = heads == 1 ? name : "%s, %d heads".formatted(name, heads);
    return of + "\n  " + String.join("\n  ", equations());
  }
}
