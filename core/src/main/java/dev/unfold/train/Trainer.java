package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.gradient.Accumulation;
import dev.unfold.gradient.Bptt;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.train.data.SampledClasses;
import dev.unfold.train.data.TrainingData;
import dev.unfold.train.update.Average;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.Optimizer;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.UpdateRule;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/// Trains a network by BPTT on batches that follow each other, as [TrainingOptions] say.
///
/// After one batch or several: the gradient of all their losses, clipped, one step of the optimizer. After each epoch, and at
/// intervals, the network is validated; the best parameters are kept.
///
/// With a budget of epochs the result depends on network, data and options alone, bit for bit, for any number of threads, and
/// however often the run was interrupted and went on from a [#state]; with one of minutes also on how far the machine gets.
///
/// A trainer runs once. Another one goes on where it was, given its [#state].
///
/// **Threads**: [#run] is called by one thread; [#stop] by any; all else by that of [#run].
public final class Trainer {
  private final Network network;
  private final TrainingOptions options;
  private final UpdateRule rule;
  private final Team team;
  private final Consumer<TrainingEvent> listener;
  private final Parameters gradients;
  private final Parameters best;
  private final Optimizer optimizer;
  private final Average average;
  private final long seed;
  private final AtomicBoolean hasRun = new AtomicBoolean();
  private volatile boolean stopping;

  private Clock clock;
  private Bptt bptt;

  /// Where the next batch starts; null if that is where the last one ended.
  private State restored;

  private Evaluation bestValidation;
  private long bestUpdate;
  private int bestEpoch;
  private long validatedUpdate = -1;
  private double lastValidation = Double.NaN;
  private int stalls;
  private int sinceBest;

  /// Where in the data the next batch begins, counted over all epochs.
  private long place;

  /// What the data's window is; 0 before the first batch.
  private int window;

  private long updates;
  private double lossSum;
  private long lossCount;
  private double secondsBefore;

  /// A trainer whose random numbers are those of seed 1.
  ///
  /// @param network what is trained
  /// @param options how
  /// @param team the threads
  /// @param listener is told what happens, on the thread that calls [#run]
  public Trainer(
      Network network, TrainingOptions options, Team team, Consumer<TrainingEvent> listener) {
    this(network, options, 1, team, listener);
  }

  /// @param network what is trained
  /// @param options how
  /// @param seed of the random masks, and of the samples of classes of a text
  /// @param team the threads
  /// @param listener is told what happens, on the thread that calls [#run]
  public Trainer(
      Network network,
      TrainingOptions options,
      long seed,
      Team team,
      Consumer<TrainingEvent> listener) {
    this.network = Expect.given("network", network);
    this.options = Expect.given("options", options);
    this.seed = seed;
    this.team = Expect.given("team", team);
    this.listener = Expect.given("listener", listener);
    options.expectUsable(network.spec());
    rule = options.rule();
    gradients = network.parameters().zeros();
    best = network.parameters().copy();
    optimizer = new Optimizer(rule.optimizer(), network, gradients, rule.groups(), team);
    average = new Average(rule.averaging(), network);
  }

  /// Asks the run to end soon: after the update at hand, with the best parameters so far.
  public void stop() {
    stopping = true;
  }

  /// Trains on a text, as [TrainingOptions#dataOf], and validates on another, as [Evaluation#of].
  ///
  /// **Errors**: as [#run(TrainingData, Validator)]; [IllegalArgumentException] if the text has fewer than T + 1 tokens or the
  /// other fewer than 2.
  public TrainingResult run(int[] text, int[] validation) {
    Expect.given("validation", validation);
    return run(
        options.dataOf(text, network.spec().outputs(), seed),
        (trained, threads) -> Evaluation.of(trained, validation, threads));
  }

  /// Trains on `data`. If the options want a sample of the classes, the data have it ([SampledClasses]).
  ///
  /// **Errors**: [TrainingException] if loss or gradients are no longer finite; [IllegalArgumentException] if the engine's
  /// budget of memory is too small, or if a number of the parameters, of the restored state, or of a batch is not finite, which
  /// it names: that of a batch before it is learned. In the midst of a run the network then has its best parameters so far.
  /// [IllegalStateException] if it has run before.
  public TrainingResult run(TrainingData data, Validator validator) {
    Expect.given("data", data);
    Expect.given("validator", validator);
    expectFinite("parameters", network.parameters());
    if (!hasRun.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "run: expected a trainer that has not run yet, got one that has made %d updates: make"
                  .formatted(updates)
              + " another, which goes on from there if state() is given to its restore()");
    }
    bptt = Bptt.of(network, team, data.steps(), data.batch(), options.engine());
    if (restored != null) {
      bptt.start(restored);
    }
    if (window > 0) {
      data.setWindow(window);
    }
    int perEpoch = Math.ceilDiv(data.updatesPerEpoch(), rule.accumulation());
    clock = new Clock(options.budget(), data.places(), secondsBefore);
    listener.accept(new TrainingEvent.Started(data.batch(), perEpoch));
    while (!stopping && !clock.isOver(place) && !isPatienceOver()) {
      adapt(data);
      update(data);
      boolean endOfEpoch = place % data.places() == 0;
      boolean interval = options.interval() > 0 && updates % options.interval() == 0;
      if (endOfEpoch || interval) {
        validate(validator, epoch(data));
      }
      listener.accept(new TrainingEvent.Completed(updates));
    }
    if (validatedUpdate != updates && updates > 0) {
      validate(validator, epoch(data));
    }
    network.parameters().set(best);
    TrainingResult result =
        new TrainingResult(
            bestValidation,
            bestUpdate,
            bestEpoch,
            updates,
            epoch(data),
            clock.tokensPerSecond(),
            clock.seconds(),
            stopping);
    listener.accept(new TrainingEvent.Finished(result));
    return result;
  }

  private boolean isPatienceOver() {
    return options.patience() > 0 && sinceBest > options.patience();
  }

  /// Of the last update, from 1; 0 before there was one.
  private int epoch(TrainingData data) {
    return (int) Math.ceilDiv(place, (long) data.places());
  }

  private void adapt(TrainingData data) {
    int before = data.window();
    data.adapt(updates, network, team);
    window = data.window();
    if (window != before) {
      listener.accept(new TrainingEvent.Adapted(updates, before, window));
    }
  }

  private void update(TrainingData data) {
    Schedule.Point point =
        new Schedule.Point(updates, (double) place / data.places(), clock.done(place), stalls);
    gradients.buffer().clear();
    Accumulation all = new Accumulation(data.reduction());
    double sum = 0;
    int count = 0;
    long rows = 0;
    do {
      Batch batch = checked(data.batch(place));
      sum += gradient(data, batch, all.weights(batch));
      rows += (long) batch.steps() * batch.batch();
      place = data.next(place);
      count++;
    } while (count < rule.accumulation() && place % data.places() != 0);
    double divisor = all.divisor();
    double loss = sum / divisor;
    double norm = norm() / divisor;
    if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
      throw failure(loss, norm);
    }
    double rate = rule.learningRate() * rule.schedule().factor(point);
    double scale = clip(norm, divisor);
    expectSquares(norm * divisor * scale);
    optimizer.step(scale, rate, rule.decay());
    updates++;
    average.add(updates);
    lossSum += loss * all.weight();
    lossCount += all.weight();
    clock.count(rows);
    listener.accept(
        new TrainingEvent.Updated(
            updates,
            epoch(data),
            clock.done(place),
            loss,
            norm,
            rate,
            clock.tokensPerSecond(),
            clock.secondsLeft(place)));
  }

  /// The norm of the gradients; of very large or small ones by parts of the largest, as their squares are no numbers.
  private double norm() {
    double squares = network.kernels().sumOfSquares(gradients.all());
    if (squares >= 1e-280 && squares <= 1e300) {
      return Math.sqrt(squares);
    }
    double[] all = gradients.buffer().toArray();
    double largest = Arrays.stream(all).map(Math::abs).max().orElse(0);
    if (largest == 0 || !Double.isFinite(largest)) {
      return largest;
    }
    return largest * Math.sqrt(Arrays.stream(all).map(g -> g / largest * (g / largest)).sum());
  }

  /// Refuses gradients whose squares are infinite in the optimizer's averages, which no parameter would recover from.
  private void expectSquares(double norm) {
    boolean isFloat = network.kernels().precision() == Precision.FLOAT;
    double most = Math.sqrt(isFloat ? Float.MAX_VALUE : Double.MAX_VALUE);
    if (norm > most && rule.optimizer().keepsSquares() && !(rule.clip() instanceof Clip.Value)) {
      network.parameters().set(best);
      throw new TrainingException(
          ("update %d: expected gradients whose squares can be kept, with a norm of at most %.1e,"
                  + " got %.3e; try to clip them")
              .formatted(updates + 1, most, norm));
    }
  }

  /// `batch`, if it can be learned.
  private Batch checked(Batch batch) {
    try {
      batch.expectFinite(network.kernels());
      if (options.sampled() > 0 && !(batch.targets() instanceof Targets.Sampled)) {
        throw new IllegalArgumentException(
            "sampled: expected data with a sample of the classes, or 0, got "
                + options.sampled()
                + " and "
                + batch.targets().getClass().getSimpleName());
      }
      return batch;
    } catch (IllegalArgumentException e) {
      network.parameters().set(best);
      throw new IllegalArgumentException("update " + (updates + 1) + ": " + e.getMessage(), e);
    }
  }

  private double gradient(TrainingData data, Batch batch, double... weights) {
    if (!data.goesOn(place)) {
      bptt.startFromZero();
    } else if (restored == null) {
      bptt.startAfterLast();
    }
    restored = null;
    bptt.drawMasks(seed, place);
    return bptt.gradient(batch, weights, gradients);
  }

  /// Clips the gradients, which are still to be divided by `divisor`.
  ///
  /// @return what is left to be multiplied with them
  private double clip(double norm, double divisor) {
    return switch (rule.clip()) {
      case Clip.None _ -> 1.0 / divisor;
      // PyTorch adds 1e-6 to the norm that it divides by.
      case Clip.Norm clip -> Math.min(1, clip.limit() / (norm + 1e-6)) / divisor;
      case Clip.Value clip -> {
        cut(1.0 / divisor, clip.limit());
        yield 1;
      }
    };
  }

  /// Multiplies all gradients with `scale` and cuts them to values from `-limit` to `limit`.
  private void cut(double scale, double limit) {
    Pointwise.Builder b = Pointwise.builder();
    Slot g = b.operand();
    Slot scaled = b.compute(Op.MULTIPLY, g, b.constant(scale));
    // A limit beyond the numbers of the precision is none.
    boolean isFloat = network.kernels().precision() == Precision.FLOAT;
    double largest = isFloat ? Float.MAX_VALUE : Double.MAX_VALUE;
    Slot cut = b.clamp(scaled, Math.min(limit, largest));
    b.emit(Op.COPY, g, cut, cut);
    PointwiseKernel kernel = network.kernels().prepare(b.build());
    kernel.run(new Matrix[] {gradients.all()});
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

  /// With the average of the parameters, if there is one; the listener sees these, too.
  private void validate(Validator validator, int epoch) {
    if (!average.isActive()) {
      validateParameters(validator, epoch);
      return;
    }
    Parameters present = network.parameters().copy();
    network.parameters().set(average.values());
    validateParameters(validator, epoch);
    network.parameters().set(present);
  }

  private void validateParameters(Validator validator, int epoch) {
    clock.pause();
    validatedUpdate = updates;
    Evaluation evaluation = validator.evaluate(network, team);
    clock.resume();
    double loss = evaluation.mean();
    if (!Double.isFinite(evaluation.sum())) {
      network.parameters().set(best);
      throw new TrainingException(
          "validation after update "
              + updates
              + ": expected a finite loss, got "
              + loss
              + "; try a smaller learning rate or clip");
    }
    double bestLoss = bestValidation == null ? Double.NaN : bestValidation.mean();
    stalls = rule.schedule().stalls(stalls, lastValidation, bestLoss, loss);
    boolean isBest = bestValidation == null || loss < bestLoss;
    sinceBest = isBest ? 0 : sinceBest + 1;
    if (isBest) {
      bestValidation = evaluation;
      bestUpdate = updates;
      bestEpoch = epoch;
      best.set(network.parameters());
    }
    lastValidation = loss;
    average.validated(loss);
    double trainingLoss = lossCount == 0 ? Double.NaN : lossSum / lossCount;
    lossSum = 0;
    lossCount = 0;
    listener.accept(new TrainingEvent.Validated(updates, epoch, trainingLoss, evaluation, isBest));
  }

  /// The best parameters so far.
  public Parameters best() {
    return best;
  }

  /// Where the run is. To be called between updates: by the listener, or before and after the run.
  public TrainerState state() {
    return new TrainerState(
        network.parameters().copy(),
        best.copy(),
        optimizer.slots().stream().map(Parameters::copy).toList(),
        Optional.ofNullable(average.values()).map(Parameters::copy),
        bptt == null || place == 0 ? Optional.empty() : Optional.of(bptt.finalState()),
        new TrainerState.Counts(
            place,
            window,
            updates,
            average.count(),
            bestUpdate,
            bestEpoch,
            Optional.ofNullable(bestValidation),
            lastValidation,
            validatedUpdate,
            stalls,
            sinceBest,
            lossSum,
            lossCount,
            clock == null ? secondsBefore : clock.seconds()),
        average.validations());
  }

  /// Lets [#run] go on from `state`, that of a run with the same network, options and data.
  ///
  /// **Errors**: [IllegalArgumentException] if it is that of another optimizer or network, or has numbers that are not finite;
  /// [IllegalStateException] if this has run before.
  public void restore(TrainerState state) {
    Expect.given("state", state);
    if (hasRun.get()) {
      throw new IllegalStateException(
          "restore: expected a trainer that has not run yet, got one that has made %d updates"
              .formatted(updates));
    }
    List<Parameters> slots = optimizer.slots();
    if (slots.size() != state.slots().size()) {
      throw new IllegalArgumentException(
          "state: expected %d numbers of the optimizer for each parameter, got %d"
              .formatted(slots.size(), state.slots().size()));
    }
    check("state: parameters", state.parameters());
    check("state: best", state.best());
    state.slots().forEach(slot -> check("state: slots", slot));
    state.average().ifPresent(values -> check("state: average", values));
    network.parameters().set(state.parameters());
    best.set(state.best());
    for (int i = 0; i < slots.size(); i++) {
      slots.get(i).set(state.slots().get(i));
    }
    TrainerState.Counts counts = state.counts();
    optimizer.restore(counts.updates());
    average.restore(
        state.average().map(Parameters::copy).orElse(null), counts.averaged(), state.validations());
    restored = state.state().orElse(null);
    place = counts.place();
    window = counts.window();
    updates = counts.updates();
    bestUpdate = counts.bestUpdate();
    bestEpoch = counts.bestEpoch();
    bestValidation = counts.best().orElse(null);
    lastValidation = counts.last();
    validatedUpdate = counts.lastUpdate();
    stalls = counts.stalls();
    sinceBest = counts.sinceBest();
    lossSum = counts.lossSum();
    lossCount = counts.lossCount();
    secondsBefore = counts.seconds();
  }

  private void check(String name, Parameters given) {
    network.parameters().expectAlike(name, given);
    expectFinite(name, given);
  }

  private static void expectFinite(String name, Parameters numbers) {
    String parameter = numbers.firstNonFinite();
    if (parameter != null) {
      throw new IllegalArgumentException(
          "%s: expected finite numbers, got others in %s".formatted(name, parameter));
    }
  }
}
