package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.CellParameter.Block;
import dev.unfold.cell.Sizes;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.proof.LayerProblem.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A layer with heads is the layer without, whose recurrent matrices have zeros where a unit would see another head.
final class HeadsTest {
  private static final Shape SHAPE = new Shape(5, 3, 4, 6);

  /// What [CentralDifferences] can tell.
  private static final double TOLERANCE = 1e-7;

  private static final Kernels SCALAR = TestBackends.scalar(Precision.DOUBLE);

  private final Team team = Team.of(2);

  static Stream<Cell> cells() {
    return Stream.concat(
        Stream.of(2, 3, 6).flatMap(heads -> HeadedCells.standard(heads).stream()),
        HeadedCells.all(15).skip(HeadedCells.standard(2).size()));
  }

  @Test
  void standardCells_withHeads_areMost() {
    assertTrue(HeadedCells.standard(2).size() >= 15, HeadedCells.standard(2)::toString);
  }

  /// *Tolerance*: sums of up to 6 products in another order over 5 steps, of numbers around 1: some hundred units in
  /// the last place.
  @ParameterizedTest
  @MethodSource("cells")
  void layer_withHeads_givesTheNumbersOfTheWholeMatricesWithZeros(Cell cell) {
    assertLikeWhole(cell, SCALAR, 1e-12);
  }

  /// *Tolerance*: the same in float.
  @ParameterizedTest
  @MethodSource("cells")
  void layer_withHeadsInFloat_givesTheNumbersOfTheWholeMatricesWithZeros(Cell cell) {
    assertLikeWhole(cell, TestBackends.best(Precision.FLOAT), 2e-5);
  }

  private void assertLikeWhole(Cell cell, Kernels kernels, double tolerance) {
    Cell whole = cell.withHeads(1);
    LayerProblem own = new LayerProblem(cell, kernels, SHAPE, 5);
    LayerProblem other = new LayerProblem(whole, kernels, SHAPE, 5);
    other.input().rows(SHAPE.rows()).copy(own.input().rows(SHAPE.rows()));
    List<CellParameter> parameters = cell.layout().parameters();
    for (int p = 0; p < parameters.size(); p++) {
      Matrix matrix = own.parameters().get(p);
      other.parameters().get(p).copy(widened(parameters.get(p), matrix));
    }
    Map<String, double[]> expected = other.run(other.unroll(team), team);
    Map<String, double[]> got = own.run(own.unroll(team), team);
    for (int p = 0; p < parameters.size(); p++) {
      double[] dense = expected.remove("derivative of " + other.layer().shapes().get(p));
      double[] blocks = got.remove("derivative of " + own.layer().shapes().get(p));
      String name = parameters.get(p).name();
      assertNear(name, narrowed(parameters.get(p), dense), blocks, tolerance);
    }
    assertEquals(expected.keySet(), got.keySet());
    expected.forEach((name, numbers) -> assertNear(name, numbers, got.get(name), tolerance));
  }

  private static void assertNear(String name, double[] expected, double[] got, double tolerance) {
    double largest = Arrays.stream(expected).map(Math::abs).reduce(1, Math::max);
    assertArrayEquals(expected, got, tolerance * largest, name);
  }

  /// The head that row `row` of a matrix belongs to: rows count anew in each map.
  private static int head(CellParameter parameter, int row) {
    Sizes sizes = new Sizes(SHAPE.input(), SHAPE.hidden(), Map.of());
    int from = 0;
    for (Block block : parameter.blocks()) {
      int size = sizes.of(block.size());
      if (row < from + size) {
        return (row - from) / (size / parameter.heads());
      }
      from += size;
    }
    throw new IllegalArgumentException("row: " + row);
  }

  /// A matrix with zeros where there is nothing.
  private static Matrix widened(CellParameter parameter, Matrix blocks) {
    if (parameter.heads() == 1) {
      return blocks;
    }
    ElementType type = blocks.buffer().type();
    Matrix whole = Matrix.allocate(type, blocks.rows(), blocks.cols() * parameter.heads());
    for (int r = 0; r < blocks.rows(); r++) {
      for (int c = 0; c < blocks.cols(); c++) {
        whole.set(r, head(parameter, r) * blocks.cols() + c, blocks.get(r, c));
      }
    }
    return whole;
  }

  /// The numbers of a matrix that one with heads has.
  private static double[] narrowed(CellParameter parameter, double[] whole) {
    if (parameter.heads() == 1) {
      return whole;
    }
    int cols = SHAPE.hidden();
    int width = cols / parameter.heads();
    return IntStream.range(0, whole.length / parameter.heads())
        .mapToDouble(i -> {
          int row = i / width;
          return whole[row * cols + head(parameter, row) * width + i % width];
        })
        .toArray();
  }

  /// The matrices of both directions are laid out anew.
  @Test
  void gradients_afterTheWeightsHaveChanged_areThoseOfTheNewOnes() {
    for (Cell cell : HeadedCells.standard(3)) {
      for (int threads = 1; threads <= 3; threads++) {
        Team own = Team.of(threads);
        LayerProblem problem = new LayerProblem(cell, SCALAR, SHAPE, 5);
        UnrolledLayer used = problem.unroll(own);
        problem.run(used, own);
        for (Matrix parameter : problem.parameters()) {
          for (int r = 0; r < parameter.rows(); r++) {
            for (int c = 0; c < parameter.cols(); c++) {
              Numbers.set(parameter, r, c, 0.7 * Numbers.get(parameter, r, c));
            }
          }
        }
        Map<String, double[]> got = problem.run(used, own);
        LayerProblem fresh = new LayerProblem(cell, SCALAR, SHAPE, 5);
        for (int p = 0; p < problem.parameters().size(); p++) {
          fresh.parameters().get(p).copy(problem.parameters().get(p));
        }
        Map<String, double[]> expected = fresh.run(fresh.unroll(own), own);
        expected.forEach((name, numbers) ->
            assertArrayEquals(numbers, got.get(name), cell.name() + ": " + name));
      }
    }
  }

  /// Random cells keep away from kinks, others may be near one.
  static Stream<Cell> smoothCells() {
    return cells().filter(cell -> cell.name().startsWith("headed") || !Kinks.hasRelu(cell));
  }

  @ParameterizedTest
  @MethodSource("smoothCells")
  void gradients_ofALayerWithHeads_areThoseOfTheLoss(Cell cell) {
    LayerProblem problem = new LayerProblem(cell, SCALAR, new Shape(3, 2, 2, 6), 5);
    CentralDifferences differences =
        problem.differences(problem.unroll(team), team, IntStream.range(0, 3));
    assertTrue(differences.largest() < TOLERANCE, differences::place);
  }
}
