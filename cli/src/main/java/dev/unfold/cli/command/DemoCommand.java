package dev.unfold.cli.command;

import dev.unfold.cell.library.Cells;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.cli.report.Reports;
import dev.unfold.cli.report.SamplingReport;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.model.Provenance;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.init.Initialization;
import dev.unfold.run.TrainingRun;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.OutputFile;
import dev.unfold.run.task.TextTask;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold demo`
@Command(
    name = "demo",
    description =
        "Trains a network on Unfold's own sources and documentation for a minute, and shows what it"
            + " writes as it gets better.",
    footer = "Example: unfold demo")
public final class DemoCommand implements Callable<Integer> {
  private static final int EMBEDDING = 64;
  private static final int HIDDEN = 256;
  private static final long SEED = 1;
  private static final int INTERVAL = 50;

  @Spec private CommandSpec spec;

  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "1",
      description = "How long to train (default: ${DEFAULT-VALUE}).")
  private double minutes;

  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;

  @Override
  public Integer call() {
    TrainingOptions options =
        TrainingOptions.defaults().withBudget(new Budget.Minutes(minutes)).withInterval(INTERVAL);
    Team team = threads.team();
    Project project = Project.find();
    Path model = project.demoModel();
    createFolder(model.toAbsolutePath().getParent());
    OutputFile.check(model);
    Corpus corpus = Corpus.read(Unit.CHAR, project.texts());
    Vocabulary vocabulary = corpus.vocabulary();
    NetworkSpec networkSpec =
        NetworkSpec.tokens(Cells.lstm(), vocabulary.size(), EMBEDDING, HIDDEN);
    Provenance.Beginning beginning = new Provenance.Beginning(SEED, Initialization.defaults());
    Network network =
        Network.create(
            networkSpec, backend.kernels(), beginning.seed(), beginning.initialization());
    PrintWriter out = spec.commandLine().getOut();
    out.println("An LSTM learns to write, character by character, from Unfold's own sources.");
    out.println();
    TrainingRun run =
        new TrainingRun(
            new TextTask(corpus, SEED), network, beginning, options, team, model, Optional.empty());
    int exitCode = run.train(new SamplingReport(Reports.text(out), vocabulary, out));
    if (exitCode == 0) {
      printNext(project, out);
    }
    return exitCode;
  }

  /// The folder may be gone, as after `mvn clean`.
  private static void createFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new FailureException(folder + ": expected a folder that can be made: " + e, e);
    }
  }

  private static void printNext(Project project, PrintWriter out) {
    String unfold = project.command();
    String model = project.demoModel().toString();
    out.printf("%nNext%n");
    out.printf(
        "  %s sample %s --prompt \"public final class \" --temperature 0.6%n", unfold, model);
    out.printf("  %s eval %s %s%n", unfold, model, project.source("README.md"));
    out.printf(
        "  %s train text %s %s --cell gru --minutes 1 --out %s%n",
        unfold,
        project.source("README.md"),
        project.source("CONTRIBUTING.md"),
        project.made("docs.safetensors"));
    out.flush();
  }
}
