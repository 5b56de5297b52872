package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.Attribute;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.Node;
import dev.unfold.formats.graph.layers.Traced.Filled;
import dev.unfold.formats.graph.layers.Traced.Fixed;
import dev.unfold.formats.graph.layers.Traced.Flow;
import dev.unfold.formats.graph.layers.Traced.Kept;
import dev.unfold.formats.graph.layers.Traced.Sizes;
import dev.unfold.formats.graph.layers.Traced.Tokens;
import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Follows a graph node by node, to know of each value which formula its vectors have. Of what it cannot follow nothing
/// is known, and neither of what is made of it.
///
/// What it finds is a guess that is checked later by running both; it may be wrong where a graph is odd.
final class Tracer {
  private static final Map<String, Op> UNARY =
      Map.of(
          "Sigmoid", Op.SIGMOID,
          "Tanh", Op.TANH,
          "Relu", Op.RELU,
          "Exp", Op.EXP,
          "Log", Op.LOG,
          "Softplus", Op.SOFTPLUS,
          "Sqrt", Op.SQRT,
          "Neg", Op.NEGATE);
  private static final Map<String, Op> BINARY =
      Map.of("Add", Op.ADD, "Sub", Op.SUBTRACT, "Mul", Op.MULTIPLY, "Div", Op.DIVIDE);

  /// Operators that move numbers and change none.
  private static final Set<String> MOVES =
      Set.of(
          "Identity",
          "Cast",
          "Dropout",
          "Slice",
          "Squeeze",
          "Unsqueeze",
          "Split",
          "Gather",
          "Reshape",
          "Flatten",
          "Transpose",
          "Concat",
          "Expand");

  private final Formulas formulas;
  private final Tracer outer;
  private final Map<String, Traced> values = new LinkedHashMap<>();
  private final AxisTracer axes;

  /// @param outer that of the graph around; null if there is none
  Tracer(Formulas formulas, Tracer outer) {
    this.formulas = formulas;
    this.outer = outer;
    axes = new AxisTracer(formulas);
  }

  Formulas formulas() {
    return formulas;
  }

  void put(String name, Traced value) {
    values.put(name, value);
  }

  /// Null if nothing is known.
  Traced get(String name) {
    Traced value = values.get(name);
    return value == null && outer != null ? outer.get(name) : value;
  }

  /// A value of these vectors, each in a place of its own.
  Optional<NetworkCheck.Compared> named(Formula formula) {
    for (Map.Entry<String, Traced> each : values.entrySet()) {
      if (each.getValue() instanceof Flow flow
          && flow.formula() == formula
          && !flow.axes().contains(Traced.ROWS)
          && !flow.axes().contains(Traced.DIRECTION)) {
        return Optional.of(new NetworkCheck.Compared(each.getKey(), flow, NetworkFinder.Unit.NET));
      }
    }
    return Optional.empty();
  }

  void follow(Graph graph) {
    graph.constants().forEach((name, tensor) -> put(name, new Fixed(tensor)));
    graph.nodes().forEach(this::follow);
  }

  private void follow(Node node) {
    List<Traced> inputs = new ArrayList<>();
    for (String name : node.inputs()) {
      inputs.add(name.isEmpty() ? null : get(name));
    }
    List<Traced> results = results(node, inputs);
    for (int o = 0; o < Math.min(results.size(), node.outputs().size()); o++) {
      if (results.get(o) != null) {
        put(node.outputs().get(o), results.get(o));
      }
    }
  }

  private List<Traced> results(Node node, List<Traced> inputs) {
    switch (node.operator()) {
      case "RNN", "GRU", "LSTM" -> {
        return new RecurrentTracer(formulas).results(node, inputs);
      }
      case "Scan" -> {
        return new ScanTracer(this).results(node, inputs);
      }
      default -> {}
    }
    if (node.operator().equals("Shape") && !inputs.isEmpty()) {
      return List.of(new Sizes());
    }
    List<Traced> ofFlow = ofFlow(node, inputs);
    return ofFlow.isEmpty() ? simple(node, inputs) : ofFlow;
  }

  /// Values that are of interest only in that they are states, sizes or zeros.
  private static List<Traced> simple(Node node, List<Traced> inputs) {
    boolean areSizes = true;
    boolean areKept = false;
    boolean areKnown = true;
    Traced first = inputs.isEmpty() ? null : inputs.getFirst();
    for (Traced input : inputs) {
      areSizes &= input instanceof Sizes || input instanceof Fixed || input instanceof Filled;
      areKept |= isKept(input);
      areKnown &= isKept(input) || input instanceof Fixed || input instanceof Sizes;
    }
    boolean isMove = MOVES.contains(node.operator());
    Traced result = null;
    if (isMove && areKept && areKnown) {
      result = new Kept();
    } else if (node.operator().equals("ConstantOfShape")) {
      result =
          node.attributes().get("value") instanceof Attribute.Tensor of
              ? filled(of.value())
              : new Filled(0);
    } else if (isMove && areSizes && isFilled(first)) {
      result = new Filled(number(first));
    } else if (areSizes) {
      result = new Sizes();
    }
    List<Traced> all = new ArrayList<>();
    for (int o = 0; o < node.outputs().size(); o++) {
      all.add(result);
    }
    return all;
  }

  private static Traced filled(GraphTensor value) {
    return value.count() == 1 ? new Filled(value.real(0)) : null;
  }

  private static boolean isFilled(Traced value) {
    if (value instanceof Filled) {
      return true;
    }
    return value instanceof Fixed fixed
        && fixed.tensor().type().isReal()
        && fixed.tensor().count() > 0
        && isAlways(fixed.tensor());
  }

  private static boolean isAlways(GraphTensor tensor) {
    for (int i = 1; i < tensor.count(); i++) {
      if (tensor.real(i) != tensor.real(0)) {
        return false;
      }
    }
    return true;
  }

  private static double number(Traced value) {
    return value instanceof Filled filled ? filled.number() : ((Fixed) value).tensor().real(0);
  }

  /// Whether a value is a state, before or after.
  static boolean isKept(Traced value) {
    return value instanceof Kept
        || (value instanceof Flow flow
            && (flow.formula() instanceof Formula.Leaf leaf
                && (leaf.source() instanceof Formula.Before
                    || leaf.source() instanceof Formula.Pooled)));
  }

  /// Whether a value is zeros.
  static boolean isZero(Traced value) {
    return isFilled(value) && number(value) == 0;
  }

  /// Empty if the node is not followed as one of vectors.
  private List<Traced> ofFlow(Node node, List<Traced> inputs) {
    Traced first = inputs.isEmpty() ? null : inputs.getFirst();
    Traced second = inputs.size() < 2 ? null : inputs.get(1);
    String operator = node.operator();
    if (BINARY.containsKey(operator)) {
      return one(binary(operator, first, second));
    }
    if (operator.equals("Gather")
        && first instanceof Fixed table
        && second instanceof Tokens tokens
        && table.tensor().rank() == 2
        && axes.whole(node, "axis", 0) == 0) {
      List<Integer> all = new ArrayList<>(tokens.axes());
      all.add(Traced.FEATURE);
      Formula row = formulas.leaf(new Formula.Table(table.tensor()), table.tensor().size(1));
      return one(new Flow(all, row));
    }
    if (first instanceof Tokens tokens && MOVES.contains(operator)) {
      return one(axes.moved(node, tokens, inputs));
    }
    if (operator.equals("Concat")) {
      return one(axes.joined(node, inputs));
    }
    if (!(first instanceof Flow flow)) {
      return List.of();
    }
    Op unary = UNARY.get(operator);
    if (unary != null) {
      return one(flow.with(formulas.applied(unary, flow.formula(), flow.formula())));
    }
    return switch (operator) {
      case "MatMul" -> one(product(flow, second, false));
      case "Gemm" -> one(gemm(node, flow, second, inputs.size() < 3 ? null : inputs.get(2)));
      case "Softmax", "LogSoftmax" -> one(shares(node, flow));
      default -> axes.results(node, flow, inputs);
    };
  }

  private Traced shares(Node node, Flow flow) {
    boolean isFlattened = axes.whole(node, "flattened", 0) != 0;
    int rank = flow.axes().size();
    long axis = axes.whole(node, "axis", isFlattened ? 1 : -1);
    boolean isLast = axis == -1 || axis == rank - 1;
    return isLast && flow.endsWithFeature()
        ? flow.with(
            formulas.leaf(
                new Formula.Shares(flow.formula(), node.operator().equals("LogSoftmax")),
                flow.formula().width()))
        : null;
  }

  /// A list of one, or of none if it is null.
  static List<Traced> one(Traced value) {
    return value == null ? List.of() : List.of(value);
  }

  private Traced product(Flow flow, Traced right, boolean isTransposed) {
    if (!(right instanceof Fixed matrix)
        || matrix.tensor().rank() != 2
        || !flow.endsWithFeature()
        || flow.axes().contains(Traced.DIRECTION)) {
      return null;
    }
    Weights weights = Weights.of(matrix.tensor(), isTransposed);
    return weights.rows() == flow.formula().width()
        ? flow.with(formulas.product(flow.formula(), weights))
        : null;
  }

  private Traced gemm(Node node, Flow flow, Traced matrix, Traced bias) {
    boolean isPlain =
        axes.whole(node, "transA", 0) == 0
            && axes.real(node, "alpha") == 1
            && axes.real(node, "beta") == 1;
    Traced product = isPlain ? product(flow, matrix, axes.whole(node, "transB", 0) != 0) : null;
    return product == null || bias == null ? product : binary("Add", product, bias);
  }

  private Traced binary(String operator, Traced left, Traced right) {
    Op op = BINARY.get(operator);
    if (left instanceof Flow a && right instanceof Flow b) {
      boolean isSame =
          a.axes().equals(b.axes())
              && (a.formula().width() == b.formula().width()
                  || a.formula().width() == 1
                  || b.formula().width() == 1);
      return isSame ? a.with(combined(op, a.formula(), b.formula())) : null;
    }
    if (left instanceof Flow a) {
      Formula numbers = numbers(a, right);
      return numbers == null ? null : a.with(combined(op, a.formula(), numbers));
    }
    if (right instanceof Flow b) {
      Formula numbers = numbers(b, left);
      return numbers == null ? null : b.with(combined(op, numbers, b.formula()));
    }
    return null;
  }

  private Formula combined(Op op, Formula left, Formula right) {
    return op == Op.ADD ? formulas.sum(left, right) : formulas.applied(op, left, right);
  }

  /// Constants that stand for each vector; null if they don't.
  private Formula numbers(Flow beside, Traced value) {
    if (value instanceof Filled filled) {
      return formulas.numbers(filled.number());
    }
    if (!(value instanceof Fixed fixed) || !beside.endsWithFeature()) {
      return null;
    }
    GraphTensor tensor = fixed.tensor();
    int last = tensor.rank() == 0 ? 1 : tensor.size(tensor.rank() - 1);
    boolean fits =
        tensor.type().isReal()
            && tensor.count() == last
            && (last == 1 || last == beside.formula().width() || beside.formula().width() == 1);
    return fits ? formulas.numbers(tensor) : null;
  }
}
