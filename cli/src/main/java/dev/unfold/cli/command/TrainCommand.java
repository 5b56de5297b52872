package dev.unfold.cli.command;

import java.util.List;
import picocli.CommandLine.Command;

/// `unfold train`
@Command(
    name = "train",
    description = "Trains a network.",
    synopsisSubcommandLabel = "text|sets|series|classify|tags",
    footer = "Example: unfold train text input.txt --minutes 3")
public final class TrainCommand {
  /// Those below it, which whoever makes it adds: a run needs but one of them.
  public static final List<Class<?>> COMMANDS =
      List.of(
          TrainTextCommand.class,
          TrainSetsCommand.class,
          TrainSeriesCommand.class,
          TrainClassifyCommand.class,
          TrainTagsCommand.class);

  private TrainCommand() {}
}
