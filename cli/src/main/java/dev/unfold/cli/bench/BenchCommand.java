package dev.unfold.cli.bench;

import java.util.List;
import picocli.CommandLine.Command;

/// `unfold bench`
@Command(
    name = "bench",
    description = "Measures speed, and what is learned from far back.",
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "`unfold bench peers` compares with other libraries; the launcher builds it when it is first"
          + " called, and downloads them.",
      "",
      "Example: unfold bench layer --hidden 512 --batch 32 --steps 64"
    })
public final class BenchCommand {
  /// Those below it, which whoever makes it adds: a run needs but one of them.
  public static final List<Class<?>> COMMANDS =
      List.of(
          BenchLayerCommand.class,
          BenchEnginesCommand.class,
          BenchGradientsCommand.class,
          BenchDriftCommand.class,
          BenchServedCommand.class,
          BenchAddingCommand.class,
          BenchCopyingCommand.class,
          BenchParityCommand.class,
          BenchFlowCommand.class,
          BenchTrainCommand.class,
          BenchSessionsCommand.class,
          BenchLoadCommand.class);

  private BenchCommand() {}
}
