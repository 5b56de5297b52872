package dev.unfold.unroll.head;

import dev.unfold.model.HeadGradients;
import dev.unfold.model.NetworkGradients;

/// What a loss is computed for, which says how much of the outputs has to be kept.
public sealed interface Aim {
  /// The outputs are looked at, or errors may be followed back later on.
  record Outputs() implements Aim {}

  /// The loss alone.
  record Loss() implements Aim {}

  /// The loss and the way back right after it.
  ///
  /// @param to where derivatives go; those of the readouts may be added with the loss
  record Gradients(NetworkGradients to) implements Aim {}

  /// Where the derivatives of head `i` go; null if there is no way back now.
  default HeadGradients head(int i) {
    return this instanceof Gradients(NetworkGradients to) ? to.head(i) : null;
  }
}
