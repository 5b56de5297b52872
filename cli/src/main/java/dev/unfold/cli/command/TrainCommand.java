package dev.unfold.cli.command;

import picocli.CommandLine.Command;

/// `unfold train`
@Command(
    name = "train",
    description = "Trains a network.",
    subcommands = {TrainTextCommand.class, TrainSetsCommand.class},
    synopsisSubcommandLabel = "text|sets",
    footer = "Example: unfold train text input.txt --minutes 3")
public final class TrainCommand {}
