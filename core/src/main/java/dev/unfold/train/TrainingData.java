package dev.unfold.train;

import dev.unfold.net.Batch;
import dev.unfold.net.Reduction;

/// What a network is trained on: for each update a batch, which follows from the update's number alone. So a run can go on
/// from any update.
///
/// **Threads**: one at a time.
public interface TrainingData {
  /// T, the most steps of a batch.
  int steps();

  /// B, the sequences of each batch.
  int batch();

  /// Updates until all of the data was used once.
  int updatesPerEpoch();

  /// The batch of update `update`, counted from 0; the arrays may be filled anew by the next call.
  Batch batch(long update);

  /// Whether the sequences of update `update` go on with those of the one before, and so start from its last state; else
  /// they start from zeros.
  boolean goesOn(long update);

  /// How the losses of a batch become one number.
  Reduction reduction();
}
