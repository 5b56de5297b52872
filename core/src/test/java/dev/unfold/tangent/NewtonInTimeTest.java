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
  private static Stream<Arguments> cellsAndSlopes() {
    return Cells.names().stream()
        .flatMap(cell -> Stream.of(Slopes.values()).map(slopes -> Arguments.of(cell, slopes)));
  }

  private static Study study(String cell) {
    return new Study(
        new NetworkSpec(Cells.named(cell), new Encoder.Vectors(Study.INPUT), 4, 1, Study.CLASSES));
  }

  private static NewtonInTime newton(Study study, Slopes slopes) {
    return NewtonInTime.of(study.network, study.batch.inputs(), Study.STEPS, study.start, slopes);
  }

  /// After k rounds the first k states are those of the recurrence.
  @ParameterizedTest
  @MethodSource("cellsAndSlopes")
  void states_afterKRounds_areExactForTheFirstKSteps(String cell, Slopes slopes) {
    Study study = study(cell);
    NewtonInTime all = newton(study, slopes);
    int states = study.start.layers().getFirst().size();
    assertTrue(all.run(0, Study.STEPS + 1));
    NewtonInTime newton = newton(study, slopes);
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

  private static double secondChange(Study study) {
    NewtonInTime newton = newton(study, Slopes.WHOLE);
    newton.round();
    double change = newton.round();
    assertEquals(2, newton.rounds());
    return change;
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
