package dev.unfold.plan.walk;

import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.plan.Graph;
import dev.unfold.plan.Group;
import dev.unfold.plan.Node;
import dev.unfold.plan.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A graph of a step that is run node by node for several rows at once: any of [dev.unfold.plan.ForwardStep],
/// [dev.unfold.plan.AdjointStep], [dev.unfold.plan.TangentStep]. All values are there to look at afterwards; nothing is
/// fused, hoisted or shared. It is for derivatives that no plan is made for, where it counts that they are right.
///
///     GraphWalk walk = new GraphWalk(kernels, tangent.graph(), tangent.groups(), tangent.deltas(), parameters, rows);
///     walk.put(new Node.Input(x.cols()), x);
///     walk.put(new Node.State(0, h.cols()), h);
///     walk.put(new Node.Tangent(new Node.State(0, h.cols())), v);
///     walk.run();
///     Matrix next = walk.value(step.states().get(0).next());
///     Matrix changed = walk.value(tangent.of(step.states().get(0).next()));
///
/// Leaves are named by what they are. Those that nothing was put in are zero.
///
/// **Shapes**: a value of N numbers `[rows, N]`.
///
/// **Memory**: all values, and the matrices laid out for the products.
///
/// **Threads**: one at a time.
public final class GraphWalk {
  private final Kernels kernels;
  private final Graph graph;
  private final List<Group> groups;
  private final List<List<Integer>> deltas;
  private final List<Matrix> parameters;
  private final int rows;

  /// By node; null for a constant.
  private final Matrix[] values;

  private final Map<Node, Matrix> leaves = new HashMap<>();
  private final List<Runnable> packing = new ArrayList<>();
  private final List<Runnable> actions = new ArrayList<>();

  /// @param kernels what computes
  /// @param graph the nodes
  /// @param groups its matrices
  /// @param deltas the error signals of each group, if it has any
  /// @param parameters one matrix for each, a vector as a single row; for a graph with tangents their directions after
  ///     them
  /// @param rows how many steps or sequences there are side by side
  public GraphWalk(
      Kernels kernels,
      Graph graph,
      List<Group> groups,
      List<List<Integer>> deltas,
      List<Matrix> parameters,
      int rows) {
    this.kernels = kernels;
    this.graph = graph;
    this.groups = groups;
    this.deltas = deltas;
    this.parameters = List.copyOf(parameters);
    this.rows = rows;
    values = new Matrix[graph.size()];
    for (int node = 0; node < values.length; node++) {
      add(node);
    }
    refresh();
  }

  /// Takes over the numbers of the parameters' matrices, which were changed.
  public void refresh() {
    packing.forEach(Runnable::run);
  }

  /// Sets what a leaf is: the input, a state before the step, random numbers, what arrives at an adjoint, or the
  /// tangent of one of these. A leaf that the graph does not read is left out.
  ///
  /// @param numbers a copy of which is taken, `[rows, N]`
  public void put(Node leaf, Matrix numbers) {
    Matrix value = leaves.get(leaf);
    if (value != null) {
      value.copy(numbers);
    }
  }

  /// Computes all nodes.
  public void run() {
    actions.forEach(Runnable::run);
  }

  /// What node `node`, which is no constant, is.
  public Matrix value(int node) {
    return values[node];
  }

  private void add(int node) {
    values[node] =
        switch (graph.get(node)) {
          case Node.Constant _ -> null;
          case Node.Vector vector -> row(vector, 0);
          case Node.Tangent(Node.Vector vector) -> row(vector, parameters.size() / 2);
          default -> kernels.allocate(rows, graph.width(node));
        };
    switch (graph.get(node)) {
      case Node.Constant _, Node.Vector _ -> {}
      case Node.Apply apply -> addApply(apply, values[node]);
      case Node.Product product -> addProduct(product, values[node]);
      case Node.BackProduct product -> addBackProduct(product, values[node]);
      case Node.Input leaf -> leaves.put(leaf, values[node]);
      case Node.State leaf -> leaves.put(leaf, values[node]);
      case Node.Noise leaf -> leaves.put(leaf, values[node]);
      case Node.Carry leaf -> leaves.put(leaf, values[node]);
      case Node.OutputGradient leaf -> leaves.put(leaf, values[node]);
      case Node.Tangent leaf -> {
        if (!(leaf.of() instanceof Node.Vector)) {
          leaves.put(leaf, values[node]);
        }
      }
    }
  }

  /// Numbers of a parameter vector, or of its direction, for all rows.
  private Matrix row(Node.Vector vector, int from) {
    Matrix parameter = parameters.get(from + vector.parameter());
    return Matrix.repeated(
        parameter.buffer(), parameter.offset() + vector.from(), rows, vector.width());
  }

  /// One operation. A sum over units and its inverse have a column on one side; all else has one width, but for what
  /// goes along an axis.
  private void addApply(Node.Apply apply, Matrix target) {
    if (apply.axis() != null) {
      Stage.Fused alone = Stage.Fused.along(apply);
      actions.add(
          HeadLoop.of(kernels, alone.program(), alone.heads(), target, values[apply.left()]));
      return;
    }
    Pointwise.Builder program = Pointwise.builder();
    List<Matrix> operands = new ArrayList<>();
    Slot result = slot(program, apply.op() == Op.SUM, target, operands);
    Slot left = slot(program, apply.op() == Op.SPREAD, apply.left(), operands);
    Slot right =
        apply.right() == apply.left() ? left : slot(program, false, apply.right(), operands);
    PointwiseKernel kernel = kernels.prepare(program.emit(apply.op(), result, left, right).build());
    Matrix[] all = operands.toArray(Matrix[]::new);
    actions.add(() -> kernel.run(all));
  }

  private Slot slot(Pointwise.Builder program, boolean isColumn, int node, List<Matrix> operands) {
    return graph.get(node) instanceof Node.Constant constant
        ? program.constant(constant.value())
        : slot(program, isColumn, values[node], operands);
  }

  private static Slot slot(
      Pointwise.Builder program, boolean isColumn, Matrix value, List<Matrix> operands) {
    operands.add(value);
    return isColumn ? program.column() : program.operand();
  }

  private void addProduct(Node.Product product, Matrix target) {
    Group group = groups.get(product.group());
    Matrix operand = values[group.operand()];
    Matrix base = product.onto() == Node.NONE ? null : values[product.onto()];
    for (int head = 0; head < group.heads(); head++) {
      Matrix weight = rows(group, product.from(), product.width(), head);
      PackedMatrix packed = kernels.allocatePacked(weight.cols(), weight.rows());
      packing.add(() -> kernels.packTransposed(weight, packed));
      Matrix onto = base == null ? null : head(base, group, head);
      Factor factor = new Factor(packed, onto, head(target, group, head));
      Matrix own = head(operand, group, head);
      actions.add(() -> kernels.multiply(own, factor));
    }
  }

  private void addBackProduct(Node.BackProduct product, Matrix target) {
    Group group = groups.get(product.group());
    for (int head = 0; head < group.heads(); head++) {
      Matrix own = head(target, group, head);
      Matrix base = null;
      for (int i = 0; i < group.slices().size(); i++) {
        Group.Slice slice = group.slices().get(i);
        Matrix weight = rows(group, slice.from(), slice.width(), head);
        PackedMatrix packed = kernels.allocatePacked(weight.rows(), weight.cols());
        packing.add(() -> kernels.pack(weight, packed));
        Matrix delta = head(values[deltas.get(product.group()).get(i)], group, head);
        Factor factor = new Factor(packed, base, own);
        actions.add(() -> kernels.multiply(delta, factor));
        base = own;
      }
    }
  }

  /// One head's rows of a slice of a group's matrix.
  private Matrix rows(Group group, int from, int width, int head) {
    int count = width / group.heads();
    return parameters.get(group.weight()).rows(from + head * count, count);
  }

  /// One head's columns of a value.
  private static Matrix head(Matrix value, Group group, int head) {
    int width = value.cols() / group.heads();
    return value.columns(head * width, width);
  }
}
