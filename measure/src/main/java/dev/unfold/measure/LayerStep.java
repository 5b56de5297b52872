package dev.unfold.measure;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Layer;
import dev.unfold.layer.Sequence;
import dev.unfold.layer.UnrolledLayer;
import java.util.ArrayList;
import java.util.List;

/// A training step of one layer, to be measured.
///
/// It is what a training loop does to a layer with each update: lay out the changed weights, forward,
/// backward with the gradients of the input, the initial state and all parameters.
public final class LayerStep {
  private final Sizes sizes;
  private final Team team;
  private final Layer layer;
  private final UnrolledLayer unrolled;
  private final List<Matrix> parameters = new ArrayList<>();
  private final List<Matrix> gradients;
  private final Matrix input;
  private final Matrix inputGradient;
  private final Team.Task clearTask = this::clearGradients;
  private long version;

  /// I, H, B, T
  public record Sizes(int input, int hidden, int batch, int steps) {
    /// Checks the sizes.
    public Sizes {
      Expect.positive("input", "I", input);
      Expect.positive("hidden", "H", hidden);
      Expect.positive("batch", "B", batch);
      Expect.positive("steps", "T", steps);
      if ((long) steps * batch > Integer.MAX_VALUE) {
        throw new Refusal("steps", "T*B below 2^31", "T=" + steps + " and B=" + batch);
      }
    }

    /// T*B
    public int rows() {
      return steps * batch;
    }
  }

  /// A step of zeros, with weights of 32 bits.
  public LayerStep(Cell cell, Sizes sizes, Kernels kernels, Team team) {
    this(cell, sizes, kernels, WeightFormat.FLOAT32, team);
  }

  /// A step of zeros; with weights of 16 bits forward alone.
  public LayerStep(Cell cell, Sizes sizes, Kernels kernels, WeightFormat format, Team team) {
    this.sizes = sizes;
    this.team = team;
    layer =
        Layer.of(
            cell,
            sizes.input(),
            sizes.hidden(),
            kernels,
            format,
            shape -> {
              Matrix matrix = kernels.allocate(shape.rows(), shape.cols());
              parameters.add(matrix);
              return matrix;
            });
    gradients =
        layer.shapes().stream().map(shape -> kernels.allocate(shape.rows(), shape.cols())).toList();
    Sequence inputs = Sequence.allocate(kernels, sizes.rows(), sizes.input());
    Sequence derivatives = Sequence.allocate(kernels, sizes.rows(), sizes.input());
    input = inputs.rows(sizes.rows());
    inputGradient = derivatives.rows(sizes.rows());
    unrolled = new UnrolledLayer(layer, team, inputs, derivatives, sizes.steps(), sizes.batch());
  }

  /// Names of the parameters, in the order of [#parameters].
  public List<String> names() {
    return layer.shapes().stream().map(shape -> shape.name()).toList();
  }

  /// The parameters, a vector as a single row.
  public List<Matrix> parameters() {
    return parameters;
  }

  /// What [#backward] found, in the order of [#parameters].
  public List<Matrix> gradients() {
    return gradients;
  }

  /// `[T*B, I]`
  public Matrix input() {
    return input;
  }

  /// `[T*B, I]`, after [#backward]
  public Matrix inputGradient() {
    return inputGradient;
  }

  /// `[T*B, H]`, after [#forward]
  public Matrix output() {
    return unrolled.output().rows(sizes.rows());
  }

  /// `[T*B, H]`
  public Matrix outputGradient() {
    return unrolled.outputGradient().rows(sizes.rows());
  }

  /// The states.
  public UnrolledLayer unrolled() {
    return unrolled;
  }

  /// A copy of state `index` after the last step, `[B, H]`.
  public Matrix finalState(int index) {
    Matrix like = unrolled.initialState(index);
    Matrix copy = like.alike(like.rows(), like.cols());
    for (int b = 0; b < copy.rows(); b++) {
      unrolled.copyFinalState(index, b, copy, b);
    }
    return copy;
  }

  /// How many floating-point operations the products of a step take.
  public double operations() {
    return 3.0 * layer.productOperations() * sizes.rows();
  }

  /// Bytes of memory for T*B tokens: the layer's own, and the input and its derivative.
  public long memoryBytes() {
    long sequences = input.buffer().length() + inputGradient.buffer().length();
    return unrolled.bytes() + sequences * input.buffer().type().bytes();
  }

  /// Lays out the weights as after an update.
  public void layOut() {
    version++;
    layer.refresh(version, team);
  }

  /// Forward, with the weights as they were last laid out.
  public void forward() {
    unrolled.forward();
  }

  /// Backward, all gradients anew.
  public void backward() {
    team.run(clearTask);
    unrolled.backward(gradients);
  }

  private void clearGradients(int part, int parts) {
    for (int i = 0; i < gradients.size(); i++) {
      Matrix gradient = gradients.get(i);
      long from = (long) Team.from(gradient.rows(), part, parts) * gradient.cols();
      long end = (long) Team.from(gradient.rows(), part + 1, parts) * gradient.cols();
      gradient.buffer().clear(gradient.offset() + from, end - from);
    }
  }
}
