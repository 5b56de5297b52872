package dev.unfold.gradient;

import dev.unfold.head.Head;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.LiveRows;
import dev.unfold.model.GradientListener;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.ErrorNorms;
import dev.unfold.sequence.Truncation;
import dev.unfold.unroll.UnrolledNetwork;
import dev.unfold.unroll.tape.TrainedWeights;

/// Back-propagation with all steps in memory, full or truncated.
final class UnrolledBptt implements Bptt {
  private final TrainedWeights weights;
  private final Head head;
  private final UnrolledNetwork unrolled;
  private final long bytes;
  private final double relativeTime;

  /// Null to follow the error back through all steps.
  private final Truncation truncation;

  UnrolledBptt(Network network, Team team, int steps, int batch, Truncation truncation) {
    head = network.spec().head();
    weights = new TrainedWeights(network);
    unrolled =
        new UnrolledNetwork(
            network, weights.weights(), network.spec().noise(), team, new LiveRows(steps, batch));
    Engine engine = truncation == null ? new Engine.Full() : new Engine.Truncated(truncation);
    Precision precision = network.kernels().precision();
    bytes = Footprint.of(network.spec(), precision, steps, batch, engine);
    relativeTime = Footprint.relativeTime(network.spec(), precision, steps, batch, engine);
    this.truncation = truncation;
  }

  @Override
  public void startFromZero() {
    unrolled.startFromZero();
  }

  @Override
  public void start(State state) {
    unrolled.start(state);
  }

  @Override
  public void startAfterLast() {
    unrolled.startAfter(unrolled);
  }

  @Override
  public void keep(State to) {
    unrolled.keep(to);
  }

  @Override
  public void goOn(State kept) {
    unrolled.goOn(kept);
  }

  @Override
  public void drawMasks(long draw) {
    weights.draw(draw);
    unrolled.drawMasks(draw);
  }

  @Override
  public double gradient(
      Batch batch, double[] counts, Parameters gradients, GradientListener listener) {
    Parameters collected = weights.begin(gradients);
    boolean isThere = collected.equals(gradients);
    double loss =
        unrolled.gradient(
            batch, counts, collected, truncation, isThere ? listener : GradientListener.NOBODY);
    weights.end(gradients);
    return loss;
  }

  @Override
  public Head head() {
    return head;
  }

  @Override
  public double[] losses() {
    return unrolled.losses();
  }

  @Override
  public State finalState() {
    return unrolled.finalState();
  }

  @Override
  public State initialStateGradient() {
    return unrolled.initialStateGradient();
  }

  @Override
  public ErrorNorms watchErrors() {
    return unrolled.watchErrors();
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public double relativeTime() {
    return relativeTime;
  }
}
