package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.BatchOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.RulesOption;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.init.Initialization;
import dev.unfold.run.folder.FlowWatch;
import dev.unfold.run.inspect.Advice;
import dev.unfold.run.inspect.Inspection;
import dev.unfold.run.inspect.InspectionData;
import dev.unfold.run.inspect.InspectionMeter;
import dev.unfold.run.inspect.InspectionPage;
import dev.unfold.run.inspect.InspectionPicture;
import dev.unfold.run.inspect.InspectionPixels;
import dev.unfold.run.inspect.InspectionText;
import dev.unfold.run.inspect.Trial;
import dev.unfold.run.output.HtmlPage;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.OutputFile;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold inspect`
@Command(
    name = "inspect",
    description = {
      "Shows how the errors of a model travel back through time on your data: how far they reach,"
          + " where they die or explode, and what truncation throws away.",
      ""
    },
    footer = {
      "Examples:",
      "  unfold inspect model.safetensors --data test.txt --out report.html",
      "  unfold inspect model.safetensors --data test.txt --advise",
      "  unfold inspect runs/a"
    })
public final class InspectCommand implements Runnable {
  /// Errors whose units are looked at: for each there are T numbers a unit.
  private static final int UNIT_ERRORS = 16;

  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL|RUN",
      description = "A model; or the folder of a run with --watch, to see how its reach grew.")
  private Path model;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description =
          "Text, or sequences of sets, to follow the errors on; given several times, one text.")
  private List<Path> files;

  @Option(
      names = "--steps",
      paramLabel = "T",
      description =
          "Steps of a sequence (default: 128 of a text; of sets what half of the sequences have, up"
              + " to 128).")
  private Integer steps;

  @Option(
      names = "--errors",
      paramLabel = "N",
      defaultValue = "0",
      description = "Follow the errors of N steps only, evenly spread; 0: of all (default: 0).")
  private int errors;

  @Option(
      names = "--batches",
      paramLabel = "N",
      defaultValue = "8",
      description = "Batches to measure reach and truncation on (default: ${DEFAULT-VALUE}).")
  private int batches;

  @Option(
      names = "--tolerance",
      paramLabel = "X",
      defaultValue = "0.1",
      description =
          "The relative error of a cut gradient that you would take (default:"
              + " ${DEFAULT-VALUE}).")
  private double tolerance;

  @Option(
      names = "--out",
      paramLabel = "PAGE",
      description = "Write a page for a browser, which needs nothing else.")
  private Path page;

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description = "Write the map of the lowest layer as a picture.")
  private Path picture;

  @Option(
      names = "--png",
      paramLabel = "FILE",
      description = "Write the same map as pixels, a square for each number, without words.")
  private Path pixels;

  @Option(
      names = "--units",
      description =
          "Tell for each unit how much of 16 errors reaches it at each lag, on the page and as"
              + " JSON.")
  private boolean units;

  @Option(names = "--advise", description = "Say what follows from what was measured.")
  private boolean advise;

  @Option(
      names = "--try",
      description =
          "Try the first advice: train two new networks for a short while, with and without it, on"
              + " the data, and say whether it helped.")
  private boolean tries;

  @Mixin private final RulesOption rules = new RulesOption("snap1", "eprop", "immediate");
  @Mixin private final BatchOption batch = new BatchOption(4);
  @Mixin private JsonOption json;
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;

  @Override
  public void run() {
    if (Files.isDirectory(model)) {
      new InspectionText(spec.commandLine().getOut())
          .printGrowth(FlowWatch.read(model), json.isAsked());
      return;
    }
    if (files == null) {
      throw new ParameterException(spec.commandLine(), "expected --data beside a model");
    }
    expect(steps == null || steps >= 2, "steps", "T of 2 or more", steps);
    int sequences = batch.count();
    expect(errors >= 0, "errors", "0 or more", errors);
    expect(batches >= 1, "batches", "1 or more", batches);
    expect(tolerance > 0, "tolerance", "a number above 0", tolerance);
    rules.names();
    checkFile(page, "out", HtmlPage.START);
    checkFile(picture, "svg", "<svg");
    checkFile(pixels, "png", InspectionPixels.START);
    Kernels kernels = backend.kernels();
    // Errors are followed back through the rounded weights of a compressed model.
    Model loaded = ModelFile.load(model, kernels).withWeights(WeightFormat.FLOAT32);
    InspectionData data = InspectionData.read(model, loaded, files, steps, sequences, batches);
    if (tries && data.text().isEmpty()) {
      throw new Refusal("try", "a model that was trained on text", "another");
    }
    Inspection inspection = inspect(loaded, data);
    PrintWriter out = spec.commandLine().getOut();
    if (page != null) {
      OutputFile.write(page, InspectionPage.of(inspection));
    }
    if (picture != null) {
      OutputFile.write(picture, InspectionPicture.of(inspection));
    }
    if (pixels != null) {
      AtomicFile.write(pixels, InspectionPixels.of(inspection));
    }
    if (json.isAsked()) {
      Json.print(out, inspection);
    } else {
      new InspectionText(out).print(inspection, advise || tries);
      if (page != null) {
        out.printf("%npage      %s%n", page);
      }
    }
    out.flush();
  }

  private static void expect(boolean holds, String name, String expected, Number got) {
    if (!holds) {
      throw new Refusal(name, expected, got);
    }
  }

  private Inspection inspect(Model loaded, InspectionData data) {
    Network network = loaded.network();
    Team team = threads.team();
    Inspection inspection =
        InspectionMeter.of(network, team, data)
            .withErrors(errors)
            .withUnits(units ? UNIT_ERRORS : 0)
            .withTolerance(tolerance)
            .withRules(rules.names())
            .measure(
                model.toString(), String.join(", ", files.stream().map(Path::toString).toList()));
    Advice advice = new Advice(network, inspection);
    Trial trial = tries ? trial(loaded, advice, data.text().orElseThrow(), team) : null;
    return inspection.with(advice.lines(), trial);
  }

  private static Trial trial(Model loaded, Advice advice, int[] tokens, Team team) {
    Initialization initialization =
        loaded
            .provenance()
            .map(known -> known.beginning().initialization())
            .orElse(Initialization.defaults());
    return advice
        .change()
        .map(change -> Trial.of(change, loaded.network(), initialization, tokens, team))
        .orElse(null);
  }

  private static void checkFile(Path file, String option, String start) {
    if (file != null) {
      OutputFile.checkKind(option, file, start);
    }
  }
}
