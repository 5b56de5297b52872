package dev.unfold.layer;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.NoisyCell;
import dev.unfold.cell.ParameterShape;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.plan.Group;
import dev.unfold.plan.Place;
import dev.unfold.plan.Plan;
import dev.unfold.plan.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// A recurrent layer: a cell at given sizes with its parameters, its matrices laid out for the products of
/// the way forward, and once they are needed for those of the way back.
///
/// **Memory**: the matrices in their format, beside the parameters themselves; once more in 32 bits when errors have
/// been followed back.
///
/// **Threads**: what lays matrices out is synchronised; all else only reads.
public final class Layer {
  private final Plan plan;
  private final Kernels kernels;
  private final List<Matrix> parameters;
  private final Packing packing;
  private final Team.Task packTask;
  private final List<Buffer> derived = new ArrayList<>();
  private final StageRunner preparation;
  private final List<Expr.Noise> masks;
  private long packedVersion = -1;

  private Layer(Plan plan, Kernels kernels, WeightFormat format, List<Matrix> parameters) {
    this.plan = plan;
    this.kernels = kernels;
    this.parameters = parameters;
    packing = new Packing(plan, kernels, format, parameters::get);
    packTask = packing::run;
    masks = NoisyCell.masks(plan.step().cell());
    for (int width : plan.memory().derived()) {
      derived.add(kernels.allocate(width));
    }
    preparation = StageRunner.of(this, plan.forward().preparation(), this::row);
  }

  /// A layer of `cell` with I inputs and H hidden units, with weights of 32 bits.
  ///
  /// @param parameters as below
  public static Layer of(
      Cell cell,
      int inputSize,
      int hiddenSize,
      Kernels kernels,
      Function<ParameterShape, Matrix> parameters) {
    return of(cell, inputSize, hiddenSize, kernels, WeightFormat.FLOAT32, parameters);
  }

  /// A layer of `cell` with I inputs and H hidden units.
  ///
  /// @param cell the recurrence
  /// @param inputSize I
  /// @param hiddenSize H
  /// @param kernels the backend
  /// @param format of the matrices for the way forward
  /// @param parameters gives the memory of each parameter, a vector as a single row
  public static Layer of(
      Cell cell,
      int inputSize,
      int hiddenSize,
      Kernels kernels,
      WeightFormat format,
      Function<ParameterShape, Matrix> parameters) {
    Plan plan = Plan.of(cell, inputSize, hiddenSize);
    return new Layer(
        plan, kernels, format, plan.step().parameters().stream().map(parameters).toList());
  }

  /// Names and shapes of the parameters of `cell`, in PyTorch's order.
  public static List<ParameterShape> shapes(Cell cell, int inputSize, int hiddenSize) {
    return Plan.of(cell, inputSize, hiddenSize).step().parameters();
  }

  /// How many numbers a layer keeps: for each step and sequence the states, the output's derivative, and what passes
  /// between forward and back; for each sequence what a step needs.
  public record Widths(int states, int output, int sequences, int steps) {
    static Widths of(Plan plan) {
      return new Widths(
          sum(plan.memory().states()),
          plan.forward().output().width(),
          sum(plan.memory().sequences()) + sum(plan.memory().noises()),
          sum(plan.memory().steps()));
    }

    private static int sum(List<Integer> widths) {
      return widths.stream().mapToInt(width -> width).sum();
    }
  }

  /// How many numbers a layer of `cell` keeps.
  public static Widths widths(Cell cell, int inputSize, int hiddenSize) {
    return Widths.of(Plan.of(cell, inputSize, hiddenSize));
  }

  /// Names and shapes of the parameters, in PyTorch's order.
  public List<ParameterShape> shapes() {
    return plan.step().parameters();
  }

  /// The random masks that the cell has.
  public List<Expr.Noise> masks() {
    return masks;
  }

  /// The names of the merged matrices, in the order of [UnrolledLayer#errorSignals].
  public List<String> groups() {
    return plan.step().groups().stream().map(Group::name).toList();
  }

  /// How many floating-point operations the products of one step take for one sequence: forward, and the
  /// same again for the derivative of the operands and for that of the weights.
  public long productOperations() {
    return plan.step().groups().stream().mapToLong(group -> 2 * group.size()).sum();
  }

  /// Lays the matrices out and derives rows from the vectors again if `version` is not the one they were laid out for,
  /// with the threads of `team`.
  public synchronized void refresh(long version, Team team) {
    if (version == packedVersion) {
      return;
    }
    packing.prepare(team.size());
    team.run(packTask);
    preparation.run();
    packedVersion = version;
  }

  Plan plan() {
    return plan;
  }

  /// The parameter with an index, a vector as a single row.
  Matrix parameter(int index) {
    return parameters.get(index);
  }

  /// The version of the parameters that the layer was last laid out for.
  long packedVersion() {
    return packedVersion;
  }

  Kernels kernels() {
    return kernels;
  }

  /// The row that a place shows for all steps and rows of the batch.
  Matrix row(Place place) {
    if (place.kind() == Place.Kind.DERIVED) {
      return Matrix.of(derived.get(place.index()), place.column(), 1, place.width());
    }
    Matrix parameter = parameters.get(place.index());
    return Matrix.of(parameter.buffer(), parameter.offset() + place.column(), 1, place.width());
  }

  /// The matrices that go with the targets of a product's blocks.
  ///
  /// **Errors**: [IllegalStateException] if it is one of the way back and the weights have 16 bits.
  synchronized List<List<PackedMatrix>> packed(Stage.Product product) {
    if (product.direction() == Stage.Direction.BACK && !packing.hasBack()) {
      packing.addBack();
    }
    return packing.of(product);
  }
}
