package dev.unfold.tangent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.State;
import dev.unfold.proof.Bits;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StateJacobianTest {
  private static final double H = 1e-5;

  @ParameterizedTest
  @ValueSource(strings = {"elman", "lstm", "gru", "lstm_projected", "lstm_layer_norm", "minlstm"})
  void jacobian_ofTwoLayers_isTheDifferenceOfTheirStates(String cell) {
    Study study = Study.of(cell);
    double[][][] jacobian =
        StateJacobian.of(study.network, study.batch.inputs(), Study.STEPS, study.start);
    assertEquals(Study.BATCH, jacobian.length);
    int column = 0;
    for (List<Matrix> layer : study.start.layers()) {
      for (Matrix state : layer) {
        for (int i = 0; i < state.cols(); i++) {
          for (int b = 0; b < Study.BATCH; b++) {
            double value = state.get(b, i);
            state.set(b, i, value + H);
            double[] above = finalState(study, b);
            state.set(b, i, value - H);
            double[] below = finalState(study, b);
            state.set(b, i, value);
            assertEquals(above.length, jacobian[b].length);
            for (int row = 0; row < above.length; row++) {
              double difference = (above[row] - below[row]) / (2 * H);
              assertEquals(difference, jacobian[b][row][column], 1e-6);
            }
          }
          column++;
        }
      }
    }
    assertEquals(column, jacobian[0][0].length);
  }

  private static double[] finalState(Study study, int b) {
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(study.network, Team.of(1), Study.STEPS, Study.BATCH);
    unrolled.start(study.start);
    unrolled.forward(study.batch.inputs());
    State last = unrolled.finalState().rows(b);
    return last.layers().stream()
        .flatMap(List::stream)
        .flatMapToDouble(state -> DoubleStream.of(Bits.toArray(state)))
        .toArray();
  }

  @Test
  void jacobian_ofFewerInputsThanSteps_isRefused() {
    Study study = Study.of("gru");
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> StateJacobian.of(study.network, study.batch.inputs(), 6, study.start));
    assertEquals("inputs: expected T*B=12 rows, got 10", refusal.getMessage());
  }
}
