package dev.unfold.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.plan.Stage;
import dev.unfold.proof.LayerProblem;
import dev.unfold.proof.LayerProblem.Shape;
import dev.unfold.proof.RandomCell;
import dev.unfold.proof.TestBackends;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows or units split, among any number of threads: the same bits as on one thread.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class SplitTest {
  private static final int T = 4;
  private static final int I = 7;

  /// No multiples of the lanes; the last leaves a block of lanes for each of four threads.
  private static final int[] HIDDEN = {19, 33, 67};

  private static final int[] BATCHES = {1, 2, 3, 7};
  private static final List<Team> TEAMS = IntStream.rangeClosed(1, 4).mapToObj(Team::of).toList();

  private int splitByUnits;

  /// Scalar in double, and the best there is.
  static List<Kernels> backends() {
    return List.of(TestBackends.scalar(Precision.DOUBLE), TestBackends.best(Precision.FLOAT));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void standardCells_splitByRowsOrUnits_giveTheBitsOfOneThread(Kernels kernels) {
    for (String name : Cells.names()) {
      splitByUnits = 0;
      for (int hidden : HIDDEN) {
        for (int batch : BATCHES) {
          Shape shape = new Shape(T, batch, I, hidden);
          assertSameBits(Cells.named(name), new LayerProblem(Cells.named(name), kernels, shape, 1));
        }
      }
      // Means over the units, numbers for all units, whose derivatives are sums over them, a state
      // of I units, which
      // are fewer than the lanes, and matrices, whose rows are summed up.
      boolean mayNot =
          Set.of("lstm_layer_norm", "fastgrnn", "qrnn", "mlstm", "gated_delta").contains(name);
      assertTrue(splitByUnits > 0 || mayNot, name + " was never split by units");
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void randomCells_splitByRowsOrUnits_giveTheBitsOfOneThread(Kernels kernels) {
    int cells = 0;
    for (long seed : LongStream.range(0, 40).toArray()) {
      splitByUnits = 0;
      for (int batch : new int[] {1, 3}) {
        Shape shape = new Shape(T, batch, I, 33);
        Cell cell = RandomCell.draw(seed);
        assertSameBits(cell, new LayerProblem(cell, kernels, shape, seed));
      }
      cells += splitByUnits > 0 ? 1 : 0;
    }
    // The others have means over units, or values of few units.
    assertTrue(cells >= 8, "only " + cells + " random cells were split by units");
  }

  /// Units are split if each head has whole blocks of lanes.
  @ParameterizedTest
  @MethodSource("backends")
  void cellsWithHeads_splitByRowsOrUnits_giveTheBitsOfOneThread(Kernels kernels) {
    int lanes = kernels.alignment();
    for (int width : new int[] {lanes, 2 * lanes, lanes + 1}) {
      splitByUnits = 0;
      for (Cell cell : List.of(Cells.lstm().withHeads(3), Cells.gru().withHeads(3))) {
        for (int batch : new int[] {1, 3}) {
          Shape shape = new Shape(T, batch, I, 3 * width);
          assertSameBits(cell, new LayerProblem(cell, kernels, shape, 1));
        }
      }
      assertEquals(width % lanes == 0, splitByUnits > 0, "heads of " + width);
    }
  }

  private void assertSameBits(Cell cell, LayerProblem problem) {
    Map<String, double[]> expected = run(problem, TEAMS.getFirst(), Split.ROWS);
    expected.forEach((name, values) ->
        assertTrue(Arrays.stream(values).allMatch(Double::isFinite), cell.name() + ": " + name));
    for (Team team : TEAMS) {
      for (Split split : splits(problem, team)) {
        splitByUnits += split == Split.UNITS && team.size() > 1 ? 1 : 0;
        Map<String, double[]> got = run(problem, team, split);
        expected.forEach((name, values) ->
            assertArrayEquals(
                values,
                got.get(name),
                "%s, %s, %s, %d threads: %s"
                    .formatted(cell.name(), problem.shape(), split, team.size(), name)));
      }
    }
  }

  private static List<Split> splits(LayerProblem problem, Team team) {
    boolean units = Split.allowsUnits(problem.layer(), team.size());
    return Stream.of(Split.values()).filter(split -> split == Split.ROWS || units).toList();
  }

  private static Map<String, double[]> run(LayerProblem problem, Team team, Split split) {
    Shape shape = problem.shape();
    LayerMemory memory =
        new LayerMemory(
            problem.layer(),
            problem.input(),
            problem.inputGradient(),
            new LiveRows(shape.steps(), shape.batch()));
    UnrolledLayer unrolled = new UnrolledLayer(problem.layer(), team, memory, split);
    problem.start(unrolled);
    return problem.run(unrolled, team);
  }

  private static Layer layer(int hidden) {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    return new LayerProblem(Cells.lstm(), kernels, new Shape(1, 1, I, hidden), 1).layer();
  }

  @Test
  void split_ofALayer_isByUnitsForFewRowsAThread() {
    Layer layer = layer(384);
    assertEquals(Split.ROWS, Split.ofLoop(layer, 1, 1));
    assertEquals(Split.UNITS, Split.ofLoop(layer, 7, 2));
    assertEquals(Split.ROWS, Split.ofLoop(layer, 8, 2));
    assertEquals(Split.UNITS, Split.ofLoop(layer, 15, 4));
    List<Stage> prologue = layer.plan().forward().prologue();
    assertEquals(Split.UNITS, Split.ofChunk(layer, prologue, 7, 2));
    assertEquals(Split.ROWS, Split.ofChunk(layer, prologue, 8, 2));
  }

  @Test
  void split_ofManyUnits_isByUnitsInTheLoop() {
    Layer layer = layer(1024);
    assertEquals(Split.ROWS, Split.ofLoop(layer, 128, 1));
    assertEquals(Split.UNITS, Split.ofLoop(layer, 128, 2));
    assertEquals(Split.ROWS, Split.ofChunk(layer, layer.plan().forward().prologue(), 128, 2));
  }

  @Test
  void split_ofManyUnitsInHeads_isByRowsInTheLoop() {
    Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
    Cell cell = Cells.lstm().withHeads(4);
    Layer layer = new LayerProblem(cell, kernels, new Shape(1, 1, I, 1024), 1).layer();
    assertEquals(Split.ROWS, Split.ofLoop(layer, 128, 2));
    assertEquals(Split.UNITS, Split.ofLoop(layer, 7, 2));
  }

  @Test
  void split_ofFewUnits_isByRows() {
    Layer layer = layer(200);
    assertEquals(Split.UNITS, Split.ofLoop(layer, 1, 2));
    assertEquals(Split.ROWS, Split.ofLoop(layer, 1, 3));
    assertEquals(Split.ROWS, Split.ofChunk(layer, layer.plan().forward().prologue(), 1, 3));
  }

  @Test
  void units_fewerThanThreads_cannotBeSplit() {
    assertTrue(Split.allowsUnits(layer(3), 3));
    assertFalse(Split.allowsUnits(layer(3), 4));
  }
}
