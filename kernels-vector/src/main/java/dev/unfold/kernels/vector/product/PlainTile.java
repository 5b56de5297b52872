package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/// A tile of any shape in plain loops: what its [TileBody] computes, to the bit, since an element is the same chain of
/// fused multiply-adds.
///
/// It runs until the tile in vectors is compiled: before that each of its vectors is an object, while this is decent
/// from the start.
final class PlainTile {
  /// Lanes that are summed at once: so many multiply-adds are under way at a time. No vector has fewer.
  private static final int SUMS = 4;

  private float[] b = new float[0];
  private final float[] sums = new float[Lanes.LANES];
  private final float[] scales = new float[Lanes.LANES];
  private final float[] inverses = new float[Lanes.LANES];

  /// Computes `tile` of `t`.
  void run(Operands<float[]> t, Tile tile, int aFrom, long bFrom, long ontoAt, long cAt) {
    int row = tile.steps.row();
    int step = tile.steps.depth();
    // Rows of 16 bits come in pairs, of which the last may have one of zeros: that decides the sign
    // of a zero.
    int depth = tile.format == WeightFormat.FLOAT32 ? t.depth : t.depth + (t.depth & 1);
    if (b.length < depth * Lanes.LANES) {
      b = new float[depth * Lanes.LANES];
    }
    for (int w = 0; w < tile.width; w++) {
      long place = (long) w * Lanes.BYTES;
      readRows(t, tile.format, depth, bFrom + w * t.sliverBytes);
      for (int h = 0; h < tile.height; h++) {
        read(ontoAt + h * t.ontoRowBytes + place, sums, Lanes.LANES);
        scale(inverses);
        for (int lane = 0; lane < Lanes.LANES; lane += SUMS) {
          add(t.a, aFrom + h * row, step, depth, lane);
        }
        scale(scales);
        MemorySegment.copy(
            sums,
            0,
            Lanes.MEMORY,
            ValueLayout.JAVA_FLOAT_UNALIGNED,
            cAt + h * t.cRowBytes + place,
            Lanes.LANES);
      }
    }
  }

  /// Reads the rows of a sliver.
  private void readRows(Operands<float[]> t, WeightFormat format, int depth, long from) {
    if (format == WeightFormat.FIXED16) {
      read(from - t.scaledBytes, scales, Lanes.LANES);
      read(from - t.scaledBytes + Lanes.BYTES, inverses, Lanes.LANES);
    } else {
      Arrays.fill(scales, 1);
      Arrays.fill(inverses, 1);
    }
    if (format == WeightFormat.FLOAT32) {
      read(from, b, depth * Lanes.LANES);
      return;
    }
    for (int k = 0; k < depth; k++) {
      long row = from + (long) (k / 2) * Lanes.BYTES;
      for (int lane = 0; lane < Lanes.LANES; lane++) {
        int pair =
            Lanes.MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, row + (long) lane * Float.BYTES);
        short bits = (short) (pair >>> (k % 2 * Short.SIZE));
        b[k * Lanes.LANES + lane] = format.decode(bits, 1);
      }
    }
  }

  /// Multiplies the sums by powers of two, as a tile of integers does at its start and its end.
  private void scale(float... factors) {
    for (int lane = 0; lane < Lanes.LANES; lane++) {
      sums[lane] *= factors[lane];
    }
  }

  private static void read(long from, float[] to, int count) {
    MemorySegment.copy(Lanes.MEMORY, ValueLayout.JAVA_FLOAT_UNALIGNED, from, to, 0, count);
  }

  /// Adds to the sums of `lane` and the lanes after it.
  private void add(float[] a, int aFrom, int aStep, int depth, int lane) {
    float[] b = this.b;
    float s0 = sums[lane];
    float s1 = sums[lane + 1];
    float s2 = sums[lane + 2];
    float s3 = sums[lane + 3];
    int at = lane;
    int from = aFrom;
    for (int k = 0; k < depth; k++) {
      float factor = a[from];
      s0 = Math.fma(factor, b[at], s0);
      s1 = Math.fma(factor, b[at + 1], s1);
      s2 = Math.fma(factor, b[at + 2], s2);
      s3 = Math.fma(factor, b[at + 3], s3);
      from += aStep;
      at += Lanes.LANES;
    }
    sums[lane] = s0;
    sums[lane + 1] = s1;
    sums[lane + 2] = s2;
    sums[lane + 3] = s3;
  }
}
