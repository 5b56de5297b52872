package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.UnrolledLayer;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A layer by itself: derivatives that come in through the final states, and what is not asked for.
final class LayerTest {
  private static final LayerProblem.Shape SHAPE = new LayerProblem.Shape(3, 2, 2, 3);
  private static final double TOLERANCE = 1e-7;

  private final Team team = Team.of(2);

  static Stream<Cell> cells() {
    return Stream.concat(
        Cells.names().stream().map(Cells::named).filter(cell -> !Kinks.hasRelu(cell)),
        OddCells.all().stream());
  }

  private static LayerProblem draw(Cell cell) {
    return new LayerProblem(cell, TestBackends.scalar(Precision.DOUBLE), SHAPE, 5);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void gradients_ofALossOfOutputsAndFinalStates_areThoseOfTheLoss(Cell cell) {
    LayerProblem problem = draw(cell);
    IntStream steps = IntStream.range(0, SHAPE.steps());
    CentralDifferences differences = problem.differences(problem.unroll(team), team, steps);
    assertTrue(differences.largest() < TOLERANCE, differences::place);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void parameterGradients_withoutInputGradient_areTheSame(Cell cell) {
    LayerProblem problem = draw(cell);
    List<Matrix> expected = problem.gradients(problem.unroll(team), team);
    UnrolledLayer without =
        new UnrolledLayer(
            problem.layer(), team, problem.input(), null, SHAPE.steps(), SHAPE.batch());
    problem.start(without);
    List<Matrix> got = problem.gradients(without, team);
    for (int p = 0; p < expected.size(); p++) {
      assertArrayEquals(
          expected.get(p).buffer().toArray(),
          got.get(p).buffer().toArray(),
          problem.layer().shapes().get(p).name());
    }
  }
}
