package dev.unfold.run;

import dev.unfold.formats.model.CheckpointFile;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.Provenance;
import dev.unfold.formats.model.Provenance.DataFile;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.run.folder.RunFolder;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.Version;
import dev.unfold.run.task.Task;
import dev.unfold.train.Evaluation;
import dev.unfold.train.Progress;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingEvent;
import dev.unfold.train.TrainingException;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.TrainingResult;
import dev.unfold.train.WorkerException;
import dev.unfold.train.Workers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;

/// A network to be trained, and the file that is to have the best model.
///
/// It may be trained by several processes together ([Workers]), each with such a run, whose task, network, beginning
/// and options are the same. The first of them writes model and checkpoints; all have to know when those are due.
///
/// The file is written whenever a validation is the best so far, so that whatever ends the process
/// leaves that model.
///
/// @param task what it learns
/// @param network what is trained
/// @param beginning how its parameters started
/// @param options how it is trained
/// @param team the threads
/// @param model the file; that of a worker but the first is not written
/// @param folder where checkpoints go, if there are to be any: of the first worker
/// @param share what this process has of the training
public record TrainingRun(
    Task task,
    Network network,
    Provenance.Beginning beginning,
    TrainingOptions options,
    Team team,
    Path model,
    Optional<RunFolder> folder,
    Share share) {

  /// What a process has of the training.
  ///
  /// @param workers all of it, or a part
  /// @param checkpoint updates between checkpoints, besides those after validations; 0 if there is no folder
  /// @param stop hears that somebody wants it to stop, and then runs what it is given
  public record Share(Workers workers, long checkpoint, Function<Runnable, Interrupts> stop) {
    /// That of a run which is one thing of many that its process does, and does not hear its signals.
    public Share(Workers workers, long checkpoint) {
      this(workers, checkpoint, _ -> Interrupts.none());
    }

    /// The same, of a process that is told to stop by another one.
    public Share(Workers workers, long checkpoint, StopRequest request) {
      this(workers, checkpoint, stop -> Interrupts.of(request, stop));
    }

    /// All of a run in a process that is there for it, and ends as signals ask it to.
    public static Share ofProcess(long checkpoint) {
      return new Share(Workers.alone(), checkpoint, Interrupts::catching);
    }

    /// The first worker writes.
    boolean writes() {
      return workers.rank() == 0;
    }
  }

  /// One that is trained by this process alone, which is there for it.
  public TrainingRun(
      Task task,
      Network network,
      Provenance.Beginning beginning,
      TrainingOptions options,
      Team team,
      Path model,
      Optional<RunFolder> folder) {
    this(
        task,
        network,
        beginning,
        options,
        team,
        model,
        folder,
        Share.ofProcess(folder.map(RunFolder::every).orElse(0L)));
  }

  /// Checks that the data are enough, and that there is enough memory.
  public TrainingRun {
    task.model(network);
    int batch = task.batch(options);
    MemoryLimit.check(other -> memory(task, network, other, share), network, options, batch);
  }

  /// The memory that it takes.
  public TrainingMemory memory() {
    return memory(task, network, options, share);
  }

  private static TrainingMemory memory(
      Task task, Network network, TrainingOptions options, Share share) {
    Precision precision = network.kernels().precision();
    return task.memory(network.spec(), precision, options)
        .of(share.workers(), network.spec(), precision, options);
  }

  /// Where the run in the folder was. Of several workers the first one finds the checkpoint, and all read it, where the
  /// first one has it; all call this.
  ///
  /// @param notes is told what the user should know
  ///
  /// **Errors**: as [RunFolder#resume].
  public Optional<TrainerState> resume(Consumer<String> notes) {
    Workers workers = share.workers();
    if (share.writes()) {
      Model described = described();
      Optional<TrainerState> state = folder.orElseThrow().resume(described, team.size(), notes);
      String file =
          state
              .map(from -> folder.orElseThrow().checkpoint(from.progress().updates()))
              .map(path -> path.toAbsolutePath().toString())
              .orElse("");
      workers.gather(file.getBytes(StandardCharsets.UTF_8));
      return state;
    }
    String file = new String(workers.gather()[0], StandardCharsets.UTF_8);
    return file.isEmpty()
        ? Optional.empty()
        : Optional.of(CheckpointFile.load(Path.of(file), described()));
  }

  /// Trains, until it is done or the user stops it.
  ///
  /// @return the exit code
  public int train(Report report) {
    return train(report, Optional.empty());
  }

  /// The same from a checkpoint on, all workers from the same.
  public int train(Report report, Optional<TrainerState> from) {
    boolean[] saved = new boolean[1];
    Workers workers = share.workers();
    boolean isAlone = workers.count() == 1;
    AtomicBoolean stopped = new AtomicBoolean();
    long[] validated = {-1};
    Trainer[] running = new Trainer[1];
    Trainer trainer =
        new Trainer(
            network,
            options,
            beginning.seed(),
            team,
            workers,
            event -> {
              folder.ifPresent(run -> run.add(event));
              switch (event) {
                case TrainingEvent.Validated validation -> {
                  validated[0] = validation.update();
                  if (validation.best() && share.writes()) {
                    save(validation.update(), validation.epoch(), validation.validation());
                    saved[0] = true;
                  }
                }
                case TrainingEvent.Started _ -> {
                  if (stopped.get()) {
                    running[0].stop();
                  }
                }
                case TrainingEvent.Completed completed -> {
                  // Alone, it is stopped after the checkpoint. Of several all see at once that one
                  // was stopped.
                  boolean last = isAlone ? stopped.get() : workers.isStopRequested();
                  completed(completed.update(), last, validated[0], running[0]);
                  if (last) {
                    running[0].stop();
                  }
                }
                default -> {}
              }
              report.event(event);
            });
    running[0] = trainer;
    from.ifPresent(trainer::restore);
    Runnable stop =
        () -> {
          stopped.set(true);
          if (folder.isEmpty() || !isAlone) {
            trainer.stop();
          }
          report.stopping();
        };
    try (report;
        Interrupts interrupts = share.stop().apply(stop)) {
      report.begin(this);
      TrainingResult result = trainer.run(task.training(options), task.validator());
      if (from.isPresent() && result.validation() != null && share.writes()) {
        // The file may have been written by what was interrupted, or be gone.
        save(result.bestUpdate(), result.bestEpoch(), result.validation());
      }
      if (result.validation() != null && share.writes()) {
        task.trained(network)
            .ifPresent(
                model -> save(model, result.bestUpdate(), result.bestEpoch(), result.validation()));
      }
      report.end(this, result);
      return interrupts.exitCode();
    } catch (TrainingException | WorkerException e) {
      if (!share.writes()) {
        throw new FailureException(e.getMessage(), e);
      }
      if (!saved[0]) {
        saved[0] = saveAgain(from);
      }
      String kept = saved[0] ? "the best model so far is in " + model : "no model was saved";
      String last =
          folder
              .flatMap(RunFolder::last)
              .map(file -> ", the last checkpoint is " + file)
              .orElse("");
      throw new FailureException(e.getMessage() + "; " + kept + last, e);
    }
  }

  /// The checkpoint comes last: what the run wrote down by then belongs to it. It is also where a run that is stopped
  /// goes on, so the trainer is stopped only after it.
  private void completed(long update, boolean last, long validated, Trainer trainer) {
    folder.ifPresent(run -> run.watch(update, network, team, () -> task.sample(options)));
    boolean isKept = share.checkpoint() > 0;
    if (isKept && (last || update == validated || update % share.checkpoint() == 0)) {
      // The states of the sequences are those of all workers, so all have to be there.
      TrainerState state = trainer.state();
      folder.ifPresent(run -> run.save(state, described()));
    }
  }

  /// Saves the best model of a run that went on and failed, which the network is by then.
  ///
  /// @return whether there is one
  private boolean saveAgain(Optional<TrainerState> from) {
    Optional<Progress> best =
        from.map(TrainerState::progress).filter(then -> then.best().isPresent());
    best.ifPresent(then -> save(then.bestUpdate(), then.bestEpoch(), then.best().orElseThrow()));
    return best.isPresent();
  }

  private void save(long update, int epoch, Evaluation validation) {
    save(task.model(network), update, epoch, validation);
  }

  private void save(Model trained, long update, int epoch, Evaluation validation) {
    ModelFile.save(model, told(trained, update, epoch, validation.mean()));
  }

  /// The network and what its training is told, however far it is.
  public Model described() {
    return told(task.model(network), 0, 0, 0);
  }

  private Model told(Model of, long update, int epoch, double validationLoss) {
    List<DataFile> files = Task.files(task.trainingFiles());
    List<DataFile> validationFiles = Task.files(task.validationFiles());
    Provenance provenance =
        new Provenance(
            Version.number(),
            beginning,
            options,
            files,
            validationFiles.equals(files) ? List.of() : validationFiles,
            new Provenance.Progress(update, epoch, validationLoss));
    return of.withProvenance(provenance);
  }
}
