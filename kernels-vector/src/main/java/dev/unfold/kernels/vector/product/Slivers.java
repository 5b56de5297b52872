package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/// A matrix `[K, N]` cut into slivers: columns of one vector's width, each stored whole, row after row.
///
/// A tile of any width reads that many slivers side by side, each from front to back and in whole cache
/// lines, so one layout serves every tile. The lanes past N in the last sliver are zero.
///
/// In 16 bits a vector has two rows: each of its integers is a number of the even row in the lower half, of the odd row
/// in the upper. If the integers have scales, two vectors before the first row have these and their inverses.
///
/// **Memory**: ceil(N / lanes) slivers of K vectors, half of them in 16 bits, and one cache line more. Without that
/// line the slivers of a K that is a power of two would all start in the same set of the first-level cache.
///
/// A window onto some of the columns starts at a sliver of the whole.
///
/// **Threads**: each column is filled by one thread, others may be by others; then any number read.
public final class Slivers implements PackedMatrix {
  /// Rows of a square of the transposition: 4 KiB of lines.
  private static final int TRANSPOSED_ROWS = 64;

  /// Rows that are packed before the next sliver.
  private static final int PACKED_ROWS = 16;

  private final WeightFormat format;
  private final int rows;
  private final int cols;
  private final long bytes;
  private final MemorySegment segment;
  private final long at;

  private Slivers(WeightFormat format, int rows, int cols, MemorySegment segment, long at) {
    this.format = format;
    this.rows = rows;
    this.cols = cols;
    this.bytes = sliverBytes(rows, format);
    this.segment = segment;
    this.at = at;
  }

  public static Slivers allocate(int rows, int cols, WeightFormat format) {
    long bytes = count(cols) * sliverBytes(rows, format);
    MemorySegment segment = HostBuffer.allocate(ElementType.FLOAT32, bytes / Float.BYTES).segment();
    return new Slivers(format, rows, cols, segment, 0);
  }

  private static long sliverBytes(int rows, WeightFormat format) {
    int even = rows + (rows & 1);
    return scaleBytes(format) + rowBytes(format, even) + Buffer.ALIGNMENT;
  }

  /// Bytes of the scales before the first row.
  private static long scaleBytes(WeightFormat format) {
    return format == WeightFormat.FIXED16 ? 2L * Lanes.BYTES : 0;
  }

  /// Bytes from row 0 to row `row`, which is even in 16 bits.
  private static long rowBytes(WeightFormat format, int row) {
    return (long) row * Lanes.LANES * format.bytes();
  }

  private static int count(int cols) {
    return (cols + Lanes.LANES - 1) / Lanes.LANES;
  }

  @Override
  public Slivers columns(int from, int count) {
    PackedMatrix.expectColumns(this, from, count, Lanes.LANES);
    return new Slivers(format, rows, count, segment, at + from / Lanes.LANES * bytes);
  }

  @Override
  public WeightFormat format() {
    return format;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int cols() {
    return cols;
  }

  /// Bytes from the start of a sliver to the start of the next.
  long bytes() {
    return bytes;
  }

  /// Bytes from the first scale of a sliver to its row `row`, which is even.
  long bytesBefore(int row) {
    return scaleBytes(format) + rowBytes(format, row);
  }

  /// Where the first sliver starts in [Lanes#MEMORY].
  long address() {
    return segment.address() + at;
  }

  /// Fills the slivers from `source` `[K, N]`, some rows at a time: these are read as they lie in memory.
  public void pack(Matrix source) {
    for (int k = 0; k < rows; k += PACKED_ROWS) {
      int end = Math.min(k + PACKED_ROWS, rows);
      for (int s = 0; s < count(cols); s++) {
        packRows(source, k, end, s);
      }
    }
  }

  private void packRows(Matrix source, int first, int end, int sliver) {
    MemorySegment memory = Lanes.MEMORY;
    long to = address() + sliver * bytes;
    long from = Lanes.addressOf(source, 0) + (long) sliver * Lanes.BYTES;
    long rowBytes = (long) source.stride() * Float.BYTES;
    if (cols - sliver * Lanes.LANES >= Lanes.LANES) {
      for (int k = first; k < end; k++) {
        Lanes.store(Lanes.load(memory, from + k * rowBytes), memory, to + (long) k * Lanes.BYTES);
      }
    } else {
      VectorMask<Float> mask = Lanes.first(cols - sliver * Lanes.LANES);
      for (int k = first; k < end; k++) {
        FloatVector vector = Lanes.load(memory, from + k * rowBytes, mask);
        Lanes.store(vector, memory, to + (long) k * Lanes.BYTES);
      }
    }
  }

  /// Fills the slivers from the transpose of `source` `[N, K]`, in squares that stay in the first-level cache
  /// while their lines are written one number at a time.
  public void packTransposed(Matrix source) {
    if (format != WeightFormat.FLOAT32) {
      packRounded(source);
      return;
    }
    for (int s = 0; s < count(cols); s++) {
      for (int k = 0; k < rows; k += TRANSPOSED_ROWS) {
        transpose(source, s, k, Math.min(k + TRANSPOSED_ROWS, rows));
      }
    }
  }

  /// The same in 16 bits: once for a model, so a number after the other.
  private void packRounded(Matrix source) {
    for (int n = 0; n < cols; n++) {
      float scale = format.scale(source, n);
      long sliver = address() + n / Lanes.LANES * bytes;
      int lane = n % Lanes.LANES * Float.BYTES;
      if (scaleBytes(format) > 0) {
        setFloat(sliver + lane, scale);
        setFloat(sliver + Lanes.BYTES + lane, 1 / scale);
      }
      for (int k = 0; k < rows; k += 2) {
        int low = Short.toUnsignedInt(format.encode(source.get(n, k), scale));
        int high = k + 1 < rows ? format.encode(source.get(n, k + 1), scale) : 0;
        long to = sliver + bytesBefore(k) + lane;
        Lanes.MEMORY.set(ValueLayout.JAVA_INT_UNALIGNED, to, high << Short.SIZE | low);
      }
    }
  }

  private static void setFloat(long to, float value) {
    Lanes.MEMORY.set(ValueLayout.JAVA_FLOAT_UNALIGNED, to, value);
  }

  private void transpose(Matrix source, int sliver, int first, int end) {
    MemorySegment memory = Lanes.MEMORY;
    int columns = Math.min(Lanes.LANES, cols - sliver * Lanes.LANES);
    for (int n = 0; n < columns; n++) {
      long row = Lanes.addressOf(source, sliver * Lanes.LANES + n);
      long to = address() + sliver * bytes + (long) n * Float.BYTES;
      for (int k = first; k < end; k++) {
        float value = memory.get(ValueLayout.JAVA_FLOAT_UNALIGNED, row + (long) k * Float.BYTES);
        memory.set(ValueLayout.JAVA_FLOAT_UNALIGNED, to + (long) k * Lanes.BYTES, value);
      }
    }
  }
}
