package dev.unfold.argument;

import java.io.PrintWriter;
import java.util.List;

/// A command that a module brings to the command line, as a service: `provides dev.unfold.argument.ModuleCommand with
/// ...` in its descriptor, or a line in `META-INF/services`. `unfold NAME ...` runs it wherever that module is on the
/// path; nothing has to know of the module.
///
/// One is made whenever commands are listed, so that a constructor, [#name] and [#summary] have to do next to nothing.
public interface ModuleCommand {
  /// How it is called: small letters, digits and hyphens, a letter first, and none of the names of other commands.
  String name();

  /// What it does, in one line for the list of commands.
  String summary();

  /// Runs it.
  ///
  /// **Errors**: what is thrown is told in one line. An [IllegalArgumentException], such as a [Refusal], is about what
  /// cannot be used (exit code 2); all else has failed (exit code 1).
  ///
  /// @param arguments what stands behind the name; `--help` asks what may stand there
  /// @param out what is printed, flushed at the end
  /// @param err for messages to people
  /// @return the exit code: 0 for done, 1 for failed, 2 for arguments that cannot be used
  int run(List<String> arguments, PrintWriter out, PrintWriter err) throws Exception;
}
