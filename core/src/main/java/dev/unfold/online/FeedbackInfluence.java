package dev.unfold.online;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Passage;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.List;

/// Traces as those of a unit within itself, which learn from the outputs' errors through fixed weights B:
///
///     e_h(t) = B delta_out(t)
///
/// in the place of W^T delta_out(t).
///
/// **Source**: J. M. Murray, Local online learning in recurrent networks with random feedback, 2019.
final class FeedbackInfluence implements Influence {
  private final UnrolledNetwork unrolled;
  private final UnitInfluence traces;
  private final Matrix signal;
  private final Matrix weights;

  /// @param network one layer of numbers: embeddings would learn from the readout's weights
  FeedbackInfluence(Network network, UnrolledNetwork unrolled, Team team, Feedback feedback) {
    this.unrolled = unrolled;
    int units = network.spec().outputSize();
    int outputs = network.spec().outputs();
    signal = network.kernels().allocate(unrolled.batch(), units);
    weights = network.kernels().allocate(units, outputs);
    for (int i = 0; i < units; i++) {
      for (int k = 0; k < outputs; k++) {
        weights.set(i, k, feedback.weight(i, k));
      }
    }
    traces =
        new UnitInfluence(
            network, unrolled.tape(), team, 0, Passage.WITHIN, UnitPattern.all(), signal);
  }

  @Override
  public boolean isOfStepsBefore() {
    return false;
  }

  @Override
  public void step(Parameters gradients, boolean[] present) {
    Matrix deltas = unrolled.logits();
    for (int b = 0; b < signal.rows(); b++) {
      for (int i = 0; i < signal.cols(); i++) {
        double sum = 0;
        for (int k = 0; k < weights.cols(); k++) {
          sum += weights.get(i, k) * deltas.get(b, k);
        }
        signal.set(b, i, sum);
      }
    }
    traces.step(gradients, present);
    traces.addOwn(gradients); // what is of this step, if it is not in there
  }

  @Override
  public List<Matrix> numbers() {
    return traces.numbers();
  }

  @Override
  public void goOn(long step) {
    traces.goOn(step);
  }

  @Override
  public Columns columns() {
    return traces.columns();
  }

  @Override
  public int states() {
    return traces.states();
  }

  @Override
  public void copyTo(int b, Matrix to) {
    traces.copyTo(b, to);
  }

  @Override
  public void reset(int b) {
    traces.reset(b);
  }

  @Override
  public double sumOfSquares(int b) {
    return traces.sumOfSquares(b);
  }

  @Override
  public void scale(int b, double factor) {
    traces.scale(b, factor);
  }

  @Override
  public long bytes() {
    return traces.bytes();
  }
}
