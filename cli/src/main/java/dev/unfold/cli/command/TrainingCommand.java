package dev.unfold.cli.command;

import dev.unfold.cli.option.NetworkArguments;
import dev.unfold.cli.option.RunArguments;
import dev.unfold.cli.option.StartArguments;
import dev.unfold.cli.option.TrainingArguments;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/// What the commands that train on a user's data have in common.
abstract class TrainingCommand implements Callable<Integer> {
  @Mixin NetworkArguments networkArguments;
  @Mixin TrainingArguments trainingArguments;
  @Mixin StartArguments start;
  @Mixin RunArguments runArguments;

  @Override
  public final Integer call() {
    try (RunArguments _ = runArguments) {
      return train();
    }
  }

  /// Trains, and returns the exit code.
  abstract int train();
}
