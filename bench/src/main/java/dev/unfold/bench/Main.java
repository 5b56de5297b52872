package dev.unfold.bench;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The commands that need other libraries: `unfold bench peers`. The launcher comes here for these, since the jars of
/// the command line know nothing of them.
@Command(name = "unfold bench", subcommands = PeersCommand.class)
public final class Main {
  private static final String OWN = "bench";
  private static final int INTERRUPTED = 130;

  private Main() {}

  /// Runs the command line and exits with its exit code: 2 if the arguments cannot be used, 130 if it was interrupted,
  /// 1 if something failed.
  public static void main(String[] args) {
    Locale.setDefault(Locale.ROOT);
    List<String> given = Arrays.asList(args);
    int from = given.isEmpty() || !given.getFirst().equals(OWN) ? 0 : 1;
    CommandLine commandLine =
        new CommandLine(new Main())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler(
                (e, all) -> refuse(e.getCommandLine().getErr(), e.getMessage()))
            .setExecutionExceptionHandler(Main::handle);
    System.exit(commandLine.execute(given.subList(from, args.length).toArray(String[]::new)));
  }

  private static int handle(Exception e, CommandLine command, CommandLine.ParseResult result)
      throws Exception {
    if (e instanceof IllegalArgumentException) {
      return refuse(command.getErr(), "--" + e.getMessage());
    }
    if (e instanceof CancellationException) {
      return INTERRUPTED;
    }
    throw e;
  }

  private static int refuse(PrintWriter err, String message) {
    err.println("unfold: " + message.lines().findFirst().orElse("") + "; see --help");
    err.flush();
    return CommandLine.ExitCode.USAGE;
  }
}
