package dev.unfold.cli;

import picocli.CommandLine.Command;

/// `unfold bench`
@Command(
    name = "bench",
    description = "Measures speed.",
    subcommands = BenchLayerCommand.class,
    synopsisSubcommandLabel = "layer",
    footer = "Example: unfold bench layer --hidden 512 --batch 32 --steps 64")
final class BenchCommand {}
