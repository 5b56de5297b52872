package dev.unfold.cli;

import dev.unfold.run.job.CommandProgram;
import java.io.PrintWriter;

/// The command line as a service.
public final class Program implements CommandProgram {
  /// Has nothing to begin with.
  public Program() {}

  @Override
  public Ended run(PrintWriter out, PrintWriter err, String... arguments) {
    Failures failures = new Failures();
    int code = Main.run(failures, out, err, arguments);
    return new Ended(code, failures.isInVain());
  }
}
