package dev.unfold.run.job;

import java.io.PrintWriter;

/// The command line, for who runs a command of it in a process that is not the user's own, such as a worker of a
/// cluster; brought by the module that has it, as a service.
public interface CommandProgram {
  /// How a command ended.
  ///
  /// @param code the exit code
  /// @param isInVain whether it failed of what another attempt would fail of again ([Attempt])
  record Ended(int code, boolean isInVain) {}

  /// Runs a command. Numbers look the same for everybody where the locale is [java.util.Locale#ROOT].
  ///
  /// @param out what it prints
  /// @param err for messages to people
  /// @return the exit code, and what it means
  Ended run(PrintWriter out, PrintWriter err, String... arguments);
}
