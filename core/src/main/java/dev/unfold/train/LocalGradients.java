package dev.unfold.train;

import dev.unfold.gradient.Accumulation;
import dev.unfold.gradient.Bptt;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.train.data.TrainingData;

/// The gradients of one batch, by back-propagation through time.
final class LocalGradients implements GradientSource {
  private final Network network;
  private final TrainingData data;
  private final LearnableData learnable;
  private final long seed;
  private final Bptt bptt;

  /// Where the next batch starts; null if that is where the last one ended.
  private State given;

  LocalGradients(LearnableData learnable, TrainingOptions options, long seed, Team team) {
    this.learnable = learnable;
    this.seed = seed;
    network = learnable.network();
    data = learnable.data();
    bptt = Bptt.of(network, team, data.steps(), data.batch(), options.engine());
  }

  @Override
  public Losses gradient(long place, Parameters gradients) {
    gradients.buffer().clear();
    return add(place, accumulation(), gradients);
  }

  /// For the batches of an update.
  Accumulation accumulation() {
    return new Accumulation(network.spec().head(), data.reduction());
  }

  /// Adds those of the batch at `place` to `gradients`.
  ///
  /// @param all the batches of the update so far
  Losses add(long place, Accumulation all, Parameters gradients) {
    Batch batch = learnable.batch(place);
    double[] weights = all.weights(batch);
    if (!data.goesOn(place)) {
      bptt.startFromZero();
    } else if (given == null) {
      bptt.startAfterLast();
    }
    given = null;
    bptt.drawMasks(seed, place);
    double sum = bptt.gradient(batch, weights, gradients);
    long rows = (long) batch.steps() * batch.batch();
    return new Losses(sum, all.divisor(), all.weight(), rows, data.next(place));
  }

  @Override
  public void start(State state) {
    bptt.start(state);
    given = state;
  }

  @Override
  public State state() {
    return given == null ? bptt.finalState() : given.copy();
  }
}
