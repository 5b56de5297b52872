package dev.unfold.cli.command;

import picocli.CommandLine.Command;

/// `unfold train`
@Command(
    name = "train",
    description = "Trains a network.",
    subcommands = {TrainTextCommand.class, TrainSetsCommand.class, TrainSeriesCommand.class},
    synopsisSubcommandLabel = "text|sets|series",
    footer = "Example: unfold train text input.txt --minutes 3")
public final class TrainCommand {}
