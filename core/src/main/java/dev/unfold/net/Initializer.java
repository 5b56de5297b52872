package dev.unfold.net;

import dev.unfold.kernels.Matrix;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/// Draws the parameters of a new network, PyTorch's defaults:
///
///   - recurrent layers and readout: uniform in (-1/sqrt(H), 1/sqrt(H)), biases too
///   - embedding: normal with mean 0 and deviation 1
///
/// Each tensor has a random stream of its own, from the seed and its name, so its numbers do not depend
/// on which others there are.
final class Initializer {
  private Initializer() {}

  static void initialize(Parameters parameters, int hidden, long seed) {
    double bound = 1 / Math.sqrt(hidden);
    for (Parameters.Tensor tensor : parameters.tensors()) {
      CRC32 hash = new CRC32();
      hash.update(tensor.name().getBytes(StandardCharsets.UTF_8));
      SplittableRandom random = new SplittableRandom(mix(mix(seed) ^ hash.getValue()));
      Matrix matrix = parameters.matrix(tensor.name());
      boolean embedding = tensor.name().equals(Network.EMBEDDING);
      for (int r = 0; r < matrix.rows(); r++) {
        for (int c = 0; c < matrix.cols(); c++) {
          matrix.set(r, c, embedding ? normal(random) : random.nextDouble(-bound, bound));
        }
      }
    }
    parameters.changed();
  }

  /// Scatters the bits of `z`, so that neighbouring seeds give streams that have nothing in common. The finalizer
  /// of MurmurHash3 with the constants of D. Stafford.
  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }

  /// A normal number from twelve uniform ones would have short tails; this is the method of Box and
  /// Muller, with the functions that give the same bits on every machine.
  private static double normal(SplittableRandom random) {
    double radius = Math.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
    return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
  }
}
