package dev.unfold.cli.command;

import picocli.CommandLine.Command;

/// `unfold train`
@Command(
    name = "train",
    description = "Trains a network.",
    subcommands = {
      TrainTextCommand.class,
      TrainSetsCommand.class,
      TrainSeriesCommand.class,
      TrainClassifyCommand.class,
      TrainTagsCommand.class
    },
    synopsisSubcommandLabel = "text|sets|series|classify|tags",
    footer = "Example: unfold train text input.txt --minutes 3")
public final class TrainCommand {}
