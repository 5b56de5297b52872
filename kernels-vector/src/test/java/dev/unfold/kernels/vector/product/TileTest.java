package dev.unfold.kernels.vector.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.vector.DrawnFloats;
import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.lanes.SumInDouble;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A tile in vectors, the same tile in plain loops, and its definition, an element after the other, have the same bits:
/// tiles of all shapes, whether a product uses them or not.
class TileTest {
  /// Vectors between the rows of `onto`, and of c, and between slivers, that a tile must leave alone.
  private static final int GAP = 1;

  private final long seed = Long.getLong("unfold.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  TileTest() {
    System.out.println("tiles: drawn with -Dunfold.seed=" + seed);
  }

  private float[] draw(int count, int rarity) {
    float[] drawn = new float[count];
    for (int i = 0; i < count; i++) {
      drawn[i] = DrawnFloats.next(random, rarity);
    }
    return drawn;
  }

  static Stream<Arguments> shapes() {
    return IntStream.of(1, 2, 3, 4, 5, 8, 11)
        .boxed()
        .flatMap(height ->
            IntStream.of(1, 2, 3, 4, 8, 13)
                .filter(width -> height * width <= Tile.LARGEST)
                .mapToObj(width -> Arguments.of(height, width)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void tile_everyShape_isAChainOfFusedMultiplyAdds(int height, int width) {
    assertTile(height, width, Product.STEPS, Product.DEPTH);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void tile_everyShapeOfATransposedSide_isAChainOfFusedMultiplyAdds(int height, int width) {
    assertTile(height, width, TransposedProduct.STEPS, TransposedProduct.DEPTH);
  }

  private void assertTile(int height, int width, Tile.Steps steps, int most) {
    Tile tile = new Tile(height, width, steps, () -> null);
    assertTile(tile, most, Integer.MAX_VALUE, 0);
    for (int depth : new int[] {0, 1, 2, 17, random.nextInt(3, 50)}) {
      for (int rarity : new int[] {20, Integer.MAX_VALUE}) {
        assertTile(tile, depth, rarity, random.nextInt(8));
      }
    }
  }

  private void assertTile(Tile tile, int depth, int rarity, int aFrom) {
    int aSize = aFrom + tile.height * tile.steps.row() + depth * tile.steps.depth();
    Operands<float[]> operands = new Operands<>(draw(aSize, rarity));
    int sliver = (depth + GAP) * Lanes.LANES;
    int row = (tile.width + GAP) * Lanes.LANES;
    float[] b = draw(tile.width * sliver, rarity);
    float[] onto = draw(tile.height * row, rarity);
    set(operands, depth, (long) sliver * Float.BYTES, (long) row * Float.BYTES);
    float[] expected = onto.clone();
    for (int h = 0; h < tile.height; h++) {
      for (int col = 0; col < tile.width * Lanes.LANES; col++) {
        int bFrom = col / Lanes.LANES * sliver + col % Lanes.LANES;
        float sum = onto[h * row + col];
        for (int k = 0; k < depth; k++) {
          float left = operands.a[aFrom + h * tile.steps.row() + k * tile.steps.depth()];
          sum = Math.fma(left, b[bFrom + k * Lanes.LANES], sum);
        }
        expected[h * row + col] = sum;
      }
    }
    String what = tile.height + " x " + tile.width + ", depth " + depth + ", -Dunfold.seed=" + seed;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment right = arena.allocateFrom(ValueLayout.JAVA_FLOAT, b);
      MemorySegment base = arena.allocateFrom(ValueLayout.JAVA_FLOAT, onto);
      MemorySegment apart = arena.allocateFrom(ValueLayout.JAVA_FLOAT, onto);
      long bAt = right.address();
      tile.body().run(operands, aFrom, bAt, base.address(), apart.address());
      assertSame(expected, apart, "vectors, " + what);
      apart.copyFrom(base);
      new PlainTile().run(operands, tile, aFrom, bAt, base.address(), apart.address());
      assertSame(expected, apart, "plain loops, " + what);
      // Onto itself, as at the edges and in all blocks but the first.
      tile.body().run(operands, aFrom, bAt, base.address(), base.address());
      assertSame(expected, base, "vectors onto themselves, " + what);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void tile_everyShapeIn16Bits_isAChainWithTheNumbersThatTheyStandFor(int height, int width) {
    for (WeightFormat format : List.of(WeightFormat.BFLOAT16, WeightFormat.FIXED16)) {
      assertRounded(new Tile(height, width, Product.STEPS, format, () -> null), 512);
      assertRounded(
          new Tile(height, width, Product.STEPS, format, () -> null), random.nextInt(1, 50));
    }
  }

  private void assertRounded(Tile tile, int depth) {
    int cols = tile.width * Lanes.LANES;
    Matrix weights = Matrix.allocate(ElementType.FLOAT32, cols, depth);
    for (int n = 0; n < cols; n++) {
      for (int k = 0; k < depth; k++) {
        weights.set(n, k, random.nextDouble(-1, 1));
      }
    }
    Slivers slivers = Slivers.allocate(depth, cols, tile.format);
    slivers.packTransposed(weights);
    tile.format.round(weights);
    Operands<float[]> operands = new Operands<>(new float[tile.height * Product.STEPS.row()]);
    for (int h = 0; h < tile.height; h++) {
      for (int k = 0; k < depth; k++) {
        operands.a[h * Product.STEPS.row() + k] = (float) random.nextDouble(-1, 1);
      }
    }
    float[] onto = new float[tile.height * cols];
    for (int i = 0; i < onto.length; i++) {
      onto[i] = (float) random.nextDouble(-1, 1);
    }
    set(operands, depth, slivers.bytes(), (long) cols * Float.BYTES);
    operands.scaledBytes = slivers.bytesBefore(0);
    float[] expected = onto.clone();
    for (int i = 0; i < expected.length; i++) {
      for (int k = 0; k < depth; k++) {
        float left = operands.a[i / cols * Product.STEPS.row() + k];
        expected[i] = Math.fma(left, (float) weights.get(i % cols, k), expected[i]);
      }
    }
    String what = tile.format + " " + tile.height + " x " + tile.width + ", -Dunfold.seed=" + seed;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment base = arena.allocateFrom(ValueLayout.JAVA_FLOAT, onto);
      MemorySegment apart = arena.allocateFrom(ValueLayout.JAVA_FLOAT, onto);
      long bAt = slivers.address() + operands.scaledBytes;
      tile.body().run(operands, 0, bAt, base.address(), apart.address());
      assertSame(expected, apart, "vectors, " + what);
      new PlainTile().run(operands, tile, 0, bAt, base.address(), base.address());
      assertSame(expected, base, "plain loops, " + what);
    } finally {
      Reference.reachabilityFence(slivers);
    }
  }

  /// What is next to the ends of the range of floats, too: a product must not change when its tile is compiled.
  @Test
  void tile_of16BitsAndNumbersOfEverySize_hasTheSameBitsPlainly() {
    for (WeightFormat format : List.of(WeightFormat.BFLOAT16, WeightFormat.FIXED16)) {
      for (int exponent : new int[] {-149, -140, -126, -60, 0, 60, 120, 127}) {
        assertSamePlainly(new Tile(3, 2, Product.STEPS, format, () -> null), exponent);
      }
    }
  }

  private void assertSamePlainly(Tile tile, int exponent) {
    int depth = 33;
    int cols = tile.width * Lanes.LANES;
    Matrix weights = Matrix.allocate(ElementType.FLOAT32, cols, depth);
    for (int n = 0; n < cols; n++) {
      int own = random.nextInt(-80, 74);
      for (int k = 0; k < depth; k++) {
        weights.set(n, k, Math.scalb(random.nextDouble(-1, 1), own));
      }
    }
    Slivers slivers = Slivers.allocate(depth, cols, tile.format);
    slivers.packTransposed(weights);
    Operands<float[]> operands = new Operands<>(new float[tile.height * Product.STEPS.row()]);
    for (int i = 0; i < operands.a.length; i++) {
      operands.a[i] = (float) Math.scalb(random.nextDouble(-1, 1), exponent);
    }
    set(operands, depth, slivers.bytes(), (long) cols * Float.BYTES);
    operands.scaledBytes = slivers.bytesBefore(0);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment base = arena.allocateFrom(ValueLayout.JAVA_FLOAT, draw(tile.height * cols, 20));
      MemorySegment vectors = arena.allocate(base.byteSize());
      MemorySegment plain = arena.allocate(base.byteSize());
      long bAt = slivers.address() + operands.scaledBytes;
      tile.body().run(operands, 0, bAt, base.address(), vectors.address());
      new PlainTile().run(operands, tile, 0, bAt, base.address(), plain.address());
      assertSame(
          vectors.toArray(ValueLayout.JAVA_FLOAT),
          plain,
          tile.format + ", 2^" + exponent + ", -Dunfold.seed=" + seed);
    } finally {
      Reference.reachabilityFence(slivers);
    }
  }

  private static void set(Operands<?> operands, int depth, long sliverBytes, long rowBytes) {
    operands.depth = depth;
    operands.sliverBytes = sliverBytes;
    operands.ontoRowBytes = rowBytes;
    operands.cRowBytes = rowBytes;
  }

  private static void assertSame(float[] expected, MemorySegment actual, String what) {
    // All bits of a number count, and no bits of what is none.
    assertArrayEquals(bits(expected), bits(actual.toArray(ValueLayout.JAVA_FLOAT)), what);
  }

  private static int[] bits(float[] numbers) {
    return IntStream.range(0, numbers.length).map(i -> Float.floatToIntBits(numbers[i])).toArray();
  }

  @Test
  void tile_ontoOneRow_addsEachRowToIt() {
    Tile tile = new Tile(3, 1, Product.STEPS, () -> null);
    Operands<float[]> operands = new Operands<>(new float[3 * Product.STEPS.row()]);
    set(operands, 0, 0, Lanes.BYTES);
    operands.ontoRowBytes = 0;
    try (Arena arena = Arena.ofConfined()) {
      float[] row = draw(Lanes.LANES, 20);
      MemorySegment onto = arena.allocateFrom(ValueLayout.JAVA_FLOAT, row);
      MemorySegment c = arena.allocate(3L * Lanes.BYTES);
      tile.body().run(operands, 0, 0, onto.address(), c.address());
      for (int r = 0; r < 3; r++) {
        MemorySegment actual = c.asSlice((long) r * Lanes.BYTES, Lanes.BYTES);
        assertSame(row, actual, "row " + r + ", -Dunfold.seed=" + seed);
      }
    }
  }

  /// Doubles, as vectors of the same bytes.
  private static final class Doubles {
    static final VectorSpecies<Double> SPECIES = SumInDouble.DOUBLES;
    static final Element ELEMENT = new Element(DoubleVector.class, double.class, Doubles.class);
  }

  @Test
  void tile_ofDoubles_isAChainOfFusedMultiplyAdds() {
    int height = 3;
    int width = 2;
    int depth = 17;
    int lanes = Doubles.SPECIES.length();
    double[] a = random.doubles((long) height * depth, -1, 1).toArray();
    double[] b = random.doubles((long) width * depth * lanes, -1, 1).toArray();
    double[] onto = random.doubles((long) height * width * lanes, -1, 1).toArray();
    double[] expected = onto.clone();
    for (int i = 0; i < expected.length; i++) {
      int h = i / (width * lanes);
      int w = i / lanes % width;
      for (int k = 0; k < depth; k++) {
        double right = b[(w * depth + k) * lanes + i % lanes];
        expected[i] = Math.fma(a[h * depth + k], right, expected[i]);
      }
    }
    Operands<double[]> operands = new Operands<>(a);
    set(operands, depth, (long) depth * Lanes.BYTES, (long) width * Lanes.BYTES);
    TileBody body =
        TileWriter.write(
            Doubles.ELEMENT, WeightFormat.FLOAT32, height, width, new Tile.Steps(depth, 1));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment right = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, b);
      MemorySegment c = arena.allocateFrom(ValueLayout.JAVA_DOUBLE, onto);
      body.run(operands, 0, right.address(), c.address(), c.address());
      assertArrayEquals(expected, c.toArray(ValueLayout.JAVA_DOUBLE), "-Dunfold.seed=" + seed);
    }
  }

  @Test
  void tile_ofMoreVectorsThanRegisters_isRefused() {
    Exception refused =
        assertThrows(
            IllegalArgumentException.class, () -> new Tile(11, 3, Product.STEPS, () -> null));
    assertEquals("tile: expected 32 vectors at most, got 11 x 3", refused.getMessage());
  }
}
