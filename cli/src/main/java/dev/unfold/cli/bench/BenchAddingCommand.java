package dev.unfold.cli.bench;

import dev.unfold.cli.option.TrainingArguments;
import dev.unfold.kernels.Kernels;
import dev.unfold.run.generated.AddingProblem;
import dev.unfold.run.generated.GeneratedTask;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `unfold bench adding`
@Command(
    name = "adding",
    description = {
      "Trains a network to add two marked numbers of a long generated sequence: whether it learns",
      "what lies far back."
    },
    defaultValueProvider = TrainingArguments.Defaults.class,
    footer = {"", "Example: unfold bench adding --length 500 --cell lstm --epochs 50 --memory 5%%"})
final class BenchAddingCommand extends TaskCommand {
  @Option(
      names = "--length",
      paramLabel = "T",
      defaultValue = "500",
      description = "Steps of a sequence (default: ${DEFAULT-VALUE}).")
  private int length;

  @Override
  GeneratedTask task(int batch, Kernels kernels, long seed) {
    return new AddingProblem(length, batch, kernels.precision(), seed);
  }
}
