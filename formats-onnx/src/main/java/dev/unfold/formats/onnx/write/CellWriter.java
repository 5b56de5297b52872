package dev.unfold.formats.onnx.write;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Layout;
import dev.unfold.cell.Size;
import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Writes any cell as a Scan: one node for each expression. What depends on no state is computed before it for all
/// steps at once, as the products of the input are; the body reads that step by step.
final class CellWriter {
  private final GraphWriter graph;
  private final GraphWriter body;
  private final Cell cell;
  private final LayerNumbers numbers;
  private final String prefix;
  private final String input;

  /// Values by expression, before the loop and in it.
  private final IdentityHashMap<Expr, String> before = new IdentityHashMap<>();

  private final IdentityHashMap<Expr, String> within = new IdentityHashMap<>();
  private final IdentityHashMap<Expr, Boolean> ofSteps = new IdentityHashMap<>();
  private final IdentityHashMap<Expr, Boolean> depends = new IdentityHashMap<>();

  /// The share of an affine map that an operand has, by both names.
  private final Map<String, String> shares = new HashMap<>();

  private final Map<String, String> states = new HashMap<>();

  /// What the body is given of each step: names there, by the sequences outside.
  private final Map<String, String> sequences = new LinkedHashMap<>();

  private final Map<String, Integer> widths = new HashMap<>();
  private final Set<String> biased = new HashSet<>();

  /// @param prefix what names begin with, such as `l0`
  /// @param input the sequence that the layer reads `[T, B, I]`
  CellWriter(GraphWriter graph, Cell cell, LayerNumbers numbers, String prefix, String input) {
    this.graph = graph;
    this.cell = cell;
    this.numbers = numbers;
    this.prefix = prefix;
    this.input = input;
    body = graph.body(prefix + ".step");
  }

  /// Writes it.
  ///
  /// @param initial the states before the first step `[B, N]`, in the order of the cell
  /// @param isReverse whether it begins at the last step
  /// @return the states after the last step, and the sequence of outputs
  List<String> write(List<String> initial, boolean isReverse) {
    for (Cell.Recurrence recurrence : cell.recurrences()) {
      Expr.State state = recurrence.state();
      String name = graph.name(prefix + "." + state.name() + ".before");
      states.put(state.name(), name);
      body.input(name, GraphWriter.Kind.FLOAT, "B", numbers.sizes().of(state.size()));
    }
    List<String> results = new ArrayList<>();
    for (Cell.Recurrence recurrence : cell.recurrences()) {
      results.add(result(recurrence.next(), prefix + "." + recurrence.state().name() + ".after"));
    }
    results.add(result(cell.output(), prefix + ".out"));
    if (sequences.isEmpty()) {
      throw new Refusal(
          "model", "cells that read their input, as Scan has to", cell.name() + ", which does not");
    }
    List<String> inputs = new ArrayList<>(initial);
    sequences.forEach((outside, inside) -> {
      inputs.add(outside);
      body.input(inside, GraphWriter.Kind.FLOAT, "B", widths.get(outside));
    });
    for (int i = 0; i < results.size(); i++) {
      boolean isState = i < cell.recurrences().size();
      Size size = isState ? cell.recurrences().get(i).state().size() : cell.output().size();
      body.output(results.get(i), GraphWriter.Kind.FLOAT, "B", numbers.sizes().of(size));
    }
    List<String> wishes = new ArrayList<>();
    cell.states().forEach(state -> wishes.add(prefix + "." + state + ".last"));
    wishes.add(prefix + ".outputs");
    long direction = isReverse ? 1 : 0;
    long[] ofInputs = new long[sequences.size()];
    Arrays.fill(ofInputs, direction);
    return graph.nodes(
        "Scan",
        wishes,
        inputs,
        GraphWriter.graph("body", body.build()),
        GraphWriter.integer("num_scan_inputs", sequences.size()),
        GraphWriter.integerList("scan_input_directions", ofInputs),
        GraphWriter.integerList("scan_output_directions", direction));
  }

  /// A value of the body as one of its outputs, which must be made there, each once.
  private String result(Expr expr, String wish) {
    return body.node("Identity", wish, List.of(value(expr)));
  }

  /// Whether a state has a part in it.
  private boolean depends(Expr expr) {
    Boolean known = depends.get(expr);
    if (known == null) {
      known = expr instanceof Expr.State || arguments(expr).stream().anyMatch(this::depends);
      depends.put(expr, known);
    }
    return known;
  }

  /// Whether the input has a part in it.
  private boolean isOfSteps(Expr expr) {
    Boolean known = ofSteps.get(expr);
    if (known == null) {
      known = expr instanceof Expr.Input || arguments(expr).stream().anyMatch(this::isOfSteps);
      ofSteps.put(expr, known);
    }
    return known;
  }

  private static List<Expr> arguments(Expr expr) {
    return switch (expr) {
      case Expr.Apply apply -> List.of(apply.left(), apply.right());
      case Expr.Mean mean -> List.of(mean.value());
      case Expr.Outer outer -> List.of(outer.rows(), outer.columns());
      case Expr.Contraction product -> List.of(product.matrices(), product.vector());
      case Expr.HeadSum sum -> List.of(sum.value());
      case Expr.HeadSpread spread -> List.of(spread.value());
      case Expr.Named named -> List.of(named.value());
      case Expr.Affine affine -> affine.operands();
      case Expr.Input _, Expr.State _, Expr.Parameter _, Expr.Noise _, Expr.Constant _ -> List.of();
      case Expr.HeadUnits _ -> List.of();
    };
  }

  /// A value as the body reads it.
  private String value(Expr expr) {
    if (depends(expr)) {
      String known = within.get(expr);
      if (known == null) {
        known = written(expr, body);
        within.put(expr, known);
      }
      return known;
    }
    String outside = outside(expr);
    return isOfSteps(expr) ? step(outside, numbers.sizes().of(expr.size())) : outside;
  }

  /// What the body is given of the sequence `outside`, `width` numbers a step.
  private String step(String outside, int width) {
    widths.put(outside, width);
    return sequences.computeIfAbsent(outside, key -> graph.name(key + ".step"));
  }

  /// A value that depends on no state, for all steps.
  private String outside(Expr expr) {
    String known = before.get(expr);
    if (known == null) {
      known = written(expr, graph);
      before.put(expr, known);
    }
    return known;
  }

  private String read(Expr expr, GraphWriter in) {
    return in == graph ? outside(expr) : value(expr);
  }

  private String written(Expr expr, GraphWriter in) {
    return switch (expr) {
      case Expr.Input _ -> input;
      case Expr.State state -> states.get(state.name());
      case Expr.Parameter vector ->
          graph.floats(
              vector.name() + numbers.suffix(),
              numbers.numbers(vector.name()),
              numbers.sizes().of(vector.size()));
      case Expr.Constant constant -> graph.scalar(constant.value());
      case Expr.Named named -> read(named.value(), in);
      case Expr.Mean mean -> mean(mean, in);
      case Expr.Apply apply -> apply(apply, in);
      case Expr.Affine affine -> affine(affine, in);
      case Expr.Outer outer ->
          matrices(in).outer(operand(outer.rows(), in), operand(outer.columns(), in), outer.size());
      case Expr.Contraction product ->
          matrices(in)
              .product(
                  operand(product.matrices(), in),
                  operand(product.vector(), in),
                  product.side(),
                  product.matrices().size());
      case Expr.HeadSum sum ->
          matrices(in).sum(operand(sum.value(), in), sum.value().size(), sum.size());
      case Expr.HeadSpread spread ->
          matrices(in).spread(operand(spread.value(), in), spread.value().size(), spread.size());
      case Expr.HeadUnits units ->
          graph.scalar(Math.pow(numbers.sizes().perHead(units.of(), units.heads()), units.power()));
      case Expr.Noise noise ->
          throw new IllegalStateException("random numbers " + noise + " in a network that is used");
    };
  }

  private MatrixWriter matrices(GraphWriter in) {
    return new MatrixWriter(in, numbers.sizes(), prefix);
  }

  /// A value with T and B in front of its numbers, or B, or neither if it is made of parameters alone.
  private MatrixWriter.Operand operand(Expr expr, GraphWriter in) {
    boolean hasRows = depends(expr) || isOfSteps(expr);
    return new MatrixWriter.Operand(read(expr, in), !hasRows ? 0 : in == graph ? 2 : 1);
  }

  private String mean(Expr.Mean mean, GraphWriter in) {
    String wish = prefix + ".mean";
    String value = read(mean.value(), in);
    return Reductions.along(in, "ReduceMean", wish, value, -1, 1);
  }

  private String apply(Expr.Apply apply, GraphWriter in) {
    String wish = prefix + "." + apply.op().name().toLowerCase(java.util.Locale.ROOT);
    if (apply.op() == Op.ONE_MINUS) {
      return in.node("Sub", wish, List.of(graph.scalar(1), read(apply.left(), in)));
    }
    List<String> inputs = new ArrayList<>(List.of(read(apply.left(), in)));
    if (apply.op().arity() == 2) {
      inputs.add(read(apply.right(), in));
    }
    return in.node(operator(apply.op()), wish, inputs);
  }

  private static String operator(Op op) {
    return switch (op) {
      case COPY, SPREAD -> "Identity";
      case NEGATE -> "Neg";
      case SIGMOID -> "Sigmoid";
      case TANH -> "Tanh";
      case RELU -> "Relu";
      case EXP -> "Exp";
      case LOG -> "Log";
      case SOFTPLUS -> "Softplus";
      case SQRT -> "Sqrt";
      case ADD -> "Add";
      case SUBTRACT -> "Sub";
      case MULTIPLY -> "Mul";
      case DIVIDE -> "Div";
      case ONE_MINUS, STEP, SUM ->
          throw new IllegalStateException(op + " is in the equations of no cell");
    };
  }

  private String affine(Expr.Affine affine, GraphWriter in) {
    String sum = null;
    for (Expr value : affine.operands()) {
      Layout.Operand operand = numbers.layout().operand(value);
      String share = share(affine, operand, in);
      sum = sum == null ? share : in.node("Add", prefix + "." + affine.name(), List.of(sum, share));
    }
    return sum;
  }

  /// One operand's share of an affine map, as `in` reads it: part of the product of the operand with the matrix of all
  /// of its maps.
  private String share(Expr.Affine affine, Layout.Operand operand, GraphWriter in) {
    String key = operand.name() + " " + affine.name();
    if (!shares.containsKey(key)) {
      multiply(operand);
    }
    String share = shares.get(key);
    boolean isInside = depends(operand.value());
    return in == body && !isInside ? step(share, numbers.rows(affine)) : share;
  }

  private void multiply(Layout.Operand operand) {
    boolean isInside = depends(operand.value());
    GraphWriter at = isInside ? body : graph;
    int rows = numbers.rows(operand);
    int width = numbers.width(operand);
    String name = operand.weight() + numbers.suffix();
    String weight =
        graph.floats(
            name,
            LayerNumbers.transposed(numbers.numbers(operand.weight()), rows, width),
            width,
            rows);
    String stem = prefix + "." + operand.name();
    String product = at.node("MatMul", stem, List.of(read(operand.value(), at), weight));
    float[] bias = bias(operand);
    if (bias.length > 0) {
      String vector = graph.floats(prefix + ".bias_" + operand.name(), bias, rows);
      product = at.node("Add", stem + ".biased", List.of(product, vector));
    }
    List<Expr.Affine> affines = operand.affines();
    if (affines.size() == 1) {
      shares.put(operand.name() + " " + affines.getFirst().name(), product);
      return;
    }
    long[] sizes = affines.stream().mapToLong(numbers::rows).toArray();
    List<String> wishes = affines.stream().map(each -> stem + "." + each.name()).toList();
    List<String> parts =
        at.nodes(
            "Split",
            wishes,
            List.of(product, graph.integers(sizes)),
            GraphWriter.integer("axis", -1));
    for (int i = 0; i < parts.size(); i++) {
      shares.put(operand.name() + " " + affines.get(i).name(), parts.get(i));
    }
  }

  /// All biases of `operand`'s maps, those of the maps' other operands too, for the first operand that is written;
  /// empty if nothing is left to add.
  private float[] bias(Layout.Operand operand) {
    Map<String, double[]> sums = new HashMap<>();
    for (Expr.Affine affine : operand.affines()) {
      if (!biased.add(affine.name())) {
        continue;
      }
      double[] sum = new double[numbers.rows(affine)];
      boolean any = false;
      for (Expr value : affine.operands()) {
        double[] own = numbers.biases(numbers.layout().operand(value)).get(affine.name());
        for (int row = 0; own != null && row < sum.length; row++) {
          sum[row] += own[row];
          any |= own[row] != 0;
        }
      }
      if (any) {
        sums.put(affine.name(), sum);
      }
    }
    return sums.isEmpty() ? new float[0] : numbers.concatenated(operand.affines(), sums);
  }
}
