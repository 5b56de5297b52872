package dev.unfold.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.proof.CentralDifferences;
import dev.unfold.proof.LayerProblem;
import dev.unfold.proof.LayerProblem.Shape;
import dev.unfold.proof.OddCells;
import dev.unfold.proof.TestBackends;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Sequences of several chunks, the last of them shorter.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ChunkTest {
  /// What [CentralDifferences] can tell.
  private static final double TOLERANCE = 1e-7;

  private static final int B = 7;
  private static final int CHUNK = LiveRows.blockSteps(1, B);

  /// Two chunks, and a shorter one.
  private static final int T = 2 * CHUNK + CHUNK / 3;

  /// Cells whose input's products, and whose late signals, leave the loop in every way.
  static List<Cell> cells() {
    List<String> odd =
        List.of(
            "carry_into_late_signal",
            "back_product_into_late_signal",
            "late_signal_into_vector",
            "no_input");
    return Stream.concat(
            Stream.of("elman", "lstm", "gru").map(Cells::named),
            OddCells.all().stream().filter(cell -> odd.contains(cell.name())))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void gradients_ofSeveralChunks_areThoseOfTheLoss(Cell cell) {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    LayerProblem problem = new LayerProblem(cell, kernels, new Shape(T, B, 2, 2), 3);
    Team team = Team.of(2);
    IntStream atTheEdges = IntStream.of(0, CHUNK - 1, CHUNK, 2 * CHUNK - 1, 2 * CHUNK, T - 1);
    CentralDifferences differences = problem.differences(problem.unroll(team), team, atTheEdges);
    assertTrue(differences.largest() < TOLERANCE, differences::place);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void numbers_ofSeveralChunks_areTheSameBitsForOneToFourThreads(Cell cell) {
    Kernels kernels = TestBackends.best(Precision.FLOAT);
    for (int batch : new int[] {1, 3, 600}) {
      int chunk = LiveRows.blockSteps(1, batch);
      int steps = 2 * chunk + chunk / 3;
      LayerProblem problem = new LayerProblem(cell, kernels, new Shape(steps, batch, 3, 19), 4);
      Team one = Team.of(1);
      Map<String, double[]> expected = problem.run(problem.unroll(one), one);
      for (int threads = 2; threads <= 4; threads++) {
        Team team = Team.of(threads);
        Map<String, double[]> got = problem.run(problem.unroll(team), team);
        String what = "B=" + batch + ", " + threads + " threads: ";
        expected.forEach((name, values) -> assertArrayEquals(values, got.get(name), what + name));
      }
    }
  }
}
