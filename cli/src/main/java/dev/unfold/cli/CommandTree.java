package dev.unfold.cli;

import dev.unfold.cli.bench.BenchCommand;
import dev.unfold.cli.command.BacktestCommand;
import dev.unfold.cli.command.CompareCommand;
import dev.unfold.cli.command.CompressCommand;
import dev.unfold.cli.command.DemoCommand;
import dev.unfold.cli.command.DetectCommand;
import dev.unfold.cli.command.DoctorCommand;
import dev.unfold.cli.command.EvalCommand;
import dev.unfold.cli.command.ExportCommand;
import dev.unfold.cli.command.ForecastCommand;
import dev.unfold.cli.command.GradcheckCommand;
import dev.unfold.cli.command.ImportCommand;
import dev.unfold.cli.command.InspectCommand;
import dev.unfold.cli.command.LookCommand;
import dev.unfold.cli.command.PredictCommand;
import dev.unfold.cli.command.SampleCommand;
import dev.unfold.cli.command.TrainCommand;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The commands that a command line needs: at each level the one that it names, and all where it names none. Reading
/// the annotations of all takes longer than what a short run does.
final class CommandTree {
  private static final List<Class<?>> COMMANDS =
      List.of(
          TrainCommand.class,
          EvalCommand.class,
          PredictCommand.class,
          SampleCommand.class,
          InspectCommand.class,
          LookCommand.class,
          ForecastCommand.class,
          DetectCommand.class,
          BacktestCommand.class,
          ExportCommand.class,
          ImportCommand.class,
          CompareCommand.class,
          CompressCommand.class,
          GradcheckCommand.class,
          DemoCommand.class,
          BenchCommand.class,
          DoctorCommand.class);

  private static final Map<Class<?>, List<Class<?>>> BELOW =
      Map.of(
          TrainCommand.class, TrainCommand.COMMANDS,
          BenchCommand.class, BenchCommand.COMMANDS);

  private CommandTree() {}

  /// `main` with the commands that a line of `words` needs below it.
  static CommandLine below(CommandLine main, String... words) {
    return add(main, COMMANDS, List.of(words));
  }

  private static CommandLine add(CommandLine to, List<Class<?>> types, List<String> words) {
    List<Class<?>> named =
        types.stream()
            .filter(type -> !words.isEmpty() && name(type).equals(words.getFirst()))
            .toList();
    List<String> rest = named.isEmpty() ? List.of() : words.subList(1, words.size());
    for (Class<?> type : named.isEmpty() ? types : named) {
      CommandLine command = new CommandLine(type);
      to.addSubcommand(command);
      add(command, BELOW.getOrDefault(type, List.of()), rest);
    }
    return to;
  }

  private static String name(Class<?> type) {
    return type.getAnnotation(Command.class).name();
  }
}
