package dev.unfold.run.generated;

import dev.unfold.head.Head;
import dev.unfold.model.Encoder;
import dev.unfold.train.data.TrainingData;

/// A task whose data are generated, as many as wanted: each update has sequences of its own, which follow from a seed
/// and the update's number.
public sealed interface GeneratedTask extends TrainingData
    permits AddingProblem, CopyingMemory, DelayedResponse, Parity {
  /// Updates that count as an epoch, since the data do not end.
  int UPDATES_PER_EPOCH = 100;

  /// The input that a network for the task has.
  Encoder encoder();

  /// What its outputs mean.
  Head head();

  /// The average loss of the best answer that needs no memory.
  double baseline();

  /// The same task with other sequences.
  GeneratedTask withSeed(long seed);

  @Override
  default int updatesPerEpoch() {
    return UPDATES_PER_EPOCH;
  }

  @Override
  default boolean goesOn(long update) {
    return false;
  }
}
