package dev.unfold.run.job;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/// Where `unfold train ... --on PLACE` may run, if not in this process: brought by a module that need not be there, as
/// a service.
///
/// One is made whenever it is asked for a place, so that a constructor has to do next to nothing.
public interface TrainingSite {
  /// What is to be trained.
  ///
  /// @param place where, in the words of the site
  /// @param workers W, processes that train together
  /// @param threads of each
  /// @param model where the best model goes, on this machine
  /// @param arguments of the command line, `train` first, without those that say where it runs
  record Call(String place, int workers, int threads, Path model, List<String> arguments) {
    /// Copies the list.
    public Call {
      arguments = List.copyOf(arguments);
    }
  }

  /// What its places look like, for people.
  String places();

  /// Whether a place is one of its own.
  boolean has(String place);

  /// Trains there, and waits for the end.
  ///
  /// **Errors**: as those of a [dev.unfold.argument.ModuleCommand].
  ///
  /// @param out what the command line prints
  /// @param err for messages to people
  /// @return the exit code
  int train(Call call, PrintWriter out, PrintWriter err) throws Exception;
}
