package dev.unfold.plan;

import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Layout;
import dev.unfold.cell.NoisyCell;
import dev.unfold.cell.ParameterShape;
import dev.unfold.cell.Size;
import dev.unfold.cell.Sizes;
import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Takes a cell's equations apart: affine maps become slices of merged products, added up, expressions
/// become the nodes of a [Graph].
///
/// A value of a single number that stands for all units is spread over them; a mean is a sum of the units
/// divided by their number. Of the matrices of heads, with their numbers row by row,
///
///     (v k')_ij = v_i k_j        (S k)_i = sum_j S_ij k_j        (S' v)_j = sum_i S_ij v_i
///
/// are products number by number of what is spread along an axis, and sums along one: a sum's derivative is a spread,
/// and a spread's a sum, so that nothing else is needed for adjoints and tangents.
final class Lowering {
  private static final Set<Op> ACTIVATIONS = Set.of(Op.SIGMOID, Op.TANH, Op.RELU);

  private final Cell cell;
  private final Sizes sizes;
  private final GraphBuilder graph = new GraphBuilder();
  private final List<Group> groups = new ArrayList<>();
  private final List<ParameterShape> parameters = new ArrayList<>();
  private final List<Integer> next = new ArrayList<>();

  /// What the bounded functions and relus among the nodes are called in the equations.
  private final Map<Integer, String> activations = new LinkedHashMap<>();

  private final Layout layout;
  private final List<Expr.Noise> masks;
  private final IdentityHashMap<Expr, Integer> lowered = new IdentityHashMap<>();
  private final Map<String, Integer> parameterIndex = new HashMap<>();

  private Lowering(Cell cell, Sizes sizes) {
    this.cell = cell;
    this.sizes = sizes;
    layout = cell.layout();
    masks = NoisyCell.masks(cell);
    for (CellParameter parameter : layout.parameters()) {
      parameterIndex.put(parameter.name(), parameters.size());
      parameters.add(parameter.shape(sizes));
    }
  }

  static ForwardStep lower(Cell cell, Sizes sizes) {
    return new Lowering(cell, sizes).step();
  }

  private ForwardStep step() {
    for (Cell.Recurrence recurrence : cell.recurrences()) {
      lower(recurrence.state());
    }
    for (Cell.Recurrence recurrence : cell.recurrences()) {
      next.add(placeable(lower(recurrence.next())));
    }
    int output = output();
    List<ForwardStep.State> states = new ArrayList<>();
    for (int s = 0; s < next.size(); s++) {
      String name = cell.states().get(s);
      states.add(new ForwardStep.State(name, graph.width(next.get(s)), next.get(s)));
    }
    List<ForwardStep.Activation> named =
        activations.entrySet().stream()
            .map(entry -> new ForwardStep.Activation(entry.getValue(), entry.getKey()))
            .toList();
    return new ForwardStep(cell, sizes, parameters, graph.build(), groups, states, output, named);
  }

  /// A state's next value if the output is that.
  private int output() {
    int out = lower(cell.output());
    for (int s = 0; s < next.size(); s++) {
      if (lower(cell.recurrences().get(s).next()) == out) {
        return next.get(s);
      }
    }
    return placeable(out);
  }

  /// `node` itself if its result can be put anywhere, else a copy of it: leaves and products have places of
  /// their own, and a state's next value has its place in the state's sequence.
  private int placeable(int node) {
    return graph.get(node) instanceof Node.Apply && !next.contains(node)
        ? node
        : graph.copyOf(node);
  }

  private int lower(Expr expr) {
    Integer known = lowered.get(expr);
    if (known != null) {
      return known;
    }
    int node =
        switch (expr) {
          case Expr.Input input -> graph.add(new Node.Input(sizes.input()));
          case Expr.State state ->
              graph.add(
                  new Node.State(cell.states().indexOf(state.name()), sizes.of(state.size())));
          case Expr.Parameter parameter ->
              graph.add(
                  new Node.Vector(
                      parameterIndex.get(parameter.name()), 0, sizes.of(parameter.size())));
          case Expr.Noise noise ->
              graph.add(new Node.Noise(masks.indexOf(noise), sizes.of(noise.size())));
          case Expr.Constant constant -> graph.constant(constant.value());
          case Expr.Named named -> lower(named.value());
          case Expr.Affine affine -> lowerAffine(affine);
          case Expr.Mean mean -> lowerMean(lower(mean.value()));
          case Expr.Apply apply -> {
            int left = spread(lower(apply.left()), apply.size());
            yield graph.apply(apply.op(), left, spread(lower(apply.right()), apply.size()));
          }
          case Expr.Outer outer -> {
            Heads heads = Heads.of(sizes, outer.size());
            yield graph.times(
                graph.spread(lower(outer.rows()), heads.ofRows()),
                graph.spread(lower(outer.columns()), heads.ofColumns()));
          }
          case Expr.Contraction product -> {
            Heads heads = Heads.of(sizes, product.matrices().size());
            boolean right = product.side() == Expr.Contraction.Side.RIGHT;
            Axis along = right ? heads.ofRows() : heads.ofColumns();
            Axis across = right ? heads.ofColumns() : heads.ofRows();
            int vector = graph.spread(lower(product.vector()), across);
            yield graph.sum(graph.times(lower(product.matrices()), vector), along);
          }
          case Expr.HeadSum sum -> headSum(sum);
          case Expr.HeadSpread spread -> headSpread(spread);
          case Expr.HeadUnits units ->
              graph.constant(Math.pow(sizes.perHead(units.of(), units.heads()), units.power()));
        };
    lowered.put(expr, node);
    name(expr, node);
    return node;
  }

  /// A name in the equations counts more than what stands there, and a state's more than that.
  private void name(Expr expr, int node) {
    if (!(graph.get(node) instanceof Node.Apply apply) || !ACTIVATIONS.contains(apply.op())) {
      return;
    }
    Optional<String> state = nextName(expr);
    switch (expr) {
      case Expr.Named named -> activations.put(node, named.name());
      case Expr.Apply own ->
          activations.putIfAbsent(
              node,
              state.orElse(
                  "%s(%s)"
                      .formatted(
                          own.op().name().toLowerCase(Locale.ROOT),
                          nextName(own.left()).orElse(own.left().toString()))));
      default -> {}
    }
  }

  private Optional<String> nextName(Expr expr) {
    return cell.recurrences().stream()
        .filter(recurrence -> recurrence.next().equals(expr))
        .map(recurrence -> recurrence.state().name())
        .findFirst();
  }

  private int lowerMean(int value) {
    int width = graph.width(value);
    return width == 1
        ? value
        : graph.apply(Op.MULTIPLY, graph.sum(value), graph.constant(1.0 / width));
  }

  /// An operand of an operation on `size` units: a single number stands for all of them, in matrices by way of their
  /// rows.
  private int spread(int operand, Size size) {
    if (graph.get(operand) instanceof Node.Constant || graph.width(operand) == sizes.of(size)) {
      return operand;
    }
    if (!size.isOfMatrices()) {
      return graph.spread(operand, sizes.of(size));
    }
    int rows = graph.spread(operand, sizes.of(size.grid().rows()));
    return graph.spread(rows, Heads.of(sizes, size).ofRows());
  }

  /// The axes of the matrices of heads.
  ///
  /// @param ofRows along each row: what is left of a sum, or spread, is a number for each row
  /// @param ofColumns along each column
  private record Heads(Axis ofRows, Axis ofColumns) {
    static Heads of(Sizes sizes, Size matrices) {
      Size.Grid grid = matrices.grid();
      int rows = sizes.perHead(grid.rows(), grid.heads());
      int columns = sizes.perHead(grid.columns(), grid.heads());
      int heads = sizes.of(grid.heads());
      return new Heads(new Axis(heads * rows, columns, 1), new Axis(heads, rows, columns));
    }
  }

  /// The axis of the units of each head.
  private Axis ofUnits(Size size, Size heads) {
    return new Axis(sizes.of(heads), sizes.perHead(size, heads), 1);
  }

  /// Of matrices, their rows first.
  private int headSum(Expr.HeadSum sum) {
    Size size = sum.value().size();
    int value = lower(sum.value());
    if (!size.isOfMatrices()) {
      return graph.sum(value, ofUnits(size, sum.size()));
    }
    int rows = graph.sum(value, Heads.of(sizes, size).ofRows());
    return graph.sum(rows, ofUnits(size.grid().rows(), sum.size()));
  }

  private int headSpread(Expr.HeadSpread spread) {
    Size size = spread.size();
    int value = lower(spread.value());
    Size heads = spread.value().size();
    if (!size.isOfMatrices()) {
      return graph.spread(value, ofUnits(size, heads));
    }
    int rows = graph.spread(value, ofUnits(size.grid().rows(), heads));
    return graph.spread(rows, Heads.of(sizes, size).ofRows());
  }

  /// The operands' products, each added to the one before it, the first to the bias.
  private int lowerAffine(Expr.Affine affine) {
    Layout.Operand last = chain(affine).getLast();
    return slice(group(last), affine).node();
  }

  /// The operands of `affine` in the order in which their products are added up. What depends on the input alone
  /// comes first, so that it can leave the time loop; the others keep the order of their first use, in which an
  /// operand needs nothing but maps of those before it.
  private List<Layout.Operand> chain(Expr.Affine affine) {
    return layout.operands().stream()
        .filter(operand -> operand.affines().contains(affine))
        .sorted(Comparator.comparing(Layout.Operand::dependsOnState))
        .toList();
  }

  private static Group.Slice slice(Group group, Expr.Affine affine) {
    return group.slices().stream()
        .filter(slice -> slice.affine().equals(affine.name()))
        .findFirst()
        .orElseThrow();
  }

  /// What the product of `operand` is added to in `affine`.
  private int base(Layout.Operand operand, Expr.Affine affine) {
    List<Layout.Operand> chain = chain(affine);
    int place = chain.indexOf(operand);
    return place > 0 ? slice(group(chain.get(place - 1)), affine).node() : bias(affine);
  }

  /// The sum of all biases of `affine`, or [Node#NONE].
  private int bias(Expr.Affine affine) {
    return switch (cell.bias()) {
      case NONE -> Node.NONE;
      case PER_AFFINE -> addBias(Node.NONE, "bias", affine);
      case PER_OPERAND -> {
        int sum = Node.NONE;
        for (Expr value : affine.operands()) {
          sum = addBias(sum, layout.operand(value).bias(), affine);
        }
        yield sum;
      }
    };
  }

  /// `sum` plus the numbers of parameter `bias` that belong to `affine`, if there are any.
  private int addBias(int sum, String bias, Expr.Affine affine) {
    if (!parameterIndex.containsKey(bias)) {
      return sum;
    }
    int from = 0;
    for (CellParameter.Block block : layout.parameter(bias).blocks()) {
      int width = sizes.of(block.size());
      if (block.name().equals(affine.name())) {
        int vector = graph.add(new Node.Vector(parameterIndex.get(bias), from, width));
        return sum == Node.NONE ? vector : graph.apply(Op.ADD, sum, vector);
      }
      from += width;
    }
    return sum;
  }

  /// The group of all affine maps of `operand`; its products are added when the first of them is lowered.
  private Group group(Layout.Operand operand) {
    for (Group group : groups) {
      if (group.name().equals(operand.name())) {
        return group;
      }
    }
    int node = lower(operand.value());
    List<Integer> bases = operand.affines().stream().map(affine -> base(operand, affine)).toList();
    int from = 0;
    List<Group.Slice> slices = new ArrayList<>();
    for (int i = 0; i < bases.size(); i++) {
      Expr.Affine affine = operand.affines().get(i);
      int width = sizes.of(affine.size());
      int product = graph.add(new Node.Product(groups.size(), from, width, bases.get(i)));
      slices.add(new Group.Slice(affine.name(), from, width, product));
      from += width;
    }
    Group group =
        new Group(
            operand.name(),
            node,
            graph.width(node),
            from,
            parameterIndex.get(operand.weight()),
            operand.heads(),
            List.copyOf(slices));
    groups.add(group);
    return group;
  }
}
