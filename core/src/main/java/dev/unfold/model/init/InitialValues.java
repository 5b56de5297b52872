package dev.unfold.model.init;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.init.Initializer.Distribution;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/// The random numbers of one tensor of a new network.
///
/// Each tensor has a stream of its own, from the seed and its name, so its numbers do not depend on which
/// others there are.
public final class InitialValues {
  private final SplittableRandom random;

  public InitialValues(long seed, String tensor) {
    CRC32 hash = new CRC32();
    hash.update(tensor.getBytes(StandardCharsets.UTF_8));
    random = new SplittableRandom(mix(mix(seed) ^ hash.getValue()));
  }

  /// Scatters the bits of `z`, so that neighbouring seeds give streams that have nothing in common. The finalizer
  /// of MurmurHash3 with the constants of D. Stafford.
  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }

  /// Fills a matrix, or the block of one gate.
  ///
  /// @param hidden H, which the default goes by
  public void fill(Matrix block, Initializer initializer, int hidden) {
    switch (initializer) {
      case Initializer.Default d -> symmetric(block, 1 / Math.sqrt(hidden));
      case Initializer.Uniform uniform -> symmetric(block, uniform.bound());
      case Initializer.Normal normal -> normal(block, normal.deviation());
      case Initializer.Constant constant -> constant(block, constant.value());
      case Initializer.Xavier xavier ->
          spread(block, xavier.distribution(), 2.0 / (block.rows() + block.cols()));
      case Initializer.He he -> spread(block, he.distribution(), 2.0 / block.cols());
      case Initializer.Orthogonal o -> orthogonal(block);
      case Initializer.Identity i -> identity(block);
    }
  }

  /// A number for each element, row by row.
  private interface Numbers {
    double next();
  }

  private static void fill(Matrix target, Numbers numbers) {
    Matrix block = target.toHost();
    for (int r = 0; r < block.rows(); r++) {
      for (int c = 0; c < block.cols(); c++) {
        block.set(r, c, numbers.next());
      }
    }
    target.copy(block);
  }

  public void constant(Matrix block, double value) {
    fill(block, () -> value);
  }

  public void uniform(Matrix block, double low, double high) {
    fill(block, () -> random.nextDouble(low, high));
  }

  public void symmetric(Matrix block, double bound) {
    uniform(block, -bound, bound);
  }

  public void normal(Matrix block, double deviation) {
    fill(block, () -> deviation * normal());
  }

  /// A uniform number within a bound has a variance of a third of its square.
  private void spread(Matrix block, Distribution distribution, double variance) {
    switch (distribution) {
      case UNIFORM -> symmetric(block, Math.sqrt(3 * variance));
      case NORMAL -> normal(block, Math.sqrt(variance));
    }
  }

  private static void identity(Matrix target) {
    Matrix block = target.toHost();
    for (int r = 0; r < block.rows(); r++) {
      for (int c = 0; c < block.cols(); c++) {
        block.set(r, c, r == c ? 1 : 0);
      }
    }
    target.copy(block);
  }

  /// Normal vectors point in all directions alike; each is freed of its share along those before it, twice,
  /// since rounding leaves some of it the first time.
  private void orthogonal(Matrix target) {
    Matrix block = target.toHost();
    boolean wide = block.rows() <= block.cols();
    double[][] vectors =
        new double[Math.min(block.rows(), block.cols())][Math.max(block.rows(), block.cols())];
    for (int v = 0; v < vectors.length; v++) {
      do {
        for (int i = 0; i < vectors[v].length; i++) {
          vectors[v][i] = normal();
        }
        for (int pass = 0; pass < 2; pass++) {
          for (int before = 0; before < v; before++) {
            addMultiple(vectors[v], vectors[before], -product(vectors[v], vectors[before]));
          }
        }
      } while (product(vectors[v], vectors[v]) < 1e-20);
      scale(vectors[v], 1 / Math.sqrt(product(vectors[v], vectors[v])));
      for (int i = 0; i < vectors[v].length; i++) {
        block.set(wide ? v : i, wide ? i : v, vectors[v][i]);
      }
    }
    target.copy(block);
  }

  private static double product(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static void addMultiple(double[] target, double[] source, double factor) {
    for (int i = 0; i < target.length; i++) {
      target[i] += factor * source[i];
    }
  }

  private static void scale(double[] vector, double factor) {
    for (int i = 0; i < vector.length; i++) {
      vector[i] *= factor;
    }
  }

  /// A normal number from twelve uniform ones would have short tails; this is the method of Box and
  /// Muller, with the functions that give the same bits on every machine.
  private double normal() {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
  }
}
