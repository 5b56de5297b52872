package dev.unfold.bench.problem;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class GatesTest {
  private static final int H = 3;
  private static final int K = 2;
  private static final Gates GATES = new Gates(H, 2, 0, 1);

  /// Each element tells its gate, unit and column.
  private static float[] ours() {
    float[] values = new float[3 * H * K];
    for (int gate = 0; gate < 3; gate++) {
      for (int unit = 0; unit < H; unit++) {
        for (int k = 0; k < K; k++) {
          values[(gate * H + unit) * K + k] = 100 * gate + 10 * unit + k;
        }
      }
    }
    return values;
  }

  @Test
  void inputMajor_everyElement_isWhereTheDefinitionPutsIt() {
    float[] theirs = GATES.inputMajor(ours(), K);

    for (int k = 0; k < K; k++) {
      for (int place = 0; place < 3; place++) {
        for (int unit = 0; unit < H; unit++) {
          assertEquals(
              100 * GATES.order()[place] + 10 * unit + k, theirs[(k * 3 + place) * H + unit]);
        }
      }
    }
  }

  @Test
  void rows_everyElement_isWhereTheDefinitionPutsIt() {
    float[] theirs = GATES.rows(ours(), K);

    for (int place = 0; place < 3; place++) {
      for (int unit = 0; unit < H; unit++) {
        for (int k = 0; k < K; k++) {
          assertEquals(
              100 * GATES.order()[place] + 10 * unit + k, theirs[(place * H + unit) * K + k]);
        }
      }
    }
  }

  @Test
  void layouts_thereAndBack_areTheSame() {
    assertArrayEquals(ours(), GATES.fromInputMajor(GATES.inputMajor(ours(), K), K));
    assertArrayEquals(ours(), GATES.fromRows(GATES.rows(ours(), K), K));
  }
}
