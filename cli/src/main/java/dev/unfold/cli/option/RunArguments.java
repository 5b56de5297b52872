package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.report.Reports;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.model.Provenance;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.Report;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.folder.RunFolder;
import dev.unfold.run.job.Company;
import dev.unfold.run.job.IdleOptions;
import dev.unfold.run.output.OutputFile;
import dev.unfold.run.task.Task;
import dev.unfold.train.TrainerState;
import dev.unfold.train.TrainingOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The options that say where a training run lives, and what it is computed with.
public final class RunArguments implements AutoCloseable {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--out",
      paramLabel = "MODEL",
      description =
          "Where the best model goes (default: model.safetensors, in --run if that is given). A"
              + " model that is there is replaced at this run's first validation.")
  private Path out;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description =
          "A folder for checkpoints, options and metrics (also for TensorBoard), so that training"
              + " can go on after any interruption.")
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
      description =
          "Look every N updates how far the gradient reaches, for unfold inspect DIR; 0: never"
              + " (default: ${DEFAULT-VALUE}).")
  private long watch;

  @Option(
      names = "--resume",
      description =
          "Go on with the run in --run, given the same options and data: the end is the same, bit"
              + " for bit, as without the interruption.")
  private boolean resume;

  private Optional<RunFolder> folder = Optional.empty();

  /// Who trains together with this process, if anybody does.
  private final Optional<Company> company = Company.current();

  /// Whether a run goes on: because the user wants it, or all who train together have begun anew.
  private boolean goesOn;

  @Mixin private JsonOption json;
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;

  /// The same, where it has been checked.
  ///
  /// @param model where the best model goes
  /// @param folder where checkpoints go, if there are to be any
  public record Place(Path model, Optional<RunFolder> folder, Team team, Kernels kernels) {}

  /// What computes.
  public Kernels kernels() {
    return backend.kernels();
  }

  /// Checks what can be checked before any data are read, and takes the folder until [#close].
  ///
  /// @param network like the one to be trained, but for the number of classes
  public Place place(NetworkSpec network, Provenance.Beginning beginning, TrainingOptions options) {
    if (!resume) {
      IdleOptions.check(network, beginning.initialization(), options);
    }
    if (resume && runFolder == null) {
      throw new ParameterException(spec.commandLine(), "expected --run beside --resume");
    }
    if (watch != 0 && runFolder == null) {
      throw new ParameterException(spec.commandLine(), "expected --run beside --watch");
    }
    if (checkpoint < 1) {
      throw new Refusal("checkpoint", "1 update or more", checkpoint);
    }
    if (runFolder != null && runFolder.toString().isEmpty()) {
      throw new Refusal("run", "the name of a folder", "\"\"");
    }
    boolean isFirst = company.map(Company::isFirst).orElse(true);
    folder =
        Optional.ofNullable(runFolder)
            .filter(_ -> isFirst)
            .map(path -> new RunFolder(path, checkpoint, watch, ConfigFile.lines(spec)));
    Team team = threads.team();
    Kernels kernels = backend.kernels();
    goesOn = resume || (folder.isPresent() && begunBefore());
    folder.ifPresent(this::take);
    Path model = company.map(Company::model).orElseGet(this::model);
    beginning.from().ifPresent(file -> expectOther(model, file));
    OutputFile.check(model);
    return new Place(model, folder, team, kernels);
  }

  /// What a run began from has to stay, or it could not be begun again, nor gone on with.
  private static void expectOther(Path model, Provenance.DataFile from) {
    try {
      if (Files.exists(model) && Files.isSameFile(model, Path.of(from.name()))) {
        throw new Refusal("out", "another file than that of --from", model);
      }
    } catch (IOException e) {
      throw OutputFile.refusal("out", "a file that can be looked at", model, e);
    }
  }

  private boolean begunBefore() {
    return company.filter(each -> each.attempt() > 0).isPresent() && RunFolder.isRun(runFolder);
  }

  private void take(RunFolder own) {
    Runnable taking = goesOn ? own::open : own::begin;
    company.ifPresentOrElse(each -> each.take(taking), taking);
  }

  /// Where the best model goes, on the user's machine.
  public Path model() {
    if (out != null) {
      return out;
    }
    String name = "model.safetensors";
    return runFolder == null ? Path.of(name) : runFolder.resolve(name);
  }

  /// Checks where the model of a training that runs elsewhere goes. The folder of a new run is made there.
  public void checkModel() {
    if (out != null || runFolder == null || Files.exists(runFolder)) {
      OutputFile.check(model());
    }
  }

  /// A run that trains a new network, or one that goes on from a model.
  public TrainingRun run(
      Place place,
      Task task,
      NetworkSpec network,
      Provenance.Beginning beginning,
      TrainingArguments arguments,
      TrainingOptions options) {
    boolean isOfSteps = network.head().pooled().isEmpty() && !(network.head() instanceof Head.Tags);
    if (watch != 0 && !isOfSteps) {
      throw new Refusal(
          "watch", "0 for a loss of whole sequences, as that of " + network.head().text(), watch);
    }
    long whole =
        Footprint.of(
            network,
            place.kernels().precision(),
            options.steps(),
            options.sequences(task.batch(options)),
            new Engine.Full());
    Network trained =
        Network.create(network, place.kernels(), beginning.seed(), beginning.initialization());
    task.begin(trained);
    beginning.from().ifPresent(file -> goOn(task, trained, Path.of(file.name())));
    return new TrainingRun(
        task,
        trained,
        beginning,
        arguments.inMemory(options, whole),
        place.team(),
        place.model(),
        place.folder(),
        share(options));
  }

  private TrainingRun.Share share(TrainingOptions options) {
    company.ifPresent(each -> each.expectBlocks(options.blocks()));
    long every = runFolder == null ? 0 : checkpoint;
    return company
        .map(each -> each.share(every))
        .orElseGet(() -> TrainingRun.Share.ofProcess(every));
  }

  /// Gives a network the parameters of a model.
  private static void goOn(Task task, Network network, Path from) {
    Model model = ModelFile.load(from, network.kernels());
    Network base = model.network();
    if (task.model(network) instanceof NetworkModel own
        && !(model instanceof NetworkModel other
            && other.description().entrySet().containsAll(own.description().entrySet()))) {
      throw new Refusal(
          "from",
          "a model of the same columns, words and labels, with the same scales, as these data give",
          from);
    }
    expectSame("a cell named", network.spec().cell().name(), base.spec().cell().name());
    expectSame("a head of", network.spec().head().text(), base.spec().head().text());
    expectSame(
        "parameters",
        Network.shapes(network.spec()).toString(),
        Network.shapes(base.spec()).toString());
    network.parameters().set(base.parameters());
  }

  private static void expectSame(String what, String expected, String got) {
    if (!expected.equals(got)) {
      throw new Refusal("from", "a model with " + what + " " + expected, got);
    }
  }

  /// Trains.
  ///
  /// @return the exit code
  public int train(TrainingRun run) {
    PrintWriter writer = spec.commandLine().getOut();
    int threadCount = run.team().size();
    company.ifPresent(each -> each.expectSame(run.described()));
    // The first alone has the folder, and so knows whether a run is there that all began before.
    boolean isGoingOn = company.map(each -> each.asFirst(goesOn)).orElse(goesOn);
    if (!isGoingOn) {
      run.folder().ifPresent(taken -> taken.describe(run.described(), threadCount));
    }
    Optional<TrainerState> from = isGoingOn ? run.resume(this::note) : Optional.empty();
    if (json.isAsked()) {
      return run.train(watched(Reports.json(writer, ConfigFile.options(spec))), from);
    }
    from.ifPresent(
        state -> writer.printf("resuming  after update %d%n", state.progress().updates()));
    return run.train(watched(Reports.text(writer)), from);
  }

  private Report watched(Report report) {
    return company.map(each -> each.watched(report)).orElse(report);
  }

  /// Tells the user something that is no failure, beside the output, which a program may read.
  private void note(String line) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("unfold: " + line);
    err.flush();
  }

  /// Gives the folder back to others.
  @Override
  public void close() {
    folder.ifPresent(RunFolder::close);
  }

  /// Whether a program reads the output.
  public boolean isJson() {
    return json.isAsked();
  }
}
