package dev.unfold.run.job;

import java.io.PrintWriter;

/// The command line, for who runs a command of it in a process that is not the user's own, such as a worker of a
/// cluster; brought by the module that has it, as a service.
public interface CommandProgram {
  /// Runs a command. Numbers look the same for everybody where the locale is [java.util.Locale#ROOT].
  ///
  /// @param out what it prints
  /// @param err for messages to people
  /// @return the exit code
  int run(PrintWriter out, PrintWriter err, String... arguments);
}
