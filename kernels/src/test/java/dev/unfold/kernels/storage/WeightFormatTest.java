package dev.unfold.kernels.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class WeightFormatTest {
  private final long seed = Long.getLong("unfold.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  WeightFormatTest() {
    System.out.println("weight formats: drawn with -Dunfold.seed=" + seed);
  }

  /// A row whose numbers have sizes around 2^`exponent`.
  private Matrix row(int exponent) {
    Matrix matrix = Matrix.allocate(ElementType.FLOAT32, 1, 100);
    for (int c = 0; c < matrix.cols(); c++) {
      matrix.set(0, c, Math.scalb(random.nextDouble(-1, 1), exponent));
    }
    return matrix;
  }

  @Test
  void bfloat16_everyFloat_isTheNearestWithTiesToEven() {
    for (int i = 0; i < 200_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      if (Float.isFinite(value)) {
        int bits = Float.floatToIntBits(value);
        float below = Float.intBitsToFloat(bits & 0xffff0000);
        float above = Float.intBitsToFloat((bits & 0xffff0000) + 0x10000);
        float rounded = (float) WeightFormat.BFLOAT16.round(value, 1);
        double down = Math.abs((double) value - below);
        double up = Math.abs((double) above - value);
        boolean isEven = (bits & 0x10000) == 0;
        boolean goesDown = down < up || (down == up && isEven) || Float.isInfinite(above);
        assertEquals(goesDown ? below : above, rounded, value + ", -Dunfold.seed=" + seed);
      }
    }
  }

  @Test
  void bfloat16_ofADouble_isRoundedOnce() {
    assertEquals(1 + 0x1p-7, WeightFormat.BFLOAT16.round(1 + 0x1p-8 + 0x1p-40, 1));
    assertEquals(1, WeightFormat.BFLOAT16.round(1 + 0x1p-8, 1));
    assertEquals(-1, WeightFormat.BFLOAT16.round(-1 - 0x1p-8 + 0x1p-40, 1));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, 0x1p75})
  void expectRoundable_ofWhatIsNone_namesIt(double value) {
    Matrix matrix = row(0);
    WeightFormat.FIXED16.expectRoundable("a", matrix);
    WeightFormat.BFLOAT16.expectRoundable("a", matrix);
    matrix.set(0, 7, value);
    WeightFormat.FLOAT32.expectRoundable("a", matrix);
    assertEquals(
        "weights: expected numbers up to 3.8e+22 in a to keep them as fixed16, got " + value,
        assertThrows(Refusal.class, () -> WeightFormat.FIXED16.expectRoundable("a", matrix))
            .getMessage());
  }

  @Test
  void fixed16_rowsOfEverySize_areRoundedByHalfAnIntegerAtMost() {
    for (int exponent = -120; exponent <= 74; exponent++) {
      Matrix matrix = row(exponent);
      double largest = 0;
      for (double value : matrix.row(0)) {
        largest = Math.max(largest, Math.abs(value));
      }
      double[] before = matrix.row(0);
      WeightFormat.FIXED16.round(matrix);
      double[] after = matrix.row(0);
      for (int c = 0; c < before.length; c++) {
        double error = Math.abs(after[c] - before[c]);
        assertTrue(
            error <= Math.max(largest * 0x1p-15, 0x1p-61), before[c] + ", -Dunfold.seed=" + seed);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(WeightFormat.class)
  void round_twice_changesNothingMore(WeightFormat format) {
    for (int exponent = -140; exponent <= 74; exponent++) {
      Matrix matrix = row(exponent);
      // What is next to a power of two rounds up to it.
      matrix.set(0, 0, Math.nextDown(Math.scalb(1f, exponent)));
      format.round(matrix);
      double[] once = matrix.row(0);
      format.round(matrix);
      for (int c = 0; c < once.length; c++) {
        assertEquals(once[c], matrix.get(0, c), "2^" + exponent + ", -Dunfold.seed=" + seed);
      }
    }
  }

  @Test
  void fixed16_ofZeros_isZero() {
    Matrix zeros = Matrix.allocate(ElementType.FLOAT32, 2, 3);
    WeightFormat.FIXED16.round(zeros);
    assertEquals(0, zeros.get(1, 2));
    assertEquals(1, WeightFormat.FIXED16.scale(zeros, 0));
  }

  @Test
  void of_anotherText_isRefused() {
    assertEquals(WeightFormat.FIXED16, WeightFormat.of("fixed16"));
    assertEquals(
        "weights: expected float, bf16, fixed16, got int8",
        assertThrows(Refusal.class, () -> WeightFormat.of("int8")).getMessage());
  }
}
