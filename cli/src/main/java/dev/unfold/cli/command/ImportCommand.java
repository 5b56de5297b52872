package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.SettingsOption;
import dev.unfold.cli.report.ParityReport;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormats;
import dev.unfold.formats.exchange.Parity;
import dev.unfold.formats.exchange.Reference;
import dev.unfold.formats.graph.GraphFile;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.model.Network;
import dev.unfold.run.output.FailureException;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.OutputFile;
import dev.unfold.run.task.ForeignText;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold import`
@Command(
    name = "import",
    description = {
      "Makes a model of a file of another program: ONNX, a PyTorch state dict, or Keras.",
      "",
      "No program in the file is run. What it does not say is asked for: --set name=value.",
      ""
    },
    footer = {
      "Examples:",
      "  unfold import model.onnx --out model.safetensors",
      "  unfold import state_dict.pt --set cell=elman --out model.safetensors",
      "  unfold import model.keras --reference computed.npz --out model.safetensors"
    })
public final class ImportCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      description = "A file that ends with .onnx, .safetensors, .pt, .pth, .keras or .h5.")
  private Path file;

  @Mixin private SettingsOption settings;

  @Option(
      names = "--check",
      description =
          "Open the model that was written and compare it, layer by layer, with what the file says"
              + " by itself, over 64 steps of random input; exit code 1 if they differ.")
  private boolean check;

  @Option(
      names = "--reference",
      paramLabel = "REF",
      description =
          "Compare with what another program computed instead: NAME.npz of numpy.savez with arrays"
              + " input, output and so on, or a folder with input_0.pb, output_0.pb and so on. If"
              + " they differ, it says with which other conventions they would not.")
  private Path reference;

  @Option(
      names = "--vocabulary",
      paramLabel = "TOKENS",
      description =
          "What the tokens of a model of text are: a JSON array, a JSON object with the number of"
              + " each, or one on each line. sample, eval and train text --from take the model"
              + " then.")
  private Path vocabulary;

  @Option(
      names = "--unit",
      paramLabel = "UNIT",
      description =
          "Beside --vocabulary, what a token is: char or word (default: char if all tokens are"
              + " single characters); alone, byte of a model with the 256 bytes as tokens.")
  private Unit unit;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "MODEL",
      description = "Where to write it.")
  private Path out;

  @Mixin private JsonOption json;
  @Mixin private BackendOption backend;

  private record Line(String found) {}

  private record Wrote(String wrote, String kind) {}

  @Override
  public Integer call() {
    OutputFile.check(out);
    if (ModelFile.isModel(file)) {
      throw new Refusal("FILE", "a model of another program", file + ", which is Unfold's own");
    }
    Optional<Reference> computed = Optional.ofNullable(reference).map(Reference::read);
    ImportOptions options = new ImportOptions(settings.all(), backend.kernels());
    Imported read = ModelFormats.read(file, options);
    Imported imported = named(read);
    PrintWriter printer = spec.commandLine().getOut();
    ImportCheck held = new ImportCheck(file, read, options, printer, json.isAsked());
    computed.ifPresent(held::expectFits);
    String kind =
        switch (imported.content()) {
          case Imported.Content.OfModel own -> {
            ModelFile.save(out, own.model());
            yield "network";
          }
          case Imported.Content.OfGraph own -> {
            GraphFile.save(out, own.graph());
            yield "graph";
          }
        };
    for (String convention : imported.conventions()) {
      if (json.isAsked()) {
        Json.print(printer, new Line(convention));
      } else {
        printer.println(convention);
      }
    }
    if (json.isAsked()) {
      Json.print(printer, new Wrote(out.toString(), kind));
    } else {
      printer.println("wrote %s, a %s".formatted(out, kind));
    }
    boolean isAsked = check || computed.isPresent();
    if (isAsked && areTokensSaid()) {
      expectSameTokens(read.model().network(), printer);
    }
    return !isAsked || held.of(out, computed) ? 0 : 1;
  }

  /// What follows compares what is said of the file's own tokens: those that were added must change nothing of it.
  private void expectSameTokens(Network read, PrintWriter printer) {
    LanguageModel written = (LanguageModel) ModelFile.load(out, read.kernels());
    Parity.Row row = ForeignText.compare(read, written);
    if (!new ParityReport(printer, json.isAsked()).print(List.of(row))) {
      throw new FailureException(
          out + ": expected the probabilities of the file's own tokens, got others", null);
    }
  }

  private boolean areTokensSaid() {
    return vocabulary != null || unit != null;
  }

  /// The model as one of text, if it is said to be.
  private Imported named(Imported read) {
    if (!areTokensSaid()) {
      return read;
    }
    if ((vocabulary == null) != (unit == Unit.BYTE)) {
      throw vocabulary == null
          ? new Refusal("unit", "--vocabulary beside char or word", "none")
          : new Refusal("unit", "char or word beside --vocabulary", "byte");
    }
    if (!(read.content() instanceof Imported.Content.OfModel of)
        || !(of.model() instanceof NetworkModel)) {
      throw new Refusal(
          vocabulary == null ? "unit" : "vocabulary",
          "a network whose tokens are not known yet",
          "a graph, or a model with tokens of its own");
    }
    Network network = of.model().network();
    LanguageModel model =
        vocabulary == null
            ? ForeignText.of(network, unit, Vocabulary.ofBytes().tokens())
            : ForeignText.of(network, vocabulary, Optional.ofNullable(unit));
    List<String> conventions = new ArrayList<>(read.conventions());
    int tokens = network.spec().outputs();
    int more = model.vocabulary().size() - tokens;
    conventions.add(
        "tokens: %d of unit %s%s"
            .formatted(
                tokens,
                model.unit().toLowerCase(Locale.ROOT),
                more == 0 ? "" : ", and %d more for what is none of them".formatted(more)));
    return new Imported(model, conventions);
  }
}
