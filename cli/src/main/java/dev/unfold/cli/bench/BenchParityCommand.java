package dev.unfold.cli.bench;

import dev.unfold.argument.Refusal;
import dev.unfold.cli.option.TrainingArguments;
import dev.unfold.head.Targets;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Network;
import dev.unfold.run.generated.GeneratedTask;
import dev.unfold.run.generated.Parity;
import dev.unfold.sequence.Batch;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `unfold bench parity`
@Command(
    name = "parity",
    description = {
      "Trains a network to tell at each step whether there were an odd number of ones, and tests"
          + " it",
      "on longer sequences: whether it tracks a state."
    },
    defaultValueProvider = TrainingArguments.Defaults.class,
    footer = {
      "",
      "Example: unfold bench parity --length 40 --test-length 256 --cell slstm --epochs 30"
    })
final class BenchParityCommand extends TaskCommand {
  @Option(
      names = "--length",
      paramLabel = "T",
      defaultValue = "40",
      description = "Steps of a sequence (default: ${DEFAULT-VALUE}).")
  private int length;

  @Option(
      names = "--test-length",
      paramLabel = "T",
      defaultValue = "256",
      description = "Steps of the sequences it is tested with (default: ${DEFAULT-VALUE}).")
  private int testLength;

  private Parity tests;

  @Override
  GeneratedTask task(int batch, Kernels kernels, long seed) {
    if (testLength < 1) {
      throw new Refusal("test-length", "1 step or more", testLength);
    }
    tests = new Parity(testLength, batch, seed + 1);
    return new Parity(length, batch, seed);
  }

  @Override
  Optional<Tested> tested(Network trained) {
    int batches = Math.ceilDiv(VALIDATION, tests.batch());
    int[] lengths = new int[tests.batch()];
    Arrays.fill(lengths, testLength);
    Runner runner = new Runner(trained);
    double last = 0;
    double all = 0;
    for (int each = 0; each < batches; each++) {
      Batch batch = tests.batch(each);
      int[] answers = ((Targets.Classes) batch.targets()).classes();
      Parity.Score score =
          Parity.Score.of(runner.runWhole(batch.inputs(), lengths), answers, tests.batch());
      last += score.last() / batches;
      all += score.all() / batches;
    }
    return Optional.of(new Tested("tested", testLength, batches * tests.batch(), last, all));
  }
}
