package dev.unfold.train.update;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import java.util.Arrays;

/// Makes gradients smaller, as a [Clip] says.
final class Clipping {
  private final Clip clip;
  private final Network network;
  private final Parameters gradients;

  Clipping(Clip clip, Network network, Parameters gradients) {
    this.clip = clip;
    this.network = network;
    this.gradients = gradients;
  }

  /// The norm of the gradients; of very large or small ones by parts of the largest, as their squares are no numbers.
  double norm() {
    double squares = network.kernels().sumOfSquares(gradients.all());
    if (squares >= 1e-280 && squares <= 1e300) {
      return Math.sqrt(squares);
    }
    double[] all = gradients.buffer().toArray();
    double largest = Arrays.stream(all).map(Math::abs).max().orElse(0);
    if (largest == 0 || !Double.isFinite(largest)) {
      return largest;
    }
    return largest * Math.sqrt(Arrays.stream(all).map(g -> g / largest * (g / largest)).sum());
  }

  /// Clips the gradients, which are still to be divided by `divisor`.
  ///
  /// @param norm of what they are then
  /// @return what is left to be multiplied with them
  double clip(double norm, double divisor) {
    return switch (clip) {
      case Clip.None _ -> 1.0 / divisor;
      // PyTorch adds 1e-6 to the norm that it divides by.
      case Clip.Norm most -> Math.min(1, most.limit() / (norm + 1e-6)) / divisor;
      case Clip.Value most -> {
        cut(1.0 / divisor, most.limit());
        yield 1;
      }
    };
  }

  /// Multiplies all gradients with `scale` and cuts them to values from `-limit` to `limit`.
  private void cut(double scale, double limit) {
    Pointwise.Builder b = Pointwise.builder();
    Slot g = b.operand();
    Slot scaled = b.compute(Op.MULTIPLY, g, b.constant(scale));
    // A limit beyond the numbers of the precision is none.
    boolean isFloat = network.kernels().precision() == Precision.FLOAT;
    double largest = isFloat ? Float.MAX_VALUE : Double.MAX_VALUE;
    Slot cut = b.clamp(scaled, Math.min(limit, largest));
    b.emit(Op.COPY, g, cut, cut);
    PointwiseKernel kernel = network.kernels().prepare(b.build());
    kernel.run(new Matrix[] {gradients.all()});
  }
}
