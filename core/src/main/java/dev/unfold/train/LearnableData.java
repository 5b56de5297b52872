package dev.unfold.train;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import dev.unfold.train.data.TrainingData;

/// The batches of `data`, each checked before it is learned.
///
/// @param sampled how many classes the options want drawn; 0 for the full softmax
record LearnableData(Network network, TrainingData data, int sampled) {
  /// The batch at `place`.
  ///
  /// **Errors**: [IllegalArgumentException] for one that cannot be learned, which says why.
  Batch batch(long place) {
    Batch batch = data.batch(place);
    batch.expectFinite(network.kernels());
    batch.expectClasses(network.spec().head());
    if (sampled > 0 && !(batch.targets().plain() instanceof Targets.Sampled)) {
      throw new Refusal(
          "sampled",
          "data with a sample of the classes, or 0",
          sampled + " and " + batch.targets().plain().getClass().getSimpleName());
    }
    return batch;
  }
}
