package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.VectorMask;

/// A product in progress: what its tiles share, and what happens at the edges of c.
///
/// A tile that reaches over an edge of c works on a copy of its part of c, and only what lies within c is
/// copied back. So no tile needs masks, and an element at the edge goes through the same instructions as any
/// other.
///
/// **Threads**: each has its own.
public abstract class Tiling extends Operands<float[]> {
  /// The height of most tiles. Machines with vectors under 512 bits may have 16 registers only, where a
  /// tile of eight rows would spill.
  public static final int HEIGHT = Lanes.LANES >= 16 ? 8 : 4;

  private final PlainTile plain = new PlainTile();
  private final MemorySegment edge = allocate(Tile.LARGEST * (long) Lanes.BYTES);
  private final MemorySegment zeros =
      allocate(Math.max(Tile.LARGEST, Tile.SAMPLE) * (long) Lanes.BYTES);
  private long ontoFrom;
  private long ontoSliverBytes;
  private long cFrom;
  private int cols;

  /// @param size floats of a
  Tiling(int size) {
    super(new float[size]);
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

  /// Runs `tile` at (`row`, `sliver`) of c, where `rows` rows are left. Its part of a starts at
  /// `aFrom`, its slivers of b at address `bFrom`.
  final void run(Tile tile, int aFrom, long bFrom, int row, int rows, int sliver) {
    long ontoAt = ontoFrom + row * ontoRowBytes + sliver * ontoSliverBytes;
    long cAt = cFrom + row * cRowBytes + (long) sliver * Lanes.BYTES;
    if (rows >= tile.height && (sliver + tile.width) * Lanes.LANES <= cols) {
      runEither(tile, aFrom, bFrom, ontoAt, cAt);
    } else {
      int left = Math.min(tile.width * Lanes.LANES, cols - sliver * Lanes.LANES);
      runAtEdge(tile, aFrom, bFrom, ontoAt, cAt, Math.min(rows, tile.height), left);
    }
  }

  private void runAtEdge(
      Tile tile, int aFrom, long bFrom, long ontoAt, long cAt, int rows, int columns) {
    long baseRow = ontoRowBytes;
    long targetRow = cRowBytes;
    long edgeRow = (long) tile.width * Lanes.BYTES;
    for (int r = 0; r < rows; r++) {
      copy(ontoAt + r * baseRow, edge.address() + r * edgeRow, columns);
    }
    ontoRowBytes = edgeRow;
    cRowBytes = edgeRow;
    runEither(tile, aFrom, bFrom, edge.address(), edge.address());
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
  private void runEither(Tile tile, int aFrom, long bFrom, long ontoAt, long cAt) {
    if (tile.isFast(depth)) {
      tile.body().run(this, aFrom, bFrom, ontoAt, cAt);
    } else {
      runPlainly(tile, aFrom, bFrom, ontoAt, cAt);
    }
  }

  /// Computes one tile in full, in plain loops.
  final void runPlainly(Tile tile, int aFrom, long bFrom, long ontoAt, long cAt) {
    plain.run(this, tile, aFrom, bFrom, ontoAt, cAt);
  }

  /// Runs the tile in vectors on memory of its own.
  final void runSample(Tile tile) {
    depth = Tile.SAMPLE;
    sliverBytes = 0;
    scaledBytes = 0;
    ontoRowBytes = (long) tile.width * Lanes.BYTES;
    cRowBytes = ontoRowBytes;
    tile.body().run(this, 0, zeros.address(), edge.address(), edge.address());
  }
}
