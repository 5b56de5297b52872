package dev.unfold.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.lanes.SumInDouble;
import dev.unfold.kernels.vector.pointwise.LoopBody;
import dev.unfold.kernels.vector.pointwise.LoopCompiler;
import dev.unfold.kernels.vector.pointwise.Place;
import dev.unfold.kernels.vector.rows.PlainSoftmaxRows;
import dev.unfold.kernels.vector.rows.SoftmaxRows;
import dev.unfold.kernels.vector.rows.VectorSoftmaxRows;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What runs in plain loops until the vectors are compiled has the bits of the vectors. Of tiles a test of their own
/// says so.
class PlainLoopsTest {
  private final long seed = Long.getLong("unfold.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  PlainLoopsTest() {
    System.out.println("plain loops: drawn with -Dunfold.seed=" + seed);
  }

  private Matrix random(int rows, int cols, int rarity) {
    Matrix matrix = Matrix.allocate(ElementType.FLOAT32, rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        matrix.set(r, c, DrawnFloats.next(random, rarity));
      }
    }
    return matrix;
  }

  private static Matrix copy(Matrix source) {
    Matrix copy = Matrix.allocate(ElementType.FLOAT32, source.rows(), source.cols());
    for (int r = 0; r < source.rows(); r++) {
      for (int c = 0; c < source.cols(); c++) {
        copy.set(r, c, source.get(r, c));
      }
    }
    return copy;
  }

  private void assertSame(Matrix expected, Matrix actual, String what) {
    for (int r = 0; r < expected.rows(); r++) {
      for (int c = 0; c < expected.cols(); c++) {
        int bits = Float.floatToIntBits((float) expected.get(r, c));
        String where = what + ", element " + r + ", " + c + ", -Dunfold.seed=" + seed;
        assertEquals(bits, Float.floatToIntBits((float) actual.get(r, c)), where);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"SUM", "SPREAD"})
  void loop_everyOperation_hasTheBitsOfTheVectors(Op op) {
    Slot left = new Slot(Kind.OPERAND, 0);
    Slot right = new Slot(Kind.OPERAND, 1);
    Slot target = new Slot(Kind.OPERAND, 2);
    Slot register = new Slot(Kind.TEMPORARY, 0);
    LoopBody body =
        LoopCompiler.loop(
                List.of(
                    new Instruction(op, register, left, right),
                    new Instruction(Op.COPY, target, register, register)))
            .body();
    int cols = 1 << 16;
    Matrix values = random(2, cols, 20);
    // Every size and both signs: bit patterns a prime number apart.
    for (int i = 0; i < cols; i++) {
      values.set(0, i, Float.intBitsToFloat(65_537 * i));
    }
    Matrix expected = Matrix.allocate(ElementType.FLOAT32, 1, cols);
    Matrix actual = Matrix.allocate(ElementType.FLOAT32, 1, cols);
    body.run(places(values, expected), 1, 0, cols * Float.BYTES);
    body.runPlainly(places(values, actual), 1, 0, cols * Float.BYTES);
    assertSame(expected, actual, op.toString());
    Matrix part = Matrix.allocate(ElementType.FLOAT32, 1, cols);
    body.runPlainly(places(values, part), 1, 3 * Float.BYTES, 5 * Float.BYTES);
    for (int i = 0; i < Lanes.LANES; i++) {
      double inside = i == 3 || i == 4 ? expected.get(0, i) : 0;
      assertEquals((float) inside, (float) part.get(0, i), op + ", element " + i);
    }
    assertSame(values, copy(values), "keeps the memory reachable");
  }

  private static Place[] places(Matrix values, Matrix target) {
    Place[] places = {new Place(), new Place(), new Place()};
    places[0].set(values.rows(0, 1));
    places[1].set(values.rows(1, 1));
    places[2].set(target);
    return places;
  }

  @Test
  void softmaxRows_everyWidth_haveTheBitsOfTheVectors() {
    SoftmaxRows vectors = new VectorSoftmaxRows();
    SoftmaxRows plain = new PlainSoftmaxRows();
    for (int cols : new int[] {1, 2, 3, 7, 15, 16, 17, 33, 90, random.nextInt(1, 1000)}) {
      for (int rarity : new int[] {50, Integer.MAX_VALUE}) {
        Matrix logits = random(1, cols, rarity);
        Matrix targets = random(1, cols, rarity);
        String what = cols + " columns, -Dunfold.seed=" + seed;
        // A zero may have either sign.
        double largest = vectors.largest(logits, 0);
        assertEquals(largest + 0.0, plain.largest(logits, 0) + 0.0, what);
        Matrix expected = copy(logits);
        Matrix actual = copy(logits);
        assertEquals(
            vectors.exponentials(logits, 0, (float) largest, expected),
            plain.exponentials(logits, 0, (float) largest, actual),
            what);
        assertSame(expected, actual, "exponentials, " + what);
        vectors.multiply(expected, 0, 0.7f);
        plain.multiply(actual, 0, 0.7f);
        assertSame(expected, actual, "multiply, " + what);
        assertEquals(vectors.sum(targets, 0), plain.sum(targets, 0), what);
        assertEquals(
            vectors.expected(logits, targets, 0, (float) largest),
            plain.expected(logits, targets, 0, (float) largest),
            what);
        vectors.subtract(expected, targets, 0, 0.3f, 1.7f);
        plain.subtract(actual, targets, 0, 0.3f, 1.7f);
        assertSame(expected, actual, "subtract, " + what);
      }
    }
  }

  @Test
  void sumOfProducts_everyWidth_hasTheBitsOfTheVectors() {
    for (int cols : new int[] {1, 3, 15, 16, 17, 200, random.nextInt(1, 1000)}) {
      Matrix a = random(3, cols, Integer.MAX_VALUE);
      Matrix b = random(3, cols, Integer.MAX_VALUE);
      assertEquals(
          SumInDouble.ofProductsInVectors(a, b),
          SumInDouble.ofProductsPlainly(a, b),
          cols + " columns, -Dunfold.seed=" + seed);
    }
  }
}
