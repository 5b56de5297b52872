package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.online.KeptInfluence;
import dev.unfold.train.data.SampledClasses;
import dev.unfold.train.data.TrainingData;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.Updater;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Trains a network by BPTT, or an online rule, on batches that follow each other, as [TrainingOptions] say.
///
/// Each update has its gradients from a [GradientSource], and an [Updater] changes the parameters by them. After each
/// epoch, and at intervals, the network is validated; the best parameters are kept. [Progress] counts all that.
///
/// With a budget of epochs the result depends on network, data and options alone, bit for bit, for any number of
/// threads, and however often the run was interrupted and went on from a [#state]; with one of minutes also on how
/// far the machine gets.
///
/// A trainer runs once. Another one goes on where it was, given its [#state].
///
/// **Threads**: [#run] is called by one thread; [#stop] by any; all else by that of [#run].
public final class Trainer {
  private final Network network;
  private final TrainingOptions options;
  private final Team team;
  private final Consumer<TrainingEvent> listener;
  private final Updater updater;
  private final Validation validation;
  private final long seed;
  private final Workers workers;
  private final AtomicBoolean hasRun = new AtomicBoolean();

  private Progress progress = Progress.START;

  /// The hidden state to go on from; null if there is none.
  private State restored;

  /// What an online rule kept until there; null if nothing.
  private KeptInfluence restoredInfluence;

  /// Both null before the run.
  private Clock clock;

  private GradientSource source;

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
    this(network, options, seed, team, Workers.alone(), listener);
  }

  /// @param network what is trained
  /// @param options how
  /// @param seed of the random masks, and of the samples of classes of a text
  /// @param team the threads
  /// @param workers with which others it is trained: network, options, seed and data have to be the same in all
  /// @param listener is told what happens, on the thread that calls [#run]
  ///
  /// **Errors**: [IllegalArgumentException] as [#Trainer] of one alone; for a budget of minutes of several workers,
  /// whose clocks differ, or fewer blocks than workers.
  public Trainer(
      Network network,
      TrainingOptions options,
      long seed,
      Team team,
      Workers workers,
      Consumer<TrainingEvent> listener) {
    this.network = Expect.given("network", network);
    this.options = Expect.given("options", options);
    this.seed = seed;
    this.team = Expect.given("team", team);
    this.workers = Expect.given("workers", workers);
    this.listener = Expect.given("listener", listener);
    options.expectUsable(workers.count());
    options.expectUsable(network.spec());
    updater = new Updater(options.rule(), network, team);
    validation = new Validation(network, updater, options.rule().schedule(), team);
  }

  /// Asks the run to end soon: after the update at hand, with the best parameters so far; of several workers after one
  /// of the next, the same in all.
  public void stop() {
    workers.requestStop();
  }

  /// Trains on a text, as [TrainingOptions#dataOf], and validates on another, as [Evaluation#of].
  ///
  /// **Errors**: as [#run(TrainingData, Validator)]; [IllegalArgumentException] if the text has fewer than T + 1
  /// tokens or the other fewer than 2.
  public TrainingResult run(int[] text, int[] validation) {
    Expect.given("validation", validation);
    return run(
        options.dataOf(text, network.spec().outputs(), seed),
        (trained, threads) -> Evaluation.of(trained, validation, threads));
  }

  /// Trains on `data`, which say T and B: those of the options are for texts ([TrainingOptions#dataOf]). If the
  /// options want a sample of the classes, the data have it ([SampledClasses]).
  ///
  /// **Errors**: [TrainingException] if loss or gradients are no longer finite; [IllegalArgumentException] if the
  /// engine's budget of memory is too small, or if a number of the parameters, of the restored state, or of a batch
  /// is not finite, or a class none of the head's, which it names: that of a batch before it is learned. In the midst
  /// of a run the network then has its best parameters so far, as it has for a [WorkerException] if another worker
  /// failed. [IllegalStateException] if it has run before.
  public TrainingResult run(TrainingData data, Validator validator) {
    return run(data, validator, UnaryOperator.identity());
  }

  /// The same with gradients from another source.
  ///
  /// @param wrap makes it of the one that computes the gradients here
  public TrainingResult run(
      TrainingData given, Validator validator, UnaryOperator<GradientSource> wrap) {
    Expect.given("data", given);
    Expect.given("validator", validator);
    Expect.given("wrap", wrap);
    TrainerState.expectFinite("parameters", network.parameters());
    if (!hasRun.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "run: expected a trainer that has not run yet, got one that has made %d updates: make"
                  .formatted(progress.updates())
              + " another, which goes on from there if state() is given to its restore()");
    }
    TrainingData data = options.cut(given);
    source = wrap.apply(GradientSource.of(network, options, data, seed, team, workers));
    if (restoredInfluence != null) {
      startFrom(restored, restoredInfluence);
    } else if (restored != null) {
      source.start(restored);
    }
    if (progress.window() > 0) {
      data.setWindow(progress.window());
    }
    int perEpoch = Math.ceilDiv(data.updatesPerEpoch(), options.rule().accumulation());
    clock = new Clock(options.budget(), data.places(), progress.seconds());
    listener.accept(new TrainingEvent.Started(progress, data.batch(), perEpoch));
    try {
      train(data, validator);
    } catch (TrainingException | IllegalArgumentException e) {
      network.parameters().set(best());
      workers.refuse(e.getMessage());
      throw e;
    } catch (WorkerException e) {
      network.parameters().set(best());
      throw e;
    } catch (RuntimeException | Error e) {
      workers.fail(e.toString());
      throw e;
    }
    network.parameters().set(best());
    int epochs = clock.epoch(progress.place());
    TrainingResult result =
        new TrainingResult(now(), epochs, clock.tokensPerSecond(), workers.isStopRequested());
    listener.accept(new TrainingEvent.Finished(result));
    return result;
  }

  private void startFrom(State state, KeptInfluence influence) {
    try {
      source.start(state, influence);
    } catch (Refusal refused) {
      throw refused.renamed("state of the run: influence");
    }
  }

  private void train(TrainingData data, Validator validator) {
    while (!workers.isStopRequested() && !clock.isOver(progress.place()) && !isPatienceOver()) {
      adapt(data);
      update(data);
      boolean endOfEpoch = progress.place() % data.places() == 0;
      boolean interval = options.interval() > 0 && progress.updates() % options.interval() == 0;
      if (endOfEpoch || interval) {
        validate(validator);
      }
      listener.accept(new TrainingEvent.Completed(now()));
    }
    if (progress.lastUpdate() != progress.updates() && progress.updates() > 0) {
      validate(validator);
    }
  }

  private boolean isPatienceOver() {
    return options.patience() > 0 && progress.sinceBest() > options.patience();
  }

  private void adapt(TrainingData data) {
    int before = data.window();
    data.adapt(progress.updates(), network, team);
    progress = progress.adapted(data.window());
    if (data.window() != before) {
      listener.accept(new TrainingEvent.Adapted(now(), before));
    }
  }

  private void update(TrainingData data) {
    long place = progress.place();
    Schedule.Point point = progress.point(data.places(), clock.done(place));
    GradientSource.Losses losses;
    Updater.Made made;
    try {
      losses = source.gradient(place, updater.gradients());
      made = updater.update(point, losses.mean(), losses.divisor(), progress.averaged());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(nextUpdate() + e.getMessage(), e);
    } catch (ArithmeticException e) {
      throw new TrainingException(nextUpdate() + e.getMessage());
    }
    progress = progress.updated(losses, made.averaged());
    clock.count(losses.rows());
    listener.accept(TrainingEvent.Updated.of(now(), clock, losses.mean(), made, source.watch()));
  }

  private String nextUpdate() {
    return "update " + (progress.updates() + 1) + ": ";
  }

  private void validate(Validator validator) {
    validation.validate(
        validator,
        clock,
        progress,
        event -> {
          progress = event.progress();
          listener.accept(event);
        });
  }

  /// The best parameters so far.
  public Parameters best() {
    return validation.best();
  }

  private Progress now() {
    return clock == null ? progress : progress.at(clock.seconds());
  }

  /// Where the run is: to be called by the listener, when an update is [TrainingEvent.Completed], or before the run. In
  /// other events a validation may be under way, and after the run the network has its best parameters, not its last:
  /// a run that goes on from there would not be the same.
  public TrainerState state() {
    boolean isBefore = source == null || progress.place() == 0;
    return new TrainerState(
        network.parameters().copy(),
        best().copy(),
        updater.kept(),
        isBefore ? Optional.ofNullable(restored) : Optional.of(source.state()),
        isBefore ? Optional.ofNullable(restoredInfluence) : source.influence(),
        now());
  }

  /// Lets [#run] go on from `state`, that of a run with the same network, options and data.
  ///
  /// **Errors**: [IllegalArgumentException] if it is that of another optimizer or network, or has numbers that are
  /// not finite; [IllegalStateException] if this has run before.
  public void restore(TrainerState state) {
    Expect.given("state", state);
    if (hasRun.get()) {
      throw new IllegalStateException(
          "restore: expected a trainer that has not run yet, got one that has made %d updates"
              .formatted(progress.updates()));
    }
    state.expectUsable(network.parameters());
    updater.restore(state.progress().updates(), state.kept());
    network.parameters().set(state.parameters());
    best().set(state.best());
    restored = state.state().orElse(null);
    restoredInfluence = state.influence().orElse(null);
    progress = state.progress();
  }
}
