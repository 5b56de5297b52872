package dev.unfold.unroll.head;

import dev.unfold.model.HeadGradients;

/// A softmax whose loss does not need the net inputs of all classes, or of all rows, at a time, after it has set the
/// losses of a batch.
sealed interface PartialSoftmax permits SampledSoftmax, FactoredSoftmax, BlockedSoftmax {
  /// Sets dE/dh(t) for the rows from `from` to `until` - 1.
  void back(int from, int until);

  /// Adds what the steps from `firstStep` to `endStep` - 1 give to the readout's gradients, block by block from the
  /// last to the first.
  void addGradients(HeadGradients gradients, int firstStep, int endStep);
}
