package dev.unfold.train;

import dev.unfold.kernels.Team;
import dev.unfold.net.Network;
import dev.unfold.net.Parameters;
import dev.unfold.net.Reduction;
import dev.unfold.net.UnrolledNetwork;
import java.util.function.Consumer;

/// Trains a network to predict the next token of a text, by BPTT over windows of T steps.
///
/// The text is read as B streams side by side ([Streams]), from left to right. The state is carried from
/// window to window; the error is followed back to the start of the window and cut there. After each
/// window: gradients of the average loss, clipped to a largest norm, one step of Adam. After each epoch
/// the streams start again from a state of zeros, and the network is validated; the best parameters are kept.
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

  /// Trains on `training` and validates on `validation`.
  ///
  /// **Errors**: [IllegalArgumentException] if the training text has fewer than T + 1 tokens or the
  /// validation text fewer than 2; [TrainingException] if loss or gradients are no longer finite: then the
  /// network has its best parameters so far.
  public TrainingResult run(int[] training, int[] validation) {
    int batch = batchFor(training);
    Streams streams = new Streams(training, batch);
    int windows = Math.ceilDiv(streams.length(), options.steps());
    clock = new Clock(options.budget(), windows);
    listener.accept(new TrainingEvent.Started(batch, windows));
    UnrolledNetwork whole =
        network.unroll(team, Math.min(options.steps(), streams.length()), batch);
    int rest = streams.length() % whole.steps();
    UnrolledNetwork last = rest == 0 ? whole : network.unroll(team, rest, batch);
    int epoch = 0;
    while (!stopping && !clock.isOver(updates)) {
      epoch++;
      UnrolledNetwork previous = null;
      for (int from = 0; from < streams.length(); from += whole.steps()) {
        if (stopping || clock.isOver(updates)) {
          break;
        }
        UnrolledNetwork window = streams.length() - from < whole.steps() ? last : whole;
        if (previous == null) {
          window.startFromZero();
        } else {
          window.startAfter(previous);
        }
        update(window, streams, from, epoch);
        previous = window;
        boolean endOfEpoch = from + whole.steps() >= streams.length();
        if (!endOfEpoch && options.interval() > 0 && updates % options.interval() == 0) {
          validate(validation, epoch);
        }
      }
      if (validatedUpdate != updates) {
        validate(validation, epoch);
      }
    }
    network.parameters().set(best);
    TrainingResult result =
        new TrainingResult(
            bestValidation,
            bestUpdate,
            updates,
            epoch,
            clock.tokensPerSecond(),
            clock.seconds(),
            stopping);
    listener.accept(new TrainingEvent.Finished(result));
    return result;
  }

  private int batchFor(int[] training) {
    int windows = (training.length - 1) / options.steps();
    if (windows < 1) {
      throw new IllegalArgumentException(
          "text: expected at least T + 1 = "
              + (options.steps() + 1)
              + " tokens to train on, got "
              + training.length);
    }
    return Math.min(options.batch(), windows);
  }

  private void update(UnrolledNetwork window, Streams streams, int from, int epoch) {
    int rows = window.steps() * window.batch();
    int[] inputs = new int[rows];
    int[] targets = new int[rows];
    streams.fill(from, window.steps(), inputs, targets);
    window.forward(inputs, 0);
    double loss = window.loss(targets, 0, Reduction.MEAN);
    gradients.buffer().clear();
    window.backward(gradients);
    double norm = Math.sqrt(network.kernels().sumOfSquares(gradients.all()));
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw failure(loss, norm);
    }
    optimizer.step(Math.min(1, options.clip() / (norm + 1e-6)), options.learningRate());
    updates++;
    lossSum += loss * rows;
    lossCount += rows;
    clock.count(rows);
    listener.accept(
        new TrainingEvent.Updated(
            updates,
            epoch,
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

  private void validate(int[] validation, int epoch) {
    clock.pause();
    validatedUpdate = updates;
    Evaluation evaluation = Evaluation.of(network, validation, team);
    clock.resume();
    if (!Double.isFinite(evaluation.nats())) {
      network.parameters().set(best);
      throw new TrainingException(
          "validation after update "
              + updates
              + ": expected a finite loss, got "
              + evaluation.natsPerToken()
              + "; try a smaller learning rate or clip");
    }
    boolean isBest =
        bestValidation == null || evaluation.natsPerToken() < bestValidation.natsPerToken();
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
