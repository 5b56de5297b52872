package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every derivative is that of the loss: central differences in double, on the scalar backend.
final class GradientTest {
  /// What [CentralDifferences] can tell.
  private static final double TOLERANCE = 1e-7;

  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);
  private static final Team TEAM = Team.of(1);

  /// Random cells in the plain build; a slow test draws many more.
  private static final int RANDOM = 30;

  private static final int HEADED = 15;

  /// Draws before a batch is of one sequence.
  private static final int MANY = 20;

  private static double largest;

  @AfterAll
  static void report() {
    System.out.printf("gradients: largest relative error %.1e%n", largest);
  }

  @TestFactory
  Stream<DynamicTest> gradients_ofStandardCells_areThoseOfTheLoss() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Cell cell : Cells.names().stream().map(Cells::named).toList()) {
      for (Bias bias : Bias.values()) {
        for (int steps : new int[] {1, 2, 5}) {
          tests.add(
              DynamicTest.dynamicTest(
                  cell.name() + " " + bias + " T=" + steps,
                  () -> checkStandard(cell.withBias(bias), steps)));
        }
      }
    }
    return tests.stream();
  }

  private static void checkStandard(Cell cell, int steps) {
    for (int layers = 1; layers <= 2; layers++) {
      NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(2), 4, layers, 3);
      Problem problem = draw(spec, steps, 3, 0);
      // A cell with many kinks is near one of them somewhere in most batches.
      for (long seed = 1; Kinks.areNear(problem); seed++) {
        problem = draw(spec, steps, seed < MANY ? 3 : 1, seed);
      }
      check(problem);
    }
  }

  @TestFactory
  Stream<DynamicTest> gradients_ofOddCells_areThoseOfTheLoss() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Cell cell : OddCells.all()) {
      for (Bias bias : Bias.values()) {
        tests.add(
            DynamicTest.dynamicTest(
                cell.name() + " " + bias, () -> checkStandard(cell.withBias(bias), 5)));
      }
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> gradients_ofRandomCells_areThoseOfTheLoss() {
    Long only = Long.getLong("unfold.seed");
    LongStream seeds = only != null ? LongStream.of(only) : LongStream.range(0, RANDOM);
    return seeds.mapToObj(seed -> DynamicTest.dynamicTest("seed " + seed, () -> checkRandom(seed)));
  }

  @TestFactory
  Stream<DynamicTest> gradients_ofRandomCellsWithHeads_areThoseOfTheLoss() {
    return LongStream.range(0, HEADED)
        .mapToObj(
            seed -> DynamicTest.dynamicTest("seed " + seed, () -> checkRandomWithHeads(seed)));
  }

  @Test
  @Tag("slow")
  void gradients_ofManyMoreRandomCells_areThoseOfTheLoss() {
    LongStream.range(RANDOM, 3000).forEach(GradientTest::checkRandom);
    LongStream.range(HEADED, 1000).forEach(GradientTest::checkRandomWithHeads);
  }

  private static void checkRandom(long seed) {
    Random random = new Random(~seed);
    Bias bias = List.of(Bias.values()).get(random.nextInt(3));
    Cell cell = RandomCell.draw(seed).withBias(bias);
    int width = 1 + random.nextInt(RandomCell.WIDTH);
    int hidden = 1 + random.nextInt(RandomCell.WIDTH);
    int layers = 1 + random.nextInt(2);
    int steps = new int[] {1, 2, 5}[random.nextInt(3)];
    int batch = 1 + random.nextInt(3);
    NetworkSpec spec =
        new NetworkSpec(cell, new Encoder.Vectors(width), hidden, layers, 2 + random.nextInt(3));
    try {
      check(draw(spec, steps, batch, seed));
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError(
          "seed "
              + seed
              + ", to repeat: mvn -o -pl core -am test -Dtest=GradientTest"
              + " -Dsurefire.failIfNoSpecifiedTests=false -Dunfold.seed="
              + seed
              + "\n"
              + describe(spec, steps, batch)
              + "\n"
              + e,
          e);
    }
  }

  private static void checkRandomWithHeads(long seed) {
    Random random = new Random(~seed);
    Bias bias = List.of(Bias.values()).get(random.nextInt(3));
    Cell cell = RandomCell.drawWithHeads(seed).withBias(bias);
    int layers = 1 + random.nextInt(2);
    NetworkSpec spec =
        new NetworkSpec(cell, new Encoder.Vectors(2), RandomCell.WIDTH_OF_HEADS, layers, 3);
    try {
      check(draw(spec, 3, 2, seed));
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed %d with heads%n%s".formatted(seed, describe(spec, 3, 2)), e);
    }
  }

  private static String describe(NetworkSpec spec, int steps, int batch) {
    return "T=%d B=%d I=%d H=%d L=%d K=%d, %s%n%s"
        .formatted(
            steps,
            batch,
            spec.encoder().width(),
            spec.hidden(),
            spec.layers(),
            spec.outputs(),
            spec.cell().bias(),
            spec.cell());
  }

  private static Problem draw(NetworkSpec spec, int steps, int batch, long seed) {
    return Problem.draw(spec, KERNELS, TEAM, steps, batch, seed);
  }

  private static void check(Problem problem) {
    CentralDifferences differences = new CentralDifferences(problem::losses);
    for (Problem.Variable variable : problem.variables()) {
      differences.compare(variable.name(), variable.values(), variable.gradient());
    }
    largest = Math.max(largest, differences.largest());
    assertTrue(differences.largest() < TOLERANCE, differences::place);
  }
}
