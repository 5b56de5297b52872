package dev.unfold.cell;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Expr.Affine.Offset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// One step of a recurrence while it is being written down: gives out the input, the states and the
/// parameters, and takes the states' next values.
///
/// **Errors**: a name used twice, a wrong size or an operand that can't stand where it does throws
/// [IllegalArgumentException] that names the expression.
public final class Step {
  private final Expr.Input input = new Expr.Input(Size.INPUT);
  private final Map<String, Expr.State> states = new LinkedHashMap<>();
  private final Map<String, Expr> next = new LinkedHashMap<>();
  private final Map<String, Expr.Parameter> parameters = new LinkedHashMap<>();
  private final Set<String> forgetBiases = new LinkedHashSet<>();
  private final List<Expr.Affine> affines = new ArrayList<>();
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<Expr> given = Collections.newSetFromMap(new IdentityHashMap<>());
  private Expr output;

  Step() {
    names.add("x");
    given.add(input);
  }

  /// The input x(t), of size I.
  public Expr input() {
    return input;
  }

  /// The state `name` after the previous step, of size H unless it was declared with another. A state is declared
  /// by its first mention.
  public Expr state(String name) {
    Expr.State known = states.get(name);
    return known != null ? known : state(name, Size.HIDDEN);
  }

  /// Declares the state `name` of the given size, and returns its value after the previous step.
  public Expr state(String name, Size size) {
    claim("state", name);
    Expr.State state = new Expr.State(name, size);
    given.add(state);
    states.put(name, state);
    return state;
  }

  /// The affine map `name`: the sum over the operands of matrix times operand, plus bias, of size H.
  ///
  /// All affine maps of one operand share one matrix, whose rows stand in the order of definition; it is
  /// called `weight_ih` for the input, `weight_hh` for the state h, and `weight_` and the operand's name
  /// for any other, so an operand that is neither input nor state needs a name ([#named]).
  public Expr affine(String name, Expr... operands) {
    return affine(name, Size.HIDDEN, operands);
  }

  /// The same, of the given size.
  public Expr affine(String name, Size size, Expr... operands) {
    return map(name, size, Offset.BIAS, operands);
  }

  /// The affine map `name` without a bias, of size H.
  public Expr linear(String name, Expr... operands) {
    return linear(name, Size.HIDDEN, operands);
  }

  /// The same, of the given size.
  public Expr linear(String name, Size size, Expr... operands) {
    return map(name, size, Offset.NONE, operands);
  }

  private Expr map(String name, Size size, Offset offset, Expr... operands) {
    claim("affine", name);
    if (operands.length == 0) {
      throw new Refusal("affine " + name, "an operand", "none");
    }
    Set<Expr> distinct = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Expr operand : operands) {
      if (!(operand instanceof Expr.Input
          || operand instanceof Expr.State
          || operand instanceof Expr.Named)) {
        throw new Refusal(
            "affine " + name, "the input, a state or a named value as operand", operand);
      }
      if (!distinct.add(operand)) {
        throw new IllegalArgumentException(
            "affine " + name + ": the operand " + operand + " stands there twice");
      }
    }
    Expr.Affine affine = new Expr.Affine(name, List.of(operands), size, offset);
    given.add(affine);
    affines.add(affine);
    return affine;
  }

  /// The parameter vector `name`, of size H.
  public Expr parameter(String name) {
    return parameter(name, Size.HIDDEN, Start.DRAWN);
  }

  /// The parameter vector `name`, of the given size, and where it starts in a new network.
  public Expr parameter(String name, Size size, Start start) {
    claim("parameter", name);
    Expr.Parameter parameter = new Expr.Parameter(name, size, start);
    given.add(parameter);
    parameters.put(name, parameter);
    return parameter;
  }

  /// Gives `value` a name, so that it can be an operand of an affine map.
  public Expr named(String name, Expr value) {
    claim("value", name);
    if (value instanceof Expr.Constant || value instanceof Expr.HeadUnits) {
      throw new Refusal("value " + name, "no constant", value);
    }
    return new Expr.Named(name, value);
  }

  /// Sets the value of the state `name` after this step, and returns it.
  public Expr next(String name, Expr value) {
    Expr.State state = states.get(name);
    if (state == null) {
      throw new Refusal("next " + name, "one of the states " + states.keySet(), "none of them");
    }
    if (next.containsKey(name)) {
      throw new IllegalArgumentException("next " + name + ": set twice");
    }
    if (!value.size().equals(state.size())) {
      throw new Refusal("next " + name, state.size(), value + " " + value.size());
    }
    next.put(name, value);
    return value;
  }

  /// Sets what the cell gives to the layer above, if it is not the next value of the first state.
  public void output(Expr value) {
    if (output != null) {
      throw new IllegalArgumentException("output: set twice");
    }
    if (value instanceof Expr.Constant || value instanceof Expr.HeadUnits) {
      throw new Refusal("output", "no constant", value);
    }
    output = value;
  }

  /// Says that the affine map or the parameter vector `name` holds the bias of a forget gate: the larger it is, the
  /// longer a state lasts. Initialisation can set it.
  public void forgetBias(String name) {
    boolean known =
        parameters.containsKey(name) || affines.stream().anyMatch(a -> a.name().equals(name));
    if (!known) {
      throw new Refusal("forget bias " + name, "an affine map or a parameter of that name", "none");
    }
    forgetBiases.add(name);
  }

  Cell finish(String cell) {
    if (states.isEmpty()) {
      throw new IllegalArgumentException("expected a state, got none");
    }
    for (String name : states.keySet()) {
      if (!next.containsKey(name)) {
        throw new IllegalArgumentException("state " + name + ": its next value is not set");
      }
    }
    Expr out = output != null ? output : next.get(states.keySet().iterator().next());
    List<Expr> used = reached(out);
    for (Expr.Affine affine : affines) {
      if (!used.contains(affine)) {
        throw new IllegalArgumentException("affine " + affine + ": is never used");
      }
    }
    for (Expr.Parameter parameter : parameters.values()) {
      if (!used.contains(parameter)) {
        throw new IllegalArgumentException("parameter " + parameter + ": is never used");
      }
    }
    List<Cell.Recurrence> recurrences = new ArrayList<>();
    states.forEach((name, state) -> recurrences.add(new Cell.Recurrence(state, next.get(name))));
    return new Cell(
        cell,
        Bias.PER_OPERAND,
        1,
        Map.of(),
        recurrences,
        affines,
        List.copyOf(parameters.values()),
        List.copyOf(forgetBiases),
        out);
  }

  /// All expressions that the output and the next values are computed from.
  private List<Expr> reached(Expr out) {
    List<Expr> values = new ArrayList<>(next.values());
    values.add(out);
    List<Expr> reached = Reachability.of(values);
    for (Expr expr : reached) {
      if (!owns(expr)) {
        throw new IllegalArgumentException(expr + ": belongs to another cell");
      }
    }
    return reached;
  }

  /// Whether `expr` may stand in this step's equations: it was given out by it, or is made from others.
  private boolean owns(Expr expr) {
    return switch (expr) {
      case Expr.Input i -> given.contains(i);
      case Expr.State s -> given.contains(s);
      case Expr.Parameter p -> given.contains(p);
      case Expr.Affine a -> given.contains(a);
      case Expr.Noise n -> true;
      case Expr.Constant c -> true;
      case Expr.Named n -> true;
      case Expr.Apply a -> true;
      case Expr.Mean m -> true;
      case Expr.Outer _, Expr.Contraction _, Expr.HeadSum _, Expr.HeadSpread _, Expr.HeadUnits _ ->
          true;
    };
  }

  private void claim(String what, String name) {
    if (!name.matches("[A-Za-z][A-Za-z0-9_]*")) {
      throw new Refusal(what, "a name of letters, digits and _", "'" + name + "'");
    }
    if (!names.add(name)) {
      throw new IllegalArgumentException(what + " " + name + ": the name is taken");
    }
  }
}
