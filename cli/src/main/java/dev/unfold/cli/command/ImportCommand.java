package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormats;
import dev.unfold.formats.graph.GraphFile;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.OutputFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
      "  unfold import state_dict.pt --set cell=elman --out model.safetensors"
    })
public final class ImportCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      description = "A file that ends with .onnx, .safetensors, .pt, .pth, .keras or .h5.")
  private Path file;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = "What the file does not say; may be given again.")
  private List<String> settings = List.of();

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
  public void run() {
    OutputFile.check(out);
    if (ModelFile.isModel(file)) {
      throw new Refusal("FILE", "a model of another program", file + ", which is Unfold's own");
    }
    Imported imported = ModelFormats.read(file, new ImportOptions(settings(), backend.kernels()));
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
    PrintWriter printer = spec.commandLine().getOut();
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
  }

  private Map<String, String> settings() {
    Map<String, String> all = new LinkedHashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw new Refusal("set", "name=value", setting);
      }
      if (all.put(setting.substring(0, equals), setting.substring(equals + 1)) != null) {
        throw new Refusal("set", "each name once", setting);
      }
    }
    return all;
  }
}
