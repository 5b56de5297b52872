package dev.unfold.cli.bench;

import dev.unfold.cli.option.TrainingArguments;
import dev.unfold.kernels.Kernels;
import dev.unfold.run.generated.CopyingMemory;
import dev.unfold.run.generated.GeneratedTask;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `unfold bench copying`
@Command(
    name = "copying",
    description = {
      "Trains a network to say ten generated symbols again after a long delay: whether it learns",
      "what lies far back."
    },
    defaultValueProvider = TrainingArguments.Defaults.class,
    footer = {"", "Example: unfold bench copying --delay 100 --cell gru --epochs 100 --window 20"})
final class BenchCopyingCommand extends TaskCommand {
  @Option(
      names = "--delay",
      paramLabel = "D",
      defaultValue = "100",
      description = "Steps between the symbols and their repetition (default: ${DEFAULT-VALUE}).")
  private int delay;

  @Override
  GeneratedTask task(int batch, Kernels kernels, long seed) {
    return new CopyingMemory(delay, batch, seed);
  }
}
