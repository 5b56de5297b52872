package dev.unfold.unroll.head;

import dev.unfold.model.HeadGradients;
import dev.unfold.model.NetworkGradients;

/// What a loss is computed for, which says how much of the outputs has to be kept.
public final class Aim {
  /// The outputs are looked at, or errors may be followed back later on.
  public static final Aim OUTPUTS = new Aim(null);

  /// The loss alone. Nothing is kept.
  public static final Aim LOSS = new Aim(null);

  /// Null for none.
  private final NetworkGradients gradients;

  private Aim(NetworkGradients gradients) {
    this.gradients = gradients;
  }

  /// The loss and the way back right after it: what the readouts collect may be added to `gradients` with the loss.
  public static Aim gradients(NetworkGradients gradients) {
    return new Aim(gradients);
  }

  /// Whether all outputs have to be kept.
  boolean keepsOutputs() {
    return equals(OUTPUTS);
  }

  /// Whether nothing but the loss is wanted.
  boolean isLoss() {
    return equals(LOSS);
  }

  /// Where the derivatives of head `i` go; null if there is no way back.
  HeadGradients head(int i) {
    return gradients == null ? null : gradients.head(i);
  }
}
