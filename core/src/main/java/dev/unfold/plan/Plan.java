package dev.unfold.plan;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.NoisyCell;
import dev.unfold.kernels.Pointwise.Op;
import java.util.List;
import java.util.stream.Stream;

/// What is derived from a cell for given sizes: its step and the adjoint of that as graphs, the programs of both, and
/// the memory that they need. [Passes] says how. Immutable: a view for whoever runs, exports or goes on deriving.
///
/// A pass over T steps runs, with t for the step,
///
///     preparation                   once for each change of the parameters
///     prologue                      on the rows of many steps at once, before these steps
///     forward loop                  for t = 0..T-1
///     backward loop                 for t = T-1..0
///     late                          on the rows of many steps at once, after these steps
///     epilogue                      the same, after that, if the input's derivative is wanted
///
/// The gradients of matrices are products over all rows, deltas^T operands, and those of vectors sums over all rows:
/// they need no stage.
///
/// @param step one step of the cell
/// @param adjoint the adjoint of the step
/// @param memory the buffers
/// @param forward the programs of the forward direction, and where their results are
/// @param backward the programs of the backward direction, and where their results are
public record Plan(
    ForwardStep step, AdjointStep adjoint, Memory memory, Forward forward, Backward backward) {

  /// The widths of the buffers that a [Place] tells apart by an index.
  ///
  /// @param states the width of each state
  /// @param noises the width of each sequence of random numbers, in the order of [NoisyCell#masks]
  /// @param sequences the width of each sequence of the plan's own
  /// @param steps the width of each step's scratch
  /// @param derived the width of each row derived from parameters
  public record Memory(
      List<Integer> states,
      List<Integer> noises,
      List<Integer> sequences,
      List<Integer> steps,
      List<Integer> derived) {
    /// Copies the lists.
    public Memory {
      states = List.copyOf(states);
      noises = List.copyOf(noises);
      sequences = List.copyOf(sequences);
      steps = List.copyOf(steps);
      derived = List.copyOf(derived);
    }
  }

  /// The forward direction.
  ///
  /// @param preparation what depends on parameter vectors alone
  /// @param prologue what depends on the input alone and feeds a product
  /// @param loop one step
  /// @param operands the operand of each group, a sequence `[T, B, operandWidth]`
  /// @param kept what is kept for the backward direction: where the adjoint finds it
  /// @param activations the bounded functions and relus among what is kept
  /// @param output what the cell gives to the layer above, a sequence
  public record Forward(
      List<Stage> preparation,
      List<Stage> prologue,
      List<Stage> loop,
      List<Place> operands,
      List<Place> kept,
      List<Activation> activations,
      Place output) {
    /// Copies the lists.
    public Forward {
      preparation = List.copyOf(preparation);
      prologue = List.copyOf(prologue);
      loop = List.copyOf(loop);
      operands = List.copyOf(operands);
      kept = List.copyOf(kept);
      activations = List.copyOf(activations);
    }
  }

  /// The backward direction.
  ///
  /// @param loop the adjoint of one step
  /// @param late error signals that no state takes part in
  /// @param epilogue what only the input's derivative depends on
  /// @param deltas the error signals of each group, a sequence `[T, B, rows]`
  /// @param vectorGradients what is summed over all rows for parameter vectors
  public record Backward(
      List<Stage> loop,
      List<Stage> late,
      List<Stage> epilogue,
      List<Place> deltas,
      List<VectorGradient> vectorGradients) {
    /// Copies the lists.
    public Backward {
      loop = List.copyOf(loop);
      late = List.copyOf(late);
      epilogue = List.copyOf(epilogue);
      deltas = List.copyOf(deltas);
      vectorGradients = List.copyOf(vectorGradients);
    }
  }

  /// A value with a range of its own, such as a gate.
  ///
  /// @param name what the equations call it: `f`, or `tanh(c)`
  /// @param op SIGMOID, TANH or RELU
  /// @param rows its values
  public record Activation(String name, Op op, Place rows) {}

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
    return Passes.plan(cell, cell.sizes(inputSize, hiddenSize));
  }

  /// Whether the units of what `stages` compute can be computed apart from each other, given the products' operands: no
  /// value is summed over units, each has a block of `alignment` units or the rest of one for each of `parts`
  /// threads, and heads have whole blocks.
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
    boolean hasWholeHeads =
        stages.stream()
            .flatMap(stage -> stage.products().stream())
            .filter(product -> product.heads() > 1)
            .allMatch(product -> product.blocks().getFirst().operand().width() % alignment == 0);
    return hasWholeHeads
        && Stream.concat(results, operands)
            .allMatch(place -> place.width() > (parts - 1) * alignment)
        && stages.stream()
            .flatMap(stage -> stage.pointwise().stream())
            .noneMatch(fused -> fused.heads() != null || fused.program().hasRowValues());
  }
}
