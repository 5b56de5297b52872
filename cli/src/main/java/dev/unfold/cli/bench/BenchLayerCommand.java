package dev.unfold.cli.bench;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cli.option.BackendOption;
import dev.unfold.cli.option.BatchOption;
import dev.unfold.cli.option.CellArguments;
import dev.unfold.cli.option.HiddenOption;
import dev.unfold.cli.option.JsonOption;
import dev.unfold.cli.option.StepsOption;
import dev.unfold.cli.option.ThreadsOption;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import dev.unfold.measure.LayerMeasurement;
import dev.unfold.measure.LayerStep;
import dev.unfold.model.LayerText;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `unfold bench layer`
@Command(
    name = "layer",
    description = {
      "Measures a training step of one layer: forward and backward, all gradients, no optimizer.",
      "",
      "GFLOP/s counts the multiply-adds of the products alone. The machine's peak is measured in"
          + " between, with as many threads: multiply-adds in registers."
    },
    footer = {
      "",
      "Example: unfold bench layer --cell lstm --input 512 --hidden 512 --batch 32 --steps 64"
    })
final class BenchLayerCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Mixin private CellArguments cellArguments;

  @Option(
      names = "--input",
      paramLabel = "I",
      defaultValue = "512",
      description = "Width of the input (default: ${DEFAULT-VALUE}).")
  private int input;

  @Mixin private final HiddenOption hidden = new HiddenOption(512);
  @Mixin private final BatchOption batch = new BatchOption(32);
  @Mixin private final StepsOption steps = new StepsOption(64);

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "How long to measure, after as long a warm-up (default: ${DEFAULT-VALUE}).")
  private double seconds;

  @Mixin private ThreadsOption threads;
  @Mixin private BackendOption backend;
  @Mixin private JsonOption json;

  private record Line(
      String cell,
      int input,
      int hidden,
      int batch,
      int steps,
      int threads,
      String backend,
      double forwardMs,
      double backwardMs,
      double gflops,
      double peakGflops,
      double peakShare,
      double spread,
      int repetitions,
      double allocatedBytes,
      long memoryBytes,
      Map<String, Double> phaseMs) {}

  @Override
  public void run() {
    if (!(seconds >= 0 && seconds <= 3600)) {
      throw new Refusal("seconds", "0 to 3600", seconds);
    }
    Team team = threads.team();
    Kernels kernels = backend.kernels();
    LayerStep.Sizes sizes =
        new LayerStep.Sizes(input, hidden.count(), batch.count(), steps.count());
    Cell cell = cellArguments.cell();
    LayerStep step = new LayerStep(cell, sizes, kernels, team);
    LayerMeasurement measured = LayerMeasurement.of(step, sizes, kernels, team, seconds);
    Line line =
        new Line(
            LayerText.of(cell),
            sizes.input(),
            sizes.hidden(),
            sizes.batch(),
            sizes.steps(),
            team.size(),
            kernels.name(),
            measured.forward().median() * 1e3,
            measured.backward().median() * 1e3,
            measured.gigaflops(),
            measured.peakGigaflops(),
            measured.gigaflops() / measured.peakGigaflops(),
            measured.whole().spread(),
            measured.whole().count(),
            measured.allocated(),
            step.memoryBytes(),
            phaseMillis(measured));
    PrintWriter out = spec.commandLine().getOut();
    if (json.isAsked()) {
      Json.print(out, line);
    } else {
      print(line, kernels, out);
    }
  }

  private static Map<String, Double> phaseMillis(LayerMeasurement measured) {
    Map<String, Double> millis = new LinkedHashMap<>();
    measured
        .phases()
        .forEach((phase, time) ->
            millis.put(phase.name().toLowerCase(Locale.ROOT).replace('_', ' '), time * 1e3));
    return millis;
  }

  private static void print(Line line, Kernels kernels, PrintWriter out) {
    out.printf(
        "%s  I=%d H=%d B=%d T=%d  %s, %s backend (%s)%n",
        line.cell,
        line.input,
        line.hidden,
        line.batch,
        line.steps,
        Wording.count(line.threads, "thread"),
        line.backend,
        kernels.description());
    out.printf("forward  %8.3f ms%n", line.forwardMs);
    out.printf("backward %8.3f ms%n", line.backwardMs);
    out.printf(
        "products %8.1f GFLOP/s, %.0f%% of the peak of %.1f%n",
        line.gflops, line.peakShare * 100, line.peakGflops);
    out.printf(
        "medians of %d steps; half of them within %.1f%%; %.0f bytes allocated a step%n",
        line.repetitions, line.spread * 100, line.allocatedBytes);
    out.printf(
        "memory   %8.1f MiB beside the parameters, %,d bytes a token%n",
        line.memoryBytes / (double) (1 << 20), line.memoryBytes / line.batch / line.steps);
    out.println("one thread's time in a step:");
    line.phaseMs.forEach((phase, millis) -> out.printf("  %-20s %8.3f ms%n", phase, millis));
    out.flush();
  }
}
