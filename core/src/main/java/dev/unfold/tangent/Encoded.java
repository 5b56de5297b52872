package dev.unfold.tangent;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Inputs;

/// What the first layer reads.
final class Encoded {
  private Encoded() {}

  /// Puts the first rows of `inputs` in `target`, as many as it has: vectors as they are, tokens as `parameters` have
  /// them.
  static void read(Parameters parameters, Inputs inputs, Kernels kernels, Matrix target) {
    switch (inputs) {
      case Inputs.Vectors all -> target.copy(all.values().rows(0, target.rows()));
      case Inputs.Tokens all ->
          kernels.gather(parameters.matrix(Network.EMBEDDING), all.tokens(), all.from(), target);
      case Inputs.Columns all -> throw new AssertionError(all);
    }
  }
}
