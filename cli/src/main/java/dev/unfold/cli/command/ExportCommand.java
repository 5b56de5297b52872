package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.report.ParityReport;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.GraphParity;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormat;
import dev.unfold.formats.exchange.ModelFormats;
import dev.unfold.formats.exchange.Parity;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Network;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.OutputFile;
import dev.unfold.sequence.Inputs;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold export`
@Command(
    name = "export",
    description = {
      "Writes a model for other programs: as ONNX, for PyTorch, or for Keras.",
      "",
      "What a format cannot hold is refused by name. --check reads the file again and compares it"
          + " with the model, layer by layer.",
      ""
    },
    footer = {
      "Examples:",
      "  unfold export model.safetensors --to onnx --out model.onnx --check",
      "  unfold export model.safetensors --to torch --out model.pt"
    })
public final class ExportCommand implements Callable<Integer> {
  private static final int STEPS = 64;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "A trained model.")
  private Path model;

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FORMAT",
      description = "onnx, torch or keras.")
  private String to;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "Where to write it.")
  private Path out;

  @Option(
      names = "--states",
      paramLabel = "io|none",
      description =
          "ONNX: io lets the states come in and go out, so that a sequence can go on; none begins"
              + " at zero (default: io, where the network does not need whole sequences).")
  private String states;

  @Option(
      names = "--opset",
      paramLabel = "N",
      description = "ONNX: the version of the operators, 17 to 22 (default: 17).")
  private Integer opset;

  @Option(
      names = "--triton",
      description = "ONNX: also write config.pbtxt beside the file, for NVIDIA Triton.")
  private boolean triton;

  @Option(
      names = "--check",
      description =
          "Read the file again and compare both over 64 steps of random input; exit code 1 if they"
              + " differ.")
  private boolean check;

  @Mixin private JsonOption json;
  @Mixin private BackendOption backend;

  private record Line(String says) {}

  private record Wrote(String wrote) {}

  @Override
  public Integer call() {
    ModelFormat format = format();
    if (!to.equals("onnx")) {
      refuse("states", states != null);
      refuse("opset", opset != null);
      refuse("triton", triton);
    }
    OutputFile.checkFormat(out, format.endings());
    if (triton) {
      OutputFile.checkNew("triton", out.resolveSibling("config.pbtxt"));
    }
    Kernels kernels = backend.kernels();
    Model own = ModelFile.load(model, kernels);
    List<String> lines = format.write(out, own, options());
    PrintWriter printer = spec.commandLine().getOut();
    for (String line : lines) {
      if (json.isAsked()) {
        Json.print(printer, new Line(line));
      } else {
        printer.println(line);
      }
    }
    wrote(printer, out);
    if (triton) {
      wrote(printer, out.resolveSibling("config.pbtxt"));
    }
    return check ? compare(own, format, kernels, printer) : 0;
  }

  private ModelFormat format() {
    try {
      return ModelFormats.named(to);
    } catch (Refusal e) {
      throw new Refusal("to", e.expected(), e.got(), e);
    }
  }

  private void wrote(PrintWriter printer, Path file) {
    if (json.isAsked()) {
      Json.print(printer, new Wrote(file.toString()));
    } else {
      printer.println("wrote " + file);
    }
  }

  private int compare(Model own, ModelFormat format, Kernels kernels, PrintWriter printer) {
    Network network = own.network();
    Inputs inputs = Parity.input(network.spec().encoder(), kernels, STEPS, 2);
    List<Parity.Row> rows =
        switch (format.read(out, ImportOptions.defaults(kernels)).content()) {
          case Imported.Content.OfModel again ->
              Parity.of(network, again.model().network(), inputs, STEPS);
          case Imported.Content.OfGraph again ->
              GraphParity.of(network, again.graph(), inputs, STEPS);
        };
    boolean isClose = new ParityReport(printer, json.isAsked()).print(rows);
    if (!json.isAsked()) {
      printer.println("compared with Unfold's own importer; no other program ran the file");
    }
    return isClose ? 0 : 1;
  }

  private static void refuse(String name, boolean isGiven) {
    if (isGiven) {
      throw new Refusal(name, "--" + name + " beside --to onnx alone", "another format");
    }
  }

  private ExportOptions options() {
    ExportOptions.States kept =
        switch (states == null ? "io" : states) {
          case "io" -> ExportOptions.States.IO;
          case "none" -> ExportOptions.States.NONE;
          default -> throw new Refusal("states", "io or none", states);
        };
    return new ExportOptions(
        kept,
        opset == null ? OptionalInt.empty() : OptionalInt.of(opset),
        triton ? Optional.of(ExportOptions.Server.TRITON) : Optional.empty());
  }
}
