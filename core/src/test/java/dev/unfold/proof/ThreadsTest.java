package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The same bits for any number of threads, and whatever ran before.
final class ThreadsTest {
  private static final int T = 4;
  private static final List<Team> TEAMS = IntStream.rangeClosed(1, 4).mapToObj(Team::of).toList();

  /// Scalar in both precisions and what else there is.
  static List<Kernels> backends() {
    List<Kernels> backends = new ArrayList<>();
    backends.add(TestBackends.scalar(Precision.DOUBLE));
    backends.add(TestBackends.scalar(Precision.FLOAT));
    Kernels best = TestBackends.best(Precision.FLOAT);
    if (!best.name().equals("scalar")) {
      backends.add(best);
    }
    return backends;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void standardCells_onTeamsOfOneToFour_giveTheSameBits(Kernels kernels) {
    for (Cell cell : Cells.names().stream().map(Cells::named).toList()) {
      NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(7), 19, 2, 5);
      for (int batch : new int[] {1, 3, 7}) {
        assertSameBits(spec, kernels, batch, 11);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void oddAndRandomCells_onTeamsOfOneToFour_giveTheSameBits(Kernels kernels) {
    Stream<Cell> random = LongStream.range(0, 30).mapToObj(RandomCell::draw);
    Stream.concat(OddCells.all().stream(), random)
        .forEach(cell -> {
          NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(3), 3, 1, 4);
          assertSameBits(spec, kernels, 3, 12);
        });
  }

  @ParameterizedTest
  @MethodSource("backends")
  void cellsWithHeads_onTeamsOfOneToFour_giveTheSameBits(Kernels kernels) {
    for (Cell cell : HeadedCells.all(20).toList()) {
      for (int batch : new int[] {1, 3}) {
        assertSameBits(new NetworkSpec(cell, new Encoder.Vectors(3), 4, 1, 4), kernels, batch, 12);
      }
    }
    for (int heads : new int[] {2, 5}) {
      for (Cell cell : HeadedCells.standard(heads)) {
        assertSameBits(new NetworkSpec(cell, new Encoder.Vectors(7), 20, 2, 5), kernels, 7, 11);
      }
    }
  }

  /// So wide that a single row and step is worth several threads, by units and by rows; and a step by itself is one
  /// task with what comes before the loop.
  @Test
  void wideCells_onTeamsOfOneToFour_giveTheSameBits() {
    Kernels kernels = TestBackends.best(Precision.FLOAT);
    List<Cell> cells =
        List.of(
            Cells.elman(Activation.TANH),
            Cells.lstm(),
            Cells.gru(),
            // Heads of whole blocks of lanes, some of two threads, and of others.
            Cells.lstm().withHeads(5),
            Cells.gru().withHeads(8));
    for (Cell cell : cells) {
      NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(200), 400, 1, 5);
      for (int batch : new int[] {1, 9, 17}) {
        assertSameBits(spec, kernels, 1, batch, 14);
        assertSameBits(spec, kernels, 3, batch, 14);
      }
    }
  }

  @Test
  void networks_unrolledBefore_giveTheSameBitsAgain() {
    Kernels kernels = TestBackends.best(Precision.FLOAT);
    for (Cell cell : List.of(Cells.elman(Activation.TANH), Cells.lstm(), Cells.gru())) {
      NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(7), 19, 2, 5);
      // An even and an odd T: what is handed over between steps changes places with every step.
      for (int steps : new int[] {1, 4, 5}) {
        Problem problem = Problem.draw(spec, kernels, TEAMS.get(1), steps, 3, 13);
        Map<String, double[]> expected = Bits.of(problem);
        assertSame(cell.name() + ", again", expected, Bits.of(problem));
      }
    }
  }

  private static void assertSameBits(NetworkSpec spec, Kernels kernels, int batch, long seed) {
    assertSameBits(spec, kernels, T, batch, seed);
  }

  private static void assertSameBits(
      NetworkSpec spec, Kernels kernels, int steps, int batch, long seed) {
    Map<String, double[]> expected = Bits.of(spec, kernels, TEAMS.getFirst(), steps, batch, seed);
    expected.forEach(
        (name, values) -> assertTrue(Arrays.stream(values).allMatch(Double::isFinite), name));
    for (Team team : TEAMS.subList(1, TEAMS.size())) {
      String what =
          "%s, %s %s, T=%d, B=%d, %d threads"
              .formatted(
                  spec.cell().name(),
                  kernels.name(),
                  kernels.precision(),
                  steps,
                  batch,
                  team.size());
      assertSame(what, expected, Bits.of(spec, kernels, team, steps, batch, seed));
    }
  }

  private static void assertSame(
      String what, Map<String, double[]> expected, Map<String, double[]> got) {
    expected.forEach(
        (name, values) -> assertArrayEquals(values, got.get(name), what + ": " + name));
  }
}
