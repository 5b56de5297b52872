package dev.unfold.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `unfold` command.
@Command(
    name = "unfold",
    description = "Recurrent neural networks, trained by exact back-propagation through time.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class)
public final class Main implements Runnable {
  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private Main() {}

  /// Runs the command line and exits with its exit code.
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
