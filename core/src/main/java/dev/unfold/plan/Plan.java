package dev.unfold.plan;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.NoisyCell;
import dev.unfold.cell.ParameterShape;
import dev.unfold.kernels.Pointwise.Op;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What is derived from a cell for given sizes: its parameters, the forward and the adjoint schedule,
/// what is kept between them, and the buffers that they need.
///
/// The *preparation* runs once for each change of the parameters, on rows derived from parameter vectors. A pass
/// over T steps runs the *forward* stages for t = 0..T-1 and the *backward* stages for t = T-1..0. The other parts
/// run over the rows of many steps at once: the *prologue* before the forward stages of these steps (products of the
/// input), the *late* stages after their backward stages (error signals that feed no state's derivative), and then, if
/// it is wanted, the *epilogue* (the input's derivative). The weight gradients are products over these rows and need
/// no epilogue.
///
/// @param cell the cell
/// @param inputSize I
/// @param hiddenSize H
/// @param parameters names and shapes, in PyTorch's order
/// @param groups the merged matrices
/// @param stateWidths the width of each state
/// @param noiseWidths the width of each sequence of random numbers, in the order of [NoisyCell#masks]
/// @param sequenceWidths the width of each sequence of the plan's own
/// @param stepWidths the width of each step buffer
/// @param derivedWidths the width of each row derived from parameters
/// @param preparation what depends on parameter vectors alone
/// @param prologue what depends on the input alone and feeds a product
/// @param forward one step
/// @param backward the adjoint of one step
/// @param late error signals that no state takes part in
/// @param epilogue what only the input's derivative depends on
/// @param deltas the error signals of each group, a sequence `[T, B, rows]`
/// @param operands the operand of each group, a sequence `[T, B, operandWidth]`
/// @param vectorGradients what is summed over all rows for parameter vectors
/// @param kept what the forward pass keeps for the backward pass: where the adjoint finds it
/// @param activations the bounded functions and relus among what is kept
/// @param output what the cell gives to the layer above, a sequence
public record Plan(
    Cell cell,
    int inputSize,
    int hiddenSize,
    List<ParameterShape> parameters,
    List<Group> groups,
    List<Integer> stateWidths,
    List<Integer> noiseWidths,
    List<Integer> sequenceWidths,
    List<Integer> stepWidths,
    List<Integer> derivedWidths,
    List<Stage> preparation,
    List<Stage> prologue,
    List<Stage> forward,
    List<Stage> backward,
    List<Stage> late,
    List<Stage> epilogue,
    List<Place> deltas,
    List<Place> operands,
    List<VectorGradient> vectorGradients,
    List<Place> kept,
    List<Activation> activations,
    Place output) {

  /// A value with a range of its own, such as a gate.
  ///
  /// @param name what the equations call it: `f`, or `tanh(c)`
  /// @param op SIGMOID, TANH or RELU
  /// @param rows its values
  public record Activation(String name, Op op, Place rows) {
    static final Set<Op> OPERATIONS = Set.of(Op.SIGMOID, Op.TANH, Op.RELU);
  }

  /// The derivatives of numbers of parameter vectors that are the sum over all rows of one sequence.
  ///
  /// @param rows the sequence
  /// @param targets whose derivatives these are
  public record VectorGradient(Place rows, List<VectorTarget> targets) {
    /// Copies the list.
    public VectorGradient {
      targets = List.copyOf(targets);
    }
  }

  /// As many numbers of parameter `parameter` as the sequence has columns, from `from` on.
  public record VectorTarget(int parameter, int from) {}

  /// The plan of `cell` for I = `inputSize` and H = `hiddenSize`.
  ///
  /// **Errors**: [IllegalArgumentException] if a size is below 1.
  public static Plan of(Cell cell, int inputSize, int hiddenSize) {
    if (inputSize < 1) {
      throw new Refusal("input", "I of 1 or more", inputSize);
    }
    if (hiddenSize < 1) {
      throw new Refusal("hidden", "H of 1 or more", hiddenSize);
    }
    return new Scheduler(cell, inputSize, hiddenSize).plan();
  }

  /// Whether the units of what `stages` compute can be computed apart from each other, given the products' operands: no
  /// value is summed over units, and each has a block of `alignment` units or the rest of one for each of `parts`
  /// threads.
  public static boolean areSplitByUnits(List<Stage> stages, int parts, int alignment) {
    Stream<Place> results =
        stages.stream()
            .flatMap(stage -> stage.products().stream())
            .flatMap(product -> product.terms().stream())
            .map(Stage.Term::target);
    Stream<Place> operands =
        stages.stream()
            .flatMap(stage -> stage.pointwise().stream())
            .flatMap(fused -> fused.operands().stream());
    return Stream.concat(results, operands)
            .allMatch(place -> place.width() > (parts - 1) * alignment)
        && stages.stream()
            .flatMap(stage -> stage.pointwise().stream())
            .noneMatch(fused -> fused.program().hasRowValues());
  }
}
