package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.lanes.Trial;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.function.Supplier;
import jdk.incubator.vector.VectorMask;

/// A product in progress: what its tiles share, and what happens at the edges of c.
///
/// A tile that reaches over an edge of c works on a copy of its part of c, and only what lies within c is
/// copied back. So no tile needs masks, and an element at the edge goes through the same instructions as any
/// other.
///
/// **Threads**: each has its own.
public abstract class Tiling {
  /// The height of most tiles. Machines with vectors under 512 bits may have 16 registers only, where a
  /// tile of eight rows would spill.
  public static final int HEIGHT = Lanes.LANES >= 16 ? 8 : 4;

  /// How many k a tile sums when it is tried.
  private static final int SAMPLE = 24;

  /// The block of the left-hand side, in the order that the tiles want.
  public final float[] a;

  /// Bytes from a sliver of b to the next.
  public long sliverBytes;

  /// How many k to sum.
  public int depth;

  /// Bytes from a row of `onto` to the next; 0 if all rows are one.
  public long ontoRowBytes;

  /// Bytes from a row of c to the next.
  public long cRowBytes;

  private final PlainTile plain = new PlainTile();
  private final Steps steps;
  private final Trial[] trials;
  private final MemorySegment edge = allocate(Shape.LARGEST * (long) Lanes.BYTES);
  private final MemorySegment zeros = allocate(SAMPLE * (long) Lanes.BYTES);
  private long ontoFrom;
  private long ontoSliverBytes;
  private long cFrom;
  private int cols;

  /// @param size floats of a
  /// @param steps how a lies in its array
  /// @param trials of the tiles of all shapes, in their order
  public Tiling(int size, Steps steps, Trial[] trials) {
    a = new float[size];
    this.steps = steps;
    this.trials = trials;
  }

  /// How far the numbers of a are apart.
  ///
  /// @param row from row to row
  /// @param depth from one k to the next
  public record Steps(int row, int depth) {}

  /// The shapes of the tiles: rows x vectors.
  public enum Shape {
    EIGHT_BY_TWO(8, 2),
    EIGHT_BY_ONE(8, 1),
    FOUR_BY_FOUR(4, 4),
    FOUR_BY_TWO(4, 2),
    FOUR_BY_ONE(4, 1),
    ONE_BY_EIGHT(1, 8),
    ONE_BY_FOUR(1, 4),
    ONE_BY_ONE(1, 1);

    /// The most vectors in one tile.
    private static final int LARGEST = 16;

    public final int height;
    public final int width;

    Shape(int height, int width) {
      this.height = height;
      this.width = width;
    }
  }

  public static MemorySegment allocate(long bytes) {
    return HostBuffer.allocate(ElementType.FLOAT32, bytes / Float.BYTES).segment();
  }

  /// Says where results go.
  final void setTarget(Matrix target) {
    cRowBytes = (long) target.stride() * Float.BYTES;
    cFrom = Lanes.addressOf(target, 0);
    cols = target.cols();
  }

  /// Says what the sums are added to.
  final void setBase(Matrix base) {
    ontoRowBytes = (long) base.stride() * Float.BYTES;
    ontoFrom = Lanes.addressOf(base, 0);
    ontoSliverBytes = Lanes.BYTES;
  }

  /// Says that the sums are added to nothing.
  final void setNoBase() {
    ontoRowBytes = 0;
    ontoFrom = zeros.address();
    ontoSliverBytes = 0;
  }

  /// Slivers of c, the last of them perhaps not full.
  final int slivers() {
    return (cols + Lanes.LANES - 1) / Lanes.LANES;
  }

  /// Runs the tile of `shape` at (`row`, `sliver`) of c, where `rows` rows are left. Its part of a starts at
  /// `aFrom`, its slivers of b at address `bFrom`.
  final void run(Shape shape, int aFrom, long bFrom, int row, int rows, int sliver) {
    long ontoAt = ontoFrom + row * ontoRowBytes + sliver * ontoSliverBytes;
    long cAt = cFrom + row * cRowBytes + (long) sliver * Lanes.BYTES;
    if (rows >= shape.height && (sliver + shape.width) * Lanes.LANES <= cols) {
      runEither(shape, aFrom, bFrom, ontoAt, cAt);
    } else {
      int left = Math.min(shape.width * Lanes.LANES, cols - sliver * Lanes.LANES);
      runAtEdge(shape, aFrom, bFrom, ontoAt, cAt, Math.min(rows, shape.height), left);
    }
  }

  private void runAtEdge(
      Shape shape, int aFrom, long bFrom, long ontoAt, long cAt, int rows, int columns) {
    long baseRow = ontoRowBytes;
    long targetRow = cRowBytes;
    long edgeRow = (long) shape.width * Lanes.BYTES;
    for (int r = 0; r < rows; r++) {
      copy(ontoAt + r * baseRow, edge.address() + r * edgeRow, columns);
    }
    ontoRowBytes = edgeRow;
    cRowBytes = edgeRow;
    runEither(shape, aFrom, bFrom, edge.address(), edge.address());
    for (int r = 0; r < rows; r++) {
      copy(edge.address() + r * edgeRow, cAt + r * targetRow, columns);
    }
    ontoRowBytes = baseRow;
    cRowBytes = targetRow;
  }

  /// Copies `count` floats from one address to another.
  private static void copy(long from, long to, int count) {
    MemorySegment memory = Lanes.MEMORY;
    int whole = Lanes.SPECIES.loopBound(count);
    for (int i = 0; i < whole; i += Lanes.LANES) {
      long at = (long) i * Float.BYTES;
      Lanes.store(Lanes.load(memory, from + at), memory, to + at);
    }
    if (whole < count) {
      long at = (long) whole * Float.BYTES;
      VectorMask<Float> mask = Lanes.first(count - whole);
      Lanes.store(Lanes.load(memory, from + at, mask), memory, to + at, mask);
    }
  }

  /// Computes one tile in full, in vectors if that is fast already.
  @SuppressWarnings("EnumOrdinal") // A map would be asked once for each tile.
  private void runEither(Shape shape, int aFrom, long bFrom, long ontoAt, long cAt) {
    long sums = (long) shape.height * shape.width * Lanes.LANES;
    if (trials[shape.ordinal()].isOver(sums * depth)) {
      runTile(shape, aFrom, bFrom, ontoAt, cAt);
    } else {
      runPlainly(shape, aFrom, bFrom, ontoAt, cAt);
    }
  }

  /// Computes one tile in full, in plain loops.
  public final void runPlainly(Shape shape, int aFrom, long bFrom, long ontoAt, long cAt) {
    plain.run(this, shape, steps, aFrom, bFrom, ontoAt, cAt);
  }

  /// The trials of the tiles of all shapes.
  ///
  /// @param own the product of the thread that asks
  static Trial[] trials(Supplier<? extends Tiling> own) {
    return Arrays.stream(Shape.values())
        .map(shape ->
            new Trial(
                SAMPLE * (shape.height + 1L) * (shape.width + 1L), () -> sample(own.get(), shape)))
        .toArray(Trial[]::new);
  }

  private static void sample(Tiling own, Shape shape) {
    own.runSample(shape);
  }

  private void runSample(Shape shape) {
    depth = SAMPLE;
    sliverBytes = 0;
    ontoRowBytes = (long) shape.width * Lanes.BYTES;
    cRowBytes = ontoRowBytes;
    runTile(shape, 0, zeros.address(), edge.address(), edge.address());
  }

  /// Computes one tile in full, in vectors.
  public abstract void runTile(Shape shape, int aFrom, long bFrom, long ontoAt, long cAt);
}
