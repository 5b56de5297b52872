package dev.unfold.tangent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.proof.Bits;
import dev.unfold.tangent.NewtonInTime.LinearPart;
import dev.unfold.tangent.NewtonInTime.Slopes;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class NewtonInTimeTest {
  private static Stream<Arguments> cellsSlopesAndParts() {
    return Cells.names().stream()
        .flatMap(cell ->
            Stream.of(Slopes.values())
                .flatMap(slopes ->
                    Stream.of(LinearPart.values()).map(part -> Arguments.of(cell, slopes, part))));
  }

  private static Study study(String cell) {
    return new Study(
        new NetworkSpec(Cells.named(cell), new Encoder.Vectors(Study.INPUT), 4, 1, Study.CLASSES));
  }

  private static NewtonInTime newton(Study study, Slopes slopes) {
    return newton(study, slopes, LinearPart.STEPS);
  }

  private static NewtonInTime newton(Study study, Slopes slopes, LinearPart part) {
    return NewtonInTime.of(
        study.network, study.batch.inputs(), Study.STEPS, study.start, slopes, part, Team.of(2));
  }

  /// After k rounds the first k states are those of the recurrence.
  @ParameterizedTest
  @MethodSource("cellsSlopesAndParts")
  void states_afterKRounds_areExactForTheFirstKSteps(String cell, Slopes slopes, LinearPart part) {
    Study study = study(cell);
    NewtonInTime all = newton(study, slopes, part);
    int states = study.start.layers().getFirst().size();
    assertTrue(all.run(0, Study.STEPS + 1));
    NewtonInTime newton = newton(study, slopes, part);
    for (int k = 1; k <= Study.STEPS; k++) {
      newton.round();
      for (int s = 0; s < states; s++) {
        assertArrayEquals(first(all.states(s), k), first(newton.states(s), k), Double.MIN_VALUE);
      }
    }
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(study.network, Team.of(1), Study.STEPS, Study.BATCH);
    unrolled.start(study.start);
    unrolled.loss(study.batch, Reduction.SUM);
    List<Matrix> last = unrolled.finalState().layers().getFirst();
    for (int s = 0; s < states; s++) {
      Matrix got = all.states(s).rows((Study.STEPS - 1) * Study.BATCH, Study.BATCH);
      assertArrayEquals(Bits.toArray(last.get(s)), Bits.toArray(got), 1e-12);
    }
  }

  private static double[] first(Matrix state, int steps) {
    return Bits.toArray(state.rows(0, steps * Study.BATCH));
  }

  /// Where D is its diagonal, both are one method.
  @Test
  void rounds_ofACellOfUnitsApart_areTheSameWithTheDiagonal() {
    Study study = study("indrnn");
    NewtonInTime whole = newton(study, Slopes.WHOLE);
    NewtonInTime diagonal = newton(study, Slopes.DIAGONAL);
    for (int k = 0; k < Study.STEPS; k++) {
      assertEquals(whole.round(), diagonal.round(), 1e-14);
      assertArrayEquals(Bits.toArray(whole.states(0)), Bits.toArray(diagonal.states(0)), 1e-14);
    }
  }

  /// A linear recurrence is its own linearisation.
  @Test
  void states_ofALinearCell_areExactAfterOneRound() {
    Study study = study("minlstm");
    Study linear = study("elman_identity");
    assertTrue(secondChange(study) < 1e-12);
    assertTrue(secondChange(linear) < 1e-12);
    assertFalse(secondChange(study("elman")) < 1e-12);
  }

  /// Of all cells: those that the graph says are linear are those that a second round does not change.
  @ParameterizedTest
  @MethodSource("dev.unfold.cell.library.Cells#names")
  void isLinear_ofAnyCell_isWhetherASecondRoundChangesNothing(String cell) {
    Study study = study(cell);
    assertEquals(secondChange(study) < 1e-12, newton(study, Slopes.WHOLE).isLinear());
  }

  @Test
  void isLinear_ofTheStandardCells_isTrueForLinearRecurrencesAlone() {
    List<String> linear =
        Cells.names().stream()
            .filter(cell -> newton(study(cell), Slopes.WHOLE).isLinear())
            .toList();
    assertEquals(
        List.of("elman_identity", "gated_delta", "hgrn", "lru", "mingru", "minlstm", "rg_lru"),
        linear);
  }

  @Test
  void run_ofALinearCell_takesOneRoundIfNoneOfItsSlopesIsLeftOut() {
    NewtonInTime whole = newton(study("lru"), Slopes.WHOLE);
    assertTrue(whole.isDoneAtOnce() && whole.run(1e-300, Study.STEPS));
    assertEquals(1, whole.rounds());
    NewtonInTime diagonal = newton(study("rg_lru"), Slopes.DIAGONAL);
    assertTrue(diagonal.isDoneAtOnce() && diagonal.run(1e-300, Study.STEPS));
    assertEquals(1, diagonal.rounds());
    // Of a complex state the diagonal leaves out what turns it.
    NewtonInTime turned = newton(study("lru"), Slopes.DIAGONAL);
    assertFalse(turned.isDoneAtOnce());
    assertTrue(turned.run(1e-12, Study.STEPS + 1) && turned.rounds() > 2);
  }

  private static double secondChange(Study study) {
    NewtonInTime newton = newton(study, Slopes.WHOLE);
    newton.round();
    double change = newton.round();
    assertEquals(2, newton.rounds());
    return change;
  }

  /// Each layer gives the states that it has within the network.
  @Test
  void layers_ofANetwork_giveItsStates() {
    Study study = Study.of("lstm");
    List<NewtonInTime> layers =
        NewtonInTime.layers(
            study.network,
            study.batch.inputs(),
            Study.STEPS,
            study.start,
            Slopes.WHOLE,
            LinearPart.SCAN,
            Team.of(2));
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(study.network, Team.of(1), Study.STEPS, Study.BATCH);
    unrolled.start(study.start);
    unrolled.loss(study.batch, Reduction.SUM);
    assertEquals(2, layers.size());
    for (int l = 0; l < 2; l++) {
      assertTrue(layers.get(l).run(1e-13, Study.STEPS + 1));
      List<Matrix> last = unrolled.finalState().layers().get(l);
      for (int s = 0; s < last.size(); s++) {
        Matrix got = layers.get(l).states(s).rows((Study.STEPS - 1) * Study.BATCH, Study.BATCH);
        assertArrayEquals(Bits.toArray(last.get(s)), Bits.toArray(got), 1e-10);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Slopes.class)
  void newton_ofTwoLayers_isRefused(Slopes slopes) {
    Study study = Study.of("gru");
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> newton(study, slopes));
    assertEquals("layers: expected L=1, got L=2", refusal.getMessage());
  }
}
