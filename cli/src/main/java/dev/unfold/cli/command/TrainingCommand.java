package dev.unfold.cli.command;

import dev.unfold.cli.option.NetworkArguments;
import dev.unfold.cli.option.RunArguments;
import dev.unfold.cli.option.SiteArguments;
import dev.unfold.cli.option.StartArguments;
import dev.unfold.cli.option.TrainingArguments;
import dev.unfold.formats.model.Model;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/// What the commands that train on a user's data have in common.
abstract class TrainingCommand implements Callable<Integer> {
  @Mixin NetworkArguments networkArguments;
  @Mixin TrainingArguments trainingArguments;
  @Mixin StartArguments start;
  @Mixin RunArguments runArguments;
  @Mixin private SiteArguments site;

  /// The model that is gone on from, if there is one: the network is that of the model then.
  Optional<Model> base = Optional.empty();

  @Override
  public final Integer call() throws Exception {
    if (site.isElsewhere()) {
      runArguments.checkModel();
      return site.train(runArguments.model());
    }
    try (RunArguments _ = runArguments) {
      base = start.base(runArguments.kernels());
      base.ifPresent(model -> networkArguments.follow(model.network().spec()));
      if (trainingArguments.updateEvery() > 0) {
        networkArguments.withoutMasks();
      }
      return train();
    }
  }

  /// Trains, and returns the exit code.
  abstract int train();
}
