package dev.unfold.train;

import dev.unfold.kernels.Team;
import dev.unfold.net.Batch;
import dev.unfold.net.Bptt;
import dev.unfold.net.Network;
import dev.unfold.net.Parameters;
import java.util.function.Consumer;

/// Trains a network by BPTT on batches that follow each other.
///
/// After each batch: gradients of the average loss, clipped to a largest norm, one step of Adam. After each epoch, and at
/// intervals, the network is validated; the best parameters are kept.
///
/// With a budget of epochs the result depends on network, data and options alone, bit for bit, for any
/// number of threads; with one of minutes also on how far the machine gets.
///
/// **Threads**: [#run] is called once, by one thread; [#stop] by any.
public final class Trainer {
  private final Network network;
  private final TrainingOptions options;
  private final Team team;
  private final Consumer<TrainingEvent> listener;
  private final Parameters gradients;
  private final Parameters best;
  private final Optimizer optimizer;
  private volatile boolean stopping;

  private Clock clock;
  private Evaluation bestValidation;
  private long bestUpdate;
  private long validatedUpdate = -1;
  private long updates;
  private double lossSum;
  private long lossCount;

  /// @param network what is trained
  /// @param options how
  /// @param team the threads
  /// @param listener is told what happens, on the thread that calls [#run]
  public Trainer(
      Network network, TrainingOptions options, Team team, Consumer<TrainingEvent> listener) {
    this.network = network;
    this.options = options;
    this.team = team;
    this.listener = listener;
    gradients = network.parameters().zeros();
    best = network.parameters().copy();
    optimizer = new Adam(network, gradients, team);
  }

  /// Asks the run to end soon: after the update at hand, with the best parameters so far.
  public void stop() {
    stopping = true;
  }

  /// Trains on `data`.
  ///
  /// **Errors**: [TrainingException] if loss or gradients are no longer finite: then the network has its best parameters
  /// so far; [IllegalArgumentException] if the engine's budget of memory is too small.
  public TrainingResult run(TrainingData data, Validator validator) {
    Bptt bptt = Bptt.of(network, team, data.steps(), data.batch(), options.engine());
    int perEpoch = data.updatesPerEpoch();
    clock = new Clock(options.budget(), perEpoch);
    listener.accept(new TrainingEvent.Started(data.batch(), perEpoch));
    while (!stopping && !clock.isOver(updates)) {
      update(bptt, data);
      boolean endOfEpoch = updates % perEpoch == 0;
      boolean interval = options.interval() > 0 && updates % options.interval() == 0;
      if (endOfEpoch || interval) {
        validate(validator, epoch(data));
      }
    }
    if (validatedUpdate != updates && updates > 0) {
      validate(validator, epoch(data));
    }
    network.parameters().set(best);
    TrainingResult result =
        new TrainingResult(
            bestValidation,
            bestUpdate,
            updates,
            epoch(data),
            clock.tokensPerSecond(),
            clock.seconds(),
            stopping);
    listener.accept(new TrainingEvent.Finished(result));
    return result;
  }

  /// Of the last update, from 1; 0 before there was one.
  private int epoch(TrainingData data) {
    return (int) Math.ceilDiv(updates, (long) data.updatesPerEpoch());
  }

  private void update(Bptt bptt, TrainingData data) {
    Batch batch = data.batch(updates);
    if (data.goesOn(updates)) {
      bptt.startAfterLast();
    } else {
      bptt.startFromZero();
    }
    bptt.drawMasks(updates);
    gradients.buffer().clear();
    double loss = bptt.gradient(batch, data.reduction(), gradients);
    double norm = Math.sqrt(network.kernels().sumOfSquares(gradients.all()));
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw failure(loss, norm);
    }
    optimizer.step(Math.min(1, options.clip() / (norm + 1e-6)), options.learningRate());
    updates++;
    int rows = batch.steps() * batch.batch();
    lossSum += loss * rows;
    lossCount += rows;
    clock.count(rows);
    listener.accept(
        new TrainingEvent.Updated(
            updates,
            epoch(data),
            clock.done(updates),
            loss,
            norm,
            clock.tokensPerSecond(),
            clock.secondsLeft(updates)));
  }

  private TrainingException failure(double loss, double norm) {
    String parameter = gradients.firstNonFinite();
    network.parameters().set(best);
    return new TrainingException(
        "update "
            + (updates + 1)
            + ": expected a finite loss and gradient, got loss "
            + loss
            + " and gradient norm "
            + norm
            + (parameter == null ? "" : " (first in " + parameter + ")")
            + "; try a smaller learning rate or clip");
  }

  private void validate(Validator validator, int epoch) {
    clock.pause();
    validatedUpdate = updates;
    Evaluation evaluation = validator.evaluate(network, team);
    clock.resume();
    if (!Double.isFinite(evaluation.sum())) {
      network.parameters().set(best);
      throw new TrainingException(
          "validation after update "
              + updates
              + ": expected a finite loss, got "
              + evaluation.mean()
              + "; try a smaller learning rate or clip");
    }
    boolean isBest = bestValidation == null || evaluation.mean() < bestValidation.mean();
    if (isBest) {
      bestValidation = evaluation;
      bestUpdate = updates;
      best.set(network.parameters());
    }
    double trainingLoss = lossCount == 0 ? Double.NaN : lossSum / lossCount;
    lossSum = 0;
    lossCount = 0;
    listener.accept(new TrainingEvent.Validated(updates, epoch, trainingLoss, evaluation, isBest));
  }
}
