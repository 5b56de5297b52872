package dev.unfold.unroll.mask;

import dev.unfold.cell.Mask;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.Sequence;
import dev.unfold.unroll.rows.PackedRows;

/// Draws random masks by counting: a number follows from the number of the draw, from what the mask is for, and from
/// step, sequence and unit.
public final class Masks {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /// A double has this many bits behind the point.
  private static final double UNIT = 0x1p-53;

  private Masks() {}

  /// The number of draw `draw` of seed `seed`: each seed counts on from a place of its own, seed 1 from 0.
  public static long draw(long seed, long draw) {
    return mix(seed - 1) + draw;
  }

  /// What a mask is for.
  ///
  /// @param place the layer and direction; the layers' number for the readout
  /// @param kind which mask there
  public static long purpose(int place, int kind) {
    return ((long) place << 8) + kind;
  }

  /// Fills the rows of the steps that are there.
  public static void fill(Sequence target, PackedRows rows, Mask mask, long draw, long purpose) {
    long key = key(draw, purpose);
    Matrix all = target.rows(rows.rows());
    Matrix drawn = all.toHost();
    int batch = rows.live.batch();
    for (int row = 0; row < rows.rows(); row++) {
      int given = rows.given(row);
      long counter = mask.rhythm() == Mask.Rhythm.ALL_STEPS ? given % batch : given;
      fill(drawn, row, mask, key + counter * target.width() * GOLDEN);
    }
    all.copy(drawn);
  }

  /// Fills a matrix.
  public static void fill(Matrix target, Mask mask, long key) {
    Matrix drawn = target.toHost();
    for (int row = 0; row < target.rows(); row++) {
      fill(drawn, row, mask, key + (long) row * target.cols() * GOLDEN);
    }
    target.copy(drawn);
  }

  private static void fill(Matrix target, int row, Mask mask, long start) {
    for (int i = 0; i < target.cols(); i++) {
      boolean kept = (mix(start + i * GOLDEN) >>> 11) * UNIT < mask.keep();
      target.set(row, i, kept ? mask.value() : 0);
    }
  }

  /// Where the numbers of a draw for a purpose start.
  public static long key(long draw, long purpose) {
    return mix(mix(draw + GOLDEN) ^ mix(purpose - GOLDEN));
  }

  /// **Source**: the finalizer of SplitMix64 (G. Steele, D. Lea and C. Flood, OOPSLA 2014).
  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
