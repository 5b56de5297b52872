package dev.unfold.cli.bench;

import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.NetworkArguments;
import dev.unfold.cli.option.StartArguments;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.cli.option.TrainingArguments;
import dev.unfold.formats.model.Provenance;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.Interrupts;
import dev.unfold.run.MemoryLimit;
import dev.unfold.run.generated.GeneratedTask;
import dev.unfold.run.job.IdleOptions;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingException;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.TrainingResult;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// Trains a network on a task with generated data, and tells whether it learned it.
abstract class TaskCommand implements Callable<Integer> {
  /// At least as many sequences are validated on.
  static final int VALIDATION = 1000;

  @Spec private CommandSpec spec;

  @Mixin private NetworkArguments networkArguments;
  @Mixin private TrainingArguments trainingArguments;
  @Mixin private StartArguments start;
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;
  @Mixin private JsonOption json;

  private record Started(
      String event,
      String task,
      String cell,
      int hidden,
      int layers,
      int steps,
      int batch,
      String engine,
      long memoryBytes,
      long propagationBytes,
      Double relativeTime,
      double baseline) {}

  private record Validated(
      String event, long update, double training, double validation, double seconds) {}

  private record Finished(
      String event, double best, long bestUpdate, long updates, double baseline, double seconds) {}

  /// How often a trained network was right with sequences of another length.
  ///
  /// @param event what the line is
  /// @param steps their length
  /// @param sequences how many
  /// @param last the share of them at whose last step it was
  /// @param all the share of all steps
  record Tested(String event, int steps, int sequences, double last, double all) {}

  /// What the trained network does on other sequences, if that is of interest.
  Optional<Tested> tested(Network trained) {
    return Optional.empty();
  }

  /// The task for batches of as many sequences.
  abstract GeneratedTask task(int batch, Kernels kernels, long seed);

  @Override
  public Integer call() {
    Team team = threads.team();
    Kernels kernels = backend.kernels();
    Provenance.Beginning beginning = start.of(networkArguments.cells());
    int batch = trainingArguments.options(1).batch();
    GeneratedTask task = task(batch, kernels, beginning.seed());
    TrainingOptions asked = trainingArguments.options(task.steps());
    NetworkSpec network = networkArguments.spec(task.encoder(), task.head());
    IdleOptions.check(network, beginning.initialization(), asked);
    int sequences = asked.sequences(batch);
    long whole =
        Footprint.of(network, kernels.precision(), task.steps(), sequences, new Engine.Full());
    TrainingOptions options = trainingArguments.inMemory(asked, whole);
    Network trained =
        Network.create(network, kernels, beginning.seed(), beginning.initialization());
    DataValidator validator =
        new DataValidator(task.withSeed(~beginning.seed()), Math.ceilDiv(VALIDATION, batch));
    TrainingMemory memory =
        MemoryLimit.check(
            other -> TrainingMemory.of(network, kernels.precision(), other, task, validator),
            trained,
            options,
            batch);
    double time =
        Footprint.relativeTime(
            network, kernels.precision(), task.steps(), sequences, options.engine());
    begin(task, network, options, memory, time);
    long begun = System.nanoTime();
    Trainer trainer =
        new Trainer(
            trained,
            options,
            beginning.seed(),
            team,
            event -> {
              if (event instanceof TrainingEvent.Validated validated) {
                validated(validated, (System.nanoTime() - begun) / 1e9);
              }
            });
    try (Interrupts interrupts = Interrupts.catching(trainer::stop)) {
      end(trainer.run(task, validator), task);
      tested(trained).ifPresent(this::tested);
      return interrupts.exitCode();
    } catch (TrainingException e) {
      throw new FailureException(e.getMessage(), e);
    }
  }

  private void begin(
      GeneratedTask task,
      NetworkSpec network,
      TrainingOptions options,
      TrainingMemory memory,
      double time) {
    String engine = Wording.engine(options.engine(), time);
    Started started =
        new Started(
            "started",
            spec.name(),
            network.cellNames(),
            network.hidden(),
            network.layers(),
            task.steps(),
            task.batch(),
            engine,
            memory.total(),
            memory.propagation(),
            Json.finite(time),
            task.baseline());
    if (json.isAsked()) {
      Json.print(out(), started);
      return;
    }
    out()
        .printf(
            "task      %s, T=%d, B=%d; without memory the loss is at best %.4f%n",
            started.task, started.steps, started.batch, started.baseline);
    out()
        .printf(
            "network   %s, hidden %d, %s%s%n",
            started.cell,
            started.hidden,
            Wording.count(started.layers, "layer"),
            Wording.more(network));
    out()
        .printf(
            "memory    %s, %s of it for %s, %s%n",
            Wording.bytes(memory.total()),
            Wording.bytes(memory.propagation()),
            Wording.propagation(options.engine()),
            engine);
    out().flush();
  }

  private void validated(TrainingEvent.Validated event, double seconds) {
    double validation = event.validation().mean();
    if (json.isAsked()) {
      Json.print(
          out(),
          new Validated("validated", event.update(), event.trainingLoss(), validation, seconds));
    } else {
      out()
          .printf(
              "update %d  training %.5f  validation %.5f  %s%n",
              event.update(), event.trainingLoss(), validation, Wording.time(seconds));
    }
    out().flush();
  }

  private void end(TrainingResult result, GeneratedTask task) {
    double best = result.validation() == null ? Double.NaN : result.validation().mean();
    if (json.isAsked()) {
      Json.print(
          out(),
          new Finished(
              "finished",
              best,
              result.bestUpdate(),
              result.updates(),
              task.baseline(),
              result.seconds()));
    } else {
      out()
          .printf(
              "best      %.5f after update %d, %.1f %% of what can be reached without memory; %d"
                  + " updates in %s%n",
              best,
              result.bestUpdate(),
              100 * best / task.baseline(),
              result.updates(),
              Wording.time(result.seconds()));
    }
    out().flush();
  }

  private void tested(Tested tested) {
    if (json.isAsked()) {
      Json.print(out(), tested);
    } else {
      out()
          .printf(
              "tested    %d sequences of %d steps: %.2f %% right at the last step, %.2f %% at"
                  + " all%n",
              tested.sequences, tested.steps, 100 * tested.last, 100 * tested.all);
    }
    out().flush();
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }
}
