package dev.unfold.cli;

import dev.unfold.run.job.CommandProgram;
import java.io.PrintWriter;

/// The command line as a service.
public final class Program implements CommandProgram {
  /// Has nothing to begin with.
  public Program() {}

  @Override
  public int run(PrintWriter out, PrintWriter err, String... arguments) {
    return Main.run(out, err, arguments);
  }
}
