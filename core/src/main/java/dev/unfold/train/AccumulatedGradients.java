package dev.unfold.train;

import dev.unfold.gradient.Accumulation;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.train.data.TrainingData;

/// The gradients of several batches, or of those that are left of an epoch, as if they were one.
///
/// @param batches of an update
record AccumulatedGradients(LocalGradients local, TrainingData data, int batches)
    implements GradientSource {
  @Override
  public Losses gradient(long place, Parameters gradients) {
    gradients.buffer().clear();
    Accumulation all = local.accumulation();
    Losses losses = local.add(place, all, gradients);
    for (int more = 1; more < batches && losses.next() % data.places() != 0; more++) {
      losses = losses.plus(local.add(losses.next(), all, gradients));
    }
    return losses;
  }

  @Override
  public void start(State state) {
    local.start(state);
  }

  @Override
  public State state() {
    return local.state();
  }
}
