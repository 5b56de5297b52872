package dev.unfold.cli;

import dev.unfold.formats.Provenance;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Team;
import dev.unfold.net.Engine;
import dev.unfold.net.Footprint;
import dev.unfold.net.Network;
import dev.unfold.net.NetworkSpec;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingOptions;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options that say where a training run lives, and what it is computed with.
final class RunArguments {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "MODEL",
      description = {
        "Where the best model goes (default: model.safetensors, in --run if that is given).",
        "A model that is there is replaced at this run's first validation."
      })
  private Path out;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = {
        "A folder for checkpoints, options and metrics (also for TensorBoard), so that training can"
            + " go on after any interruption."
      })
  private Path runFolder;

  @Option(
      names = "--checkpoint",
      paramLabel = "N",
      defaultValue = "500",
      description =
          "Updates between checkpoints, besides those after validations (default:"
              + " ${DEFAULT-VALUE}).")
  private long checkpoint;

  @Option(
      names = "--watch",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "Look every N updates how far the gradient reaches, for unfold inspect DIR; 0: never"
            + " (default:",
        "${DEFAULT-VALUE})."
      })
  private long watch;

  @Option(
      names = "--resume",
      description = {
        "Go on with the run in --run, given the same options and data: the end is the same, bit"
            + " for",
        "bit, as without the interruption."
      })
  private boolean resume;

  @Option(
      names = "--json",
      description = "Print a JSON object a line: started, progress, validated, finished.")
  private boolean json;

  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;

  /// The same, where it has been checked.
  ///
  /// @param model where the best model goes
  /// @param folder where checkpoints go, if there are to be any
  record Place(Path model, Optional<RunFolder> folder, Team team, Kernels kernels) {}

  /// Checks what can be checked before any data are read.
  Place place() {
    if (resume && runFolder == null) {
      throw new ParameterException(spec.commandLine(), "expected --run beside --resume");
    }
    if (watch != 0 && runFolder == null) {
      throw new ParameterException(spec.commandLine(), "expected --run beside --watch");
    }
    Optional<RunFolder> folder =
        Optional.ofNullable(runFolder).map(path -> new RunFolder(path, checkpoint, watch));
    Team team = threads.team();
    Kernels kernels = backend.kernels();
    if (resume) {
      folder.ifPresent(RunFolder::open);
    } else {
      folder.ifPresent(run -> run.begin(ConfigFile.lines(spec)));
    }
    Path model = model();
    OutputFile.check(model);
    return new Place(model, folder, team, kernels);
  }

  private Path model() {
    if (out != null) {
      return out;
    }
    String name = "model.safetensors";
    return runFolder == null ? Path.of(name) : runFolder.resolve(name);
  }

  /// A run that trains a new network.
  TrainingRun run(
      Place place,
      Subject subject,
      NetworkSpec network,
      Provenance.Beginning beginning,
      TrainingArguments arguments,
      TrainingOptions options) {
    long whole =
        Footprint.of(
            network,
            place.kernels().precision(),
            options.steps(),
            subject.batch(options),
            new Engine.Full());
    return new TrainingRun(
        subject,
        Network.create(network, place.kernels(), beginning.seed(), beginning.initialization()),
        beginning,
        arguments.inMemory(options, whole),
        place.team(),
        place.model(),
        place.folder());
  }

  /// Trains.
  ///
  /// @return the exit code
  int train(TrainingRun run) {
    PrintWriter writer = spec.commandLine().getOut();
    if (!resume) {
      run.folder().ifPresent(folder -> folder.describe(run.described(), run.team().size()));
    }
    Optional<TrainerState> from =
        resume ? run.folder().orElseThrow().resume(run.described()) : Optional.empty();
    if (json) {
      return run.train(Reports.json(writer), from);
    }
    from.ifPresent(state -> writer.printf("resuming  after update %d%n", state.counts().updates()));
    return run.train(Reports.text(writer), from);
  }

  /// Whether a program reads the output.
  boolean isJson() {
    return json;
  }
}
