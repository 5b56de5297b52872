package dev.unfold.train;

import dev.unfold.gradient.Accumulation;
import dev.unfold.gradient.Engine;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.online.InfluenceWatch;
import dev.unfold.online.KeptInfluence;
import dev.unfold.online.OnlineGradient;
import dev.unfold.sequence.Batch;
import dev.unfold.train.data.TrainingData;
import java.util.Optional;

/// The gradients of one batch, step by step, by an online rule, which carries what moved the states from a batch to the
/// next that goes on with it.
final class StepwiseGradients implements GradientSource {
  private final Network network;
  private final TrainingData data;
  private final OnlineGradient online;

  StepwiseGradients(
      Network network, Engine.Online engine, TrainingData data, long seed, Team team) {
    this.network = network;
    this.data = data;
    online = engine.of(network, team, data.batch(), seed);
  }

  @Override
  public Losses gradient(long place, Parameters gradients) {
    gradients.buffer().clear();
    Batch batch = data.batch(place);
    batch.expectFinite(network.kernels());
    batch.expectClasses(network.spec().head());
    Accumulation accumulation = new Accumulation(network.spec().head(), data.reduction());
    double[] weights = batch.widened(accumulation.weights(batch), online.batch());
    if (!data.goesOn(place)) {
      for (int b = 0; b < online.batch(); b++) {
        online.reset(b);
      }
    }
    double sum = 0;
    for (int t = 0; t < batch.steps(); t++) {
      sum += online.step(batch.part(t, t + 1).widened(online.batch()), weights, gradients);
    }
    long rows = (long) batch.steps() * batch.batch();
    return new Losses(sum, accumulation.divisor(), accumulation.weight(), rows, data.next(place));
  }

  @Override
  public void start(State state) {
    online.start(state);
  }

  @Override
  public void start(State state, KeptInfluence kept) {
    online.start(state, kept);
  }

  @Override
  public State state() {
    return online.state();
  }

  @Override
  public Optional<KeptInfluence> influence() {
    return Optional.of(online.kept());
  }

  @Override
  public Optional<InfluenceWatch> watch() {
    return Optional.of(online.watch());
  }
}
