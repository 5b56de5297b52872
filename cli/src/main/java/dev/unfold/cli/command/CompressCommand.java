package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.TableForm;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.OutputFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold compress`
@Command(
    name = "compress",
    description = {
      "Writes a model with its matrices in 16 bits: half the bytes in the file and for products in"
          + " memory, and less time for a step where they do not fit a cache. Every other command"
          + " that takes a model takes it, and train --from starts from its rounded weights.",
      "",
      "On data, if some is given, it tells how good the model is before and after.",
      ""
    },
    footer = {
      "Examples:",
      "  unfold compress model.safetensors test.txt --out small.safetensors",
      "  unfold compress forecaster.safetensors sales.csv --weights fixed16 --out small.safetensors"
    })
public final class CompressCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "MODEL", description = "A trained model.")
  private Path model;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "FILE",
      description =
          "What to tell on what is lost: what unfold eval takes for the model; several files are"
              + " one text.")
  private List<Path> files = List.of();

  @Mixin private TableForm form;

  @Option(
      names = "--weights",
      paramLabel = "FORMAT",
      defaultValue = "bf16",
      description =
          "bf16, the fastest, whose numbers differ by up to a 512th of each; or fixed16, by up to a"
              + " 32768th of the largest of their row (default: ${DEFAULT-VALUE}).")
  private String weights;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "MODEL",
      description = "Where to write it, another file than the model.")
  private Path out;

  @Mixin private JsonOption json;
  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;

  private record Line(
      String wrote,
      String weights,
      long bytesBefore,
      long bytesAfter,
      Map<String, Double> before,
      Map<String, Double> after) {}

  @Override
  public void run() {
    WeightFormat format = smaller();
    Team team = threads.team();
    OutputFile.check(out);
    try {
      if (Files.exists(out) && Files.isSameFile(model, out)) {
        throw new Refusal("out", "another file than the model, which it could not replace", out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Model whole = ModelFile.load(model, backend.kernels());
    if (whole.network().weightFormat() != WeightFormat.FLOAT32) {
      throw new Refusal(
          "MODEL", "one with weights of 32 bits", whole.network().weightFormat().text());
    }
    Model rounded = whole.withWeights(format);
    Map<String, Double> before = Map.of();
    Map<String, Double> after = Map.of();
    if (!files.isEmpty() || form.isQuery()) {
      ModelScores scores = new ModelScores(model, whole, form, files, team);
      before = scores.of(whole);
      after = scores.of(rounded);
    } else {
      form.expectUnused();
    }
    ModelFile.save(out, rounded);
    print(before, after);
  }

  private WeightFormat smaller() {
    return Stream.of(WeightFormat.BFLOAT16, WeightFormat.FIXED16)
        .filter(format -> format.text().equals(weights))
        .findFirst()
        .orElseThrow(() -> new Refusal("weights", "bf16 or fixed16", weights));
  }

  private void print(Map<String, Double> before, Map<String, Double> after) {
    PrintWriter printer = spec.commandLine().getOut();
    long bytesBefore = bytes(model);
    long bytesAfter = bytes(out);
    if (json.isAsked()) {
      Json.print(
          printer, new Line(out.toString(), weights, bytesBefore, bytesAfter, before, after));
      return;
    }
    if (!before.isEmpty()) {
      printer.printf("%-20s %12s %12s %12s%n", "", "float", weights, "difference");
      before.forEach((name, value) ->
          printer.printf(
              "%-20s %12.5f %12.5f %+12.5f%n",
              name, value, after.get(name), after.get(name) - value));
    }
    printer.printf(
        "wrote %s, %,d bytes, %.0f %% of the model%n",
        out, bytesAfter, 100.0 * bytesAfter / bytesBefore);
  }

  private static long bytes(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
