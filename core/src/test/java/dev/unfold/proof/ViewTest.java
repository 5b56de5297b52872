package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Mask;
import dev.unfold.cell.NoisyCell;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.plan.Plan;
import dev.unfold.proof.LayerProblem.Shape;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The view of a plan is whole: who sees nothing else gets the numbers of the layer out of it, in either of two ways,
/// by the graphs and by the programs.
///
/// *Tolerance*: all is computed in double, in another order of sums; the functions differ by some units in the last
/// place.
final class ViewTest {
  private static final double TOLERANCE = 1e-12;
  private static final Shape SHAPE = new Shape(4, 1, 2, 4);
  private static final Team TEAM = Team.of(1);
  private static final Kernels SCALAR = TestBackends.scalar(Precision.DOUBLE);

  static Stream<Cell> cells() {
    Stream<Cell> library =
        Cells.names().stream()
            .map(Cells::named)
            .flatMap(cell -> Stream.of(Bias.values()).map(cell::withBias));
    Mask mask = Mask.dropout(0.5, Mask.Rhythm.EACH_STEP);
    Stream<Cell> noisy =
        Stream.of(
            NoisyCell.withStateDropout(Cells.lstm(), mask),
            NoisyCell.withStateDropout(Cells.gru().withHeads(2), mask),
            NoisyCell.withZoneout(Cells.elman(Activation.RELU), Map.of("h", 0.2)));
    Stream<Cell> random = LongStream.range(0, 40).mapToObj(RandomCell::draw);
    return Stream.of(library, noisy, OddCells.all().stream(), random, HeadedCells.all(40))
        .flatMap(all -> all);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void graph_ofEveryCell_walkedForwardAndBack_givesTheNumbersOfTheLayer(Cell cell) {
    assertAgrees(
        cell, (plan, problem) -> new GraphInterpreter(plan.step(), plan.adjoint(), problem).run());
  }

  @ParameterizedTest
  @MethodSource("cells")
  void programs_ofEveryCell_runInOtherMemory_giveTheNumbersOfTheLayer(Cell cell) {
    assertAgrees(cell, (plan, problem) -> new ProgramInterpreter(plan, problem).run());
  }

  private static void assertAgrees(
      Cell cell, BiFunction<Plan, ViewProblem, Map<String, double[]>> interpreter) {
    LayerProblem layer = new LayerProblem(cell, SCALAR, SHAPE, 5);
    UnrolledLayer unrolled = layer.unroll(TEAM);
    for (int mask = 0; mask < unrolled.masks().size(); mask++) {
      fill(unrolled.noise(mask).rows(SHAPE.rows()));
    }
    ViewProblem problem = ViewProblem.of(layer, unrolled);
    Map<String, double[]> expected = layer.run(unrolled, TEAM);
    Plan plan = Plan.of(cell, SHAPE.input(), SHAPE.hidden());
    Map<String, double[]> actual = interpreter.apply(plan, problem);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, numbers) ->
        assertArrayEquals(numbers, actual.get(name), TOLERANCE, () -> cell.name() + ": " + name));
  }

  private static void fill(Matrix noise) {
    Random random = new Random(7);
    for (int r = 0; r < noise.rows(); r++) {
      for (int c = 0; c < noise.cols(); c++) {
        Numbers.set(noise, r, c, random.nextInt(2));
      }
    }
  }
}
