package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.bptt.Layer;
import dev.unfold.bptt.Sequence;
import dev.unfold.bptt.UnrolledLayer;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Cells;
import dev.unfold.cell.ParameterShape;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.Team;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A layer by itself: derivatives that come in through the final states, and what is not asked for.
final class LayerTest {
  private static final int T = 3;
  private static final int B = 2;
  private static final int I = 2;
  private static final int H = 3;
  private static final double TOLERANCE = 1e-7;

  private final Kernels kernels = Backends.named("scalar", Precision.DOUBLE);
  private final Team team = Team.of(2);
  private final Random random = new Random(5);
  private final List<Matrix> parameters = new ArrayList<>();
  private final Sequence input = Sequence.allocate(Precision.DOUBLE, T * B, I);
  private Layer layer;
  private int states;

  static Stream<Cell> cells() {
    return Stream.concat(
        Cells.names().stream()
            .filter(name -> !name.contains("relu") && !name.equals("indrnn"))
            .map(Cells::named),
        OddCells.all().stream());
  }

  @ParameterizedTest
  @MethodSource("cells")
  void gradients_ofALossOfOutputsAndFinalStates_areThoseOfTheLoss(Cell cell) {
    draw(cell);
    Sequence inputGradient = Sequence.allocate(Precision.DOUBLE, T * B, I);
    UnrolledLayer unrolled = unroll(inputGradient);
    List<Matrix> gradients = zeros();
    unrolled.forward();
    unrolled.backward(gradients);
    CentralDifferences differences = new CentralDifferences(() -> terms(unrolled));
    for (int p = 0; p < parameters.size(); p++) {
      differences.compare(layer.shapes().get(p).name(), parameters.get(p), gradients.get(p));
    }
    differences.compare("input", input.rows(T * B), inputGradient.rows(T * B));
    for (int s = 0; s < cell.states().size(); s++) {
      differences.compare(
          cell.states().get(s), unrolled.initialState(s), unrolled.initialStateGradient(s));
    }
    assertTrue(differences.largest() < TOLERANCE, differences::place);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void parameterGradients_withoutInputGradient_areTheSame(Cell cell) {
    draw(cell);
    UnrolledLayer with = unroll(Sequence.allocate(Precision.DOUBLE, T * B, I));
    List<Matrix> expected = zeros();
    with.forward();
    with.backward(expected);
    UnrolledLayer without = unroll(null);
    List<Matrix> got = zeros();
    copy(with.outputGradient().rows(T * B), without.outputGradient().rows(T * B));
    for (int s = 0; s < cell.states().size(); s++) {
      copy(with.initialState(s), without.initialState(s));
      copy(with.finalStateGradient(s), without.finalStateGradient(s));
    }
    without.forward();
    without.backward(got);
    for (int p = 0; p < expected.size(); p++) {
      assertArrayEquals(
          expected.get(p).buffer().toArray(),
          got.get(p).buffer().toArray(),
          layer.shapes().get(p).name());
    }
  }

  private void draw(Cell cell) {
    states = cell.states().size();
    layer =
        Layer.of(
            cell,
            I,
            H,
            kernels,
            shape -> {
              Matrix matrix = Matrix.allocate(Precision.DOUBLE, shape.rows(), shape.cols());
              parameters.add(matrix);
              return fill(matrix);
            });
    fill(input.rows(T * B));
    layer.refresh(0, team);
  }

  private UnrolledLayer unroll(Sequence inputGradient) {
    UnrolledLayer unrolled = new UnrolledLayer(layer, team, input, inputGradient, T, B);
    fill(unrolled.outputGradient().rows(T * B));
    for (int s = 0; s < states; s++) {
      fill(unrolled.initialState(s));
      fill(unrolled.finalStateGradient(s));
    }
    return unrolled;
  }

  /// The loss is the scalar product of all outputs and final states with the derivatives that were drawn.
  private double[] terms(UnrolledLayer unrolled) {
    layer.refresh(random.nextLong(), team);
    unrolled.forward();
    List<Double> terms = new ArrayList<>();
    addProducts(unrolled.output().rows(T * B), unrolled.outputGradient().rows(T * B), terms);
    for (int s = 0; s < states; s++) {
      addProducts(unrolled.finalState(s), unrolled.finalStateGradient(s), terms);
    }
    return terms.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static void addProducts(Matrix values, Matrix weights, List<Double> products) {
    for (int r = 0; r < values.rows(); r++) {
      for (int c = 0; c < values.cols(); c++) {
        products.add(values.get(r, c) * weights.get(r, c));
      }
    }
  }

  private List<Matrix> zeros() {
    List<Matrix> zeros = new ArrayList<>();
    for (ParameterShape shape : layer.shapes()) {
      zeros.add(Matrix.allocate(Precision.DOUBLE, shape.rows(), shape.cols()));
    }
    return zeros;
  }

  private Matrix fill(Matrix matrix) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        matrix.set(r, c, random.nextDouble(-0.8, 0.8));
      }
    }
    return matrix;
  }

  private static void copy(Matrix source, Matrix target) {
    for (int r = 0; r < source.rows(); r++) {
      for (int c = 0; c < source.cols(); c++) {
        target.set(r, c, source.get(r, c));
      }
    }
  }
}
