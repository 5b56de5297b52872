package dev.unfold.cli.command;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.library.Cells;
import dev.unfold.check.GradientCheck;
import dev.unfold.cli.option.BatchOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.StepsOption;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `unfold gradcheck`
@Command(
    name = "gradcheck",
    description = {
      "Compares the gradients of a model, or of a small network of a cell, with central differences"
          + " in double precision: for every parameter, the input and the initial state; with"
          + " sequences of different lengths, with random masks, truncated, and in a budget of"
          + " memory.",
      "",
      "A model has many parameters, and each takes two passes: use a small one. The exit code is 1"
          + " if an error is too large.",
      ""
    },
    footer = "Example: unfold gradcheck lstm")
public final class GradcheckCommand implements Callable<Integer> {
  private static final String SUBJECT = "MODEL|CELL";
  private static final long MOST = 20_000;

  /// T*B that can be waited for.
  private static final long MOST_ROWS = 100_000;

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = SUBJECT, description = "A model's file, or the name of a cell.")
  private String subject;

  @Mixin private final StepsOption stepsOption = new StepsOption(6);
  @Mixin private final BatchOption batchOption = new BatchOption(3);
  @Mixin private JsonOption json;

  private record Line(String condition, String tensor, long count, Double error, boolean passed) {}

  @Override
  public Integer call() {
    GradientCheck check = check();
    PrintWriter out = spec.commandLine().getOut();
    for (GradientCheck.Row row : check.rows()) {
      if (json.isAsked()) {
        Double error = Json.finite(row.error());
        Json.print(out, new Line(row.condition(), row.tensor(), row.count(), error, row.passed()));
      } else {
        out.printf(
            "%-8s %-32s %,7d numbers  largest error %.1e  %s%n",
            row.condition(),
            row.tensor(),
            row.count(),
            row.error(),
            row.passed() ? "ok" : "TOO LARGE");
      }
    }
    if (!json.isAsked()) {
      out.printf(
          "%s: %s, up to %.0e allowed%n",
          check.passed() ? "passed" : "FAILED",
          Wording.count(check.rows().size(), "tensor"),
          GradientCheck.TOLERANCE);
    }
    return check.passed() ? 0 : 1;
  }

  private GradientCheck check() {
    int steps = stepsOption.count();
    int batch = batchOption.count();
    if ((long) steps * batch > MOST_ROWS) {
      throw new Refusal(
          "steps", "T*B of up to %d".formatted(MOST_ROWS), "T=%d and B=%d".formatted(steps, batch));
    }
    if (Cells.names().contains(subject)) {
      return GradientCheck.of(Cells.named(subject), steps, batch);
    }
    Path file = Path.of(subject);
    if (!Files.exists(file)) {
      throw new Refusal(
          SUBJECT, "a model's file, or one of " + String.join(", ", Cells.names()), subject);
    }
    var network =
        ModelFile.load(file, Backends.named("scalar", Precision.DOUBLE))
            .withWeights(WeightFormat.FLOAT32)
            .network();
    long count = network.parameters().count();
    if (count > MOST) {
      throw new Refusal(
          SUBJECT,
          "a model of up to %,d parameters, two passes for each".formatted(MOST),
          "%,d; its cell can be checked by name: unfold gradcheck %s"
              .formatted(count, network.spec().cell().name()));
    }
    return GradientCheck.of(network, steps, batch);
  }
}
