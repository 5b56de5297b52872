package dev.unfold.proof;

import dev.unfold.cell.Cell;
import dev.unfold.cell.ParameterShape;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Layer;
import dev.unfold.layer.Sequence;
import dev.unfold.layer.UnrolledLayer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/// A layer with drawn parameters and input. Its loss is the scalar product of all outputs and final states with
/// numbers that are drawn too: what is put in as their derivatives.
public final class LayerProblem {
  /// Input, states and derivatives are drawn within this radius.
  private static final double VALUES = 0.8;

  private final Cell cell;
  private final Precision precision;
  private final Shape shape;
  private final long seed;
  private final Layer layer;
  private final Sequence input;
  private final Sequence inputGradient;
  private final List<Matrix> parameters = new ArrayList<>();
  private long version;

  /// T, B, I and H.
  public record Shape(int steps, int batch, int input, int hidden) {
    int rows() {
      return steps * batch;
    }
  }

  /// The problem that `seed` draws.
  public LayerProblem(Cell cell, Kernels kernels, Shape shape, long seed) {
    this.cell = cell;
    precision = kernels.precision();
    this.shape = shape;
    this.seed = seed;
    Random random = new Random(seed);
    layer =
        Layer.of(
            cell,
            shape.input(),
            shape.hidden(),
            kernels,
            parameter -> {
              Matrix matrix = Matrix.allocate(precision.type(), parameter.rows(), parameter.cols());
              parameters.add(matrix);
              return draw(matrix, parameter, random);
            });
    input = Sequence.allocate(kernels, shape.rows(), shape.input());
    inputGradient = Sequence.allocate(kernels, shape.rows(), shape.input());
    fill(input.rows(shape.rows()), VALUES, random);
  }

  /// Parameters as the bounds of [RandomCell] want them: its own vectors away from zero, and the weights of a row
  /// never larger in sum than those of its widest matrix.
  private static Matrix draw(Matrix matrix, ParameterShape parameter, Random random) {
    if (parameter.name().startsWith("p")) {
      for (int c = 0; c < matrix.cols(); c++) {
        double size = random.nextDouble(RandomCell.VECTORS_FROM, RandomCell.VECTORS_TO);
        matrix.set(0, c, random.nextBoolean() ? size : -size);
      }
      return matrix;
    }
    boolean vector = parameter.shape().size() == 1;
    double columns = vector ? 1 : Math.max(1.0, (double) matrix.cols() / RandomCell.WIDTH);
    fill(matrix, RandomCell.WEIGHTS / columns, random);
    return matrix;
  }

  private static void fill(Matrix matrix, double radius, Random random) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        Numbers.set(matrix, r, c, random.nextDouble(-radius, radius));
      }
    }
  }

  /// T, B, I and H.
  public Shape shape() {
    return shape;
  }

  /// The layer.
  public Layer layer() {
    return layer;
  }

  /// The parameters, in the order of [Layer#shapes], a vector as a single row.
  List<Matrix> parameters() {
    return List.copyOf(parameters);
  }

  /// The input `[T, B, I]`.
  public Sequence input() {
    return input;
  }

  /// Where the derivative with respect to the input may go.
  public Sequence inputGradient() {
    return inputGradient;
  }

  /// The layer unrolled for `team`, ready to run, with the derivative with respect to the input.
  public UnrolledLayer unroll(Team team) {
    UnrolledLayer unrolled =
        new UnrolledLayer(layer, team, input, inputGradient, shape.steps(), shape.batch());
    start(unrolled);
    return unrolled;
  }

  /// Draws initial states and the derivatives that come from outside, always the same.
  public void start(UnrolledLayer unrolled) {
    Random random = new Random(~seed);
    fill(unrolled.outputGradient().rows(shape.rows()), VALUES, random);
    for (int s = 0; s < states(); s++) {
      fill(unrolled.initialState(s), VALUES, random);
      fill(unrolled.finalStateGradient(s), VALUES, random);
    }
  }

  int states() {
    return cell.states().size();
  }

  /// Runs forward and back, and returns the parameters' derivatives.
  public List<Matrix> gradients(UnrolledLayer unrolled, Team team) {
    List<Matrix> gradients =
        parameters.stream()
            .map(p -> Matrix.allocate(precision.type(), p.rows(), p.cols()))
            .toList();
    forward(unrolled, team);
    unrolled.backward(gradients);
    return gradients;
  }

  /// Runs forward with the parameters as they are.
  private void forward(UnrolledLayer unrolled, Team team) {
    version++;
    layer.refresh(version, team);
    unrolled.forward();
  }

  /// All derivatives of parameters and initial states, and those of the input at `steps`, compared with differences
  /// of the loss.
  public CentralDifferences differences(UnrolledLayer unrolled, Team team, IntStream steps) {
    List<Matrix> gradients = gradients(unrolled, team);
    CentralDifferences differences = new CentralDifferences(() -> terms(unrolled, team));
    for (int p = 0; p < parameters.size(); p++) {
      differences.compare(layer.shapes().get(p).name(), parameters.get(p), gradients.get(p));
    }
    for (int s = 0; s < states(); s++) {
      differences.compare(
          cell.states().get(s), unrolled.initialState(s), unrolled.initialStateGradient(s));
    }
    int batch = shape.batch();
    Matrix values = input.rows(shape.rows());
    Matrix derivatives = inputGradient.rows(shape.rows());
    steps.forEach(t ->
        differences.compare(
            "input of step " + t,
            values.rows(t * batch, batch),
            derivatives.rows(t * batch, batch)));
    return differences;
  }

  private static Matrix finalState(UnrolledLayer unrolled, int index) {
    Matrix like = unrolled.initialState(index);
    Matrix state = Matrix.allocate(like.buffer().type(), like.rows(), like.cols());
    for (int b = 0; b < state.rows(); b++) {
      unrolled.copyFinalState(index, b, state, b);
    }
    return state;
  }

  private double[] terms(UnrolledLayer unrolled, Team team) {
    forward(unrolled, team);
    List<Matrix> values = new ArrayList<>(List.of(unrolled.output().rows(shape.rows())));
    List<Matrix> factors = new ArrayList<>(List.of(unrolled.outputGradient().rows(shape.rows())));
    for (int s = 0; s < states(); s++) {
      values.add(finalState(unrolled, s));
      factors.add(unrolled.finalStateGradient(s));
    }
    double[] terms = new double[values.stream().mapToInt(m -> m.rows() * m.cols()).sum()];
    int term = 0;
    for (int i = 0; i < values.size(); i++) {
      double[] some = Bits.toArray(values.get(i));
      double[] others = Bits.toArray(factors.get(i));
      for (int j = 0; j < some.length; j++) {
        terms[term] = some[j] * others[j];
        term++;
      }
    }
    return terms;
  }

  /// Runs forward and back, and returns all numbers that this gives, by name.
  public Map<String, double[]> run(UnrolledLayer unrolled, Team team) {
    List<Matrix> gradients = gradients(unrolled, team);
    Map<String, double[]> numbers = new LinkedHashMap<>();
    for (int p = 0; p < gradients.size(); p++) {
      numbers.put("derivative of " + layer.shapes().get(p), Bits.toArray(gradients.get(p)));
    }
    numbers.put("output", Bits.toArray(unrolled.output().rows(shape.rows())));
    numbers.put("derivative of input", Bits.toArray(inputGradient.rows(shape.rows())));
    for (int s = 0; s < states(); s++) {
      numbers.put("state " + s, Bits.toArray(finalState(unrolled, s)));
      numbers.put("derivative of state " + s, Bits.toArray(unrolled.initialStateGradient(s)));
    }
    for (int g = 0; g < layer.groups().size(); g++) {
      String name = "error signals " + layer.groups().get(g);
      numbers.put(name, Bits.toArray(unrolled.errorSignals(g).rows(shape.rows())));
    }
    return numbers;
  }
}
