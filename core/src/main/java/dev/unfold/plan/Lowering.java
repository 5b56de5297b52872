package dev.unfold.plan;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.ParameterShape;
import dev.unfold.cell.Size;
import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// Takes a cell's equations apart: affine maps become slices of merged products plus biases, expressions
/// become the nodes of a [Graph].
///
/// The parameters come in PyTorch's order: all matrices, all biases, then the cell's own vectors.
final class Lowering {
  final Graph graph = new Graph();
  final List<Group> groups = new ArrayList<>();
  final List<ParameterShape> parameters = new ArrayList<>();
  final List<Integer> next = new ArrayList<>();
  final int output;

  private final Cell cell;
  private final int inputSize;
  private final int hiddenSize;
  private final IdentityHashMap<Expr, Integer> lowered = new IdentityHashMap<>();
  private final IdentityHashMap<Expr, List<Expr.Affine>> affinesOf = new IdentityHashMap<>();
  private final List<Expr> operands = new ArrayList<>();
  private final Map<String, Integer> parameterIndex = new HashMap<>();

  Lowering(Cell cell, int inputSize, int hiddenSize) {
    this.cell = cell;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    declareParameters();
    for (Cell.Recurrence recurrence : cell.recurrences()) {
      lower(recurrence.state());
    }
    for (Cell.Recurrence recurrence : cell.recurrences()) {
      next.add(placeable(lower(recurrence.next())));
    }
    int out = lower(cell.output());
    output = next.contains(out) ? out : placeable(out);
  }

  /// `node` itself if its result can be put anywhere, else a copy of it: leaves and products have places of
  /// their own, and a state's next value has its place in the state's sequence.
  private int placeable(int node) {
    return graph.get(node) instanceof Node.Apply && !next.contains(node)
        ? node
        : graph.copyOf(node);
  }

  private void declareParameters() {
    for (Expr.Affine affine : cell.affines()) {
      for (Expr operand : affine.operands()) {
        if (!affinesOf.containsKey(operand)) {
          affinesOf.put(operand, new ArrayList<>());
          operands.add(operand);
        }
        affinesOf.get(operand).add(affine);
      }
    }
    for (Expr operand : operands) {
      declare("weight_" + suffix(operand), List.of(rows(operand), width(operand.size())));
    }
    switch (cell.bias()) {
      case NONE -> {}
      case PER_AFFINE ->
          declare("bias", List.of(cell.affines().stream().mapToInt(a -> width(a.size())).sum()));
      case PER_OPERAND ->
          operands.forEach(operand -> declare("bias_" + suffix(operand), List.of(rows(operand))));
    }
    for (Expr.Parameter parameter : cell.parameters()) {
      declare(parameter.name(), List.of(width(parameter.size())));
    }
  }

  private void declare(String name, List<Integer> shape) {
    if (parameterIndex.putIfAbsent(name, parameters.size()) != null) {
      throw new IllegalArgumentException(
          "cell " + cell.name() + ": two parameters would be called " + name);
    }
    parameters.add(new ParameterShape(name, shape));
  }

  private static String suffix(Expr operand) {
    return switch (operand) {
      case Expr.Input i -> "ih";
      case Expr.State state when state.name().equals("h") -> "hh";
      default -> operand.toString();
    };
  }

  private int rows(Expr operand) {
    return affinesOf.get(operand).stream().mapToInt(affine -> width(affine.size())).sum();
  }

  private int width(Size size) {
    if (size.equals(Size.INPUT)) {
      return inputSize;
    }
    if (size.equals(Size.HIDDEN)) {
      return hiddenSize;
    }
    return 1;
  }

  private int lower(Expr expr) {
    Integer known = lowered.get(expr);
    if (known != null) {
      return known;
    }
    int node =
        switch (expr) {
          case Expr.Input input -> graph.add(new Node.Input(inputSize));
          case Expr.State state ->
              graph.add(new Node.State(cell.states().indexOf(state.name()), width(state.size())));
          case Expr.Parameter parameter ->
              graph.add(
                  new Node.Vector(
                      parameterIndex.get(parameter.name()), 0, width(parameter.size())));
          case Expr.Constant constant -> graph.constant(constant.value());
          case Expr.Named named -> lower(named.value());
          case Expr.Affine affine -> lowerAffine(affine);
          case Expr.Apply apply ->
              graph.apply(apply.op(), lower(apply.left()), lower(apply.right()));
        };
    lowered.put(expr, node);
    return node;
  }

  private int lowerAffine(Expr.Affine affine) {
    int sum = -1;
    for (Expr operand : affine.operands()) {
      Group group = group(operand);
      Group.Slice slice =
          group.slices().stream()
              .filter(s -> s.affine().equals(affine.name()))
              .findFirst()
              .orElseThrow();
      int term = slice.node();
      if (cell.bias() == Bias.PER_OPERAND) {
        int bias = parameterIndex.get("bias_" + suffix(operand));
        int vector = graph.add(new Node.Vector(bias, slice.from(), slice.width()));
        term = graph.apply(Op.ADD, term, vector);
      }
      sum = sum < 0 ? term : graph.apply(Op.ADD, sum, term);
    }
    if (cell.bias() == Bias.PER_AFFINE) {
      int from = 0;
      for (Expr.Affine other : cell.affines()) {
        if (other.name().equals(affine.name())) {
          break;
        }
        from += width(other.size());
      }
      int bias = parameterIndex.get("bias");
      int vector = graph.add(new Node.Vector(bias, from, width(affine.size())));
      sum = graph.apply(Op.ADD, sum, vector);
    }
    return sum;
  }

  /// The group of all affine maps of `operand`; its products are added when the first of them is lowered.
  private Group group(Expr operand) {
    String name = suffix(operand);
    for (Group group : groups) {
      if (group.name().equals(name)) {
        return group;
      }
    }
    int node = lower(operand);
    int from = 0;
    List<Group.Slice> slices = new ArrayList<>();
    for (Expr.Affine affine : affinesOf.get(operand)) {
      int width = width(affine.size());
      int product = graph.add(new Node.Product(groups.size(), from, width));
      slices.add(new Group.Slice(affine.name(), from, width, product));
      from += width;
    }
    Group group =
        new Group(
            name,
            node,
            graph.width(node),
            from,
            parameterIndex.get("weight_" + name),
            List.copyOf(slices));
    groups.add(group);
    return group;
  }
}
