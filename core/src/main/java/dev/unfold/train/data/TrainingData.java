package dev.unfold.train.data;

import dev.unfold.head.Reduction;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;

/// What a network is trained on: an epoch has places at which batches begin, and a batch follows from its place, and
/// the length of its window, alone. So a run can go on from any.
///
/// **Threads**: one at a time.
public interface TrainingData {
  /// T, the most steps of a batch.
  int steps();

  /// B, the sequences of a batch; a batch may have fewer, such as the last of an epoch.
  int batch();

  /// Batches until all of the data was used once; the least number if their lengths vary.
  int updatesPerEpoch();

  /// The places of an epoch; those of the next follow.
  default int places() {
    return updatesPerEpoch();
  }

  /// The batch at place `place`, counted from 0; the arrays may be filled anew by the next call.
  Batch batch(long place);

  /// The place after the batch at `place`.
  default long next(long place) {
    return place + 1;
  }

  /// Whether the sequences at `place` go on with those of the batch before, and so start from its last state; else they
  /// start from zeros.
  boolean goesOn(long place);

  /// The most steps of the next batches: T, or fewer if that follows the network.
  default int window() {
    return steps();
  }

  /// Sets what [#window] tells, if it follows the network.
  default void setWindow(int window) {}

  /// May change the window, after `updates` updates.
  default void adapt(long updates, Network network, Team team) {}

  /// How the losses of a batch become one number.
  Reduction reduction();
}
