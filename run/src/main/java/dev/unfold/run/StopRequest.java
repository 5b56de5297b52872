package dev.unfold.run;

import java.util.function.IntConsumer;

/// The wish to stop a training that runs in a process which does not hear it itself, as on a cluster: passed on by who
/// hears it, to who can fulfil it. It may come before somebody listens.
///
/// **Threads**: any.
public final class StopRequest {
  private int exitCode;
  private IntConsumer listener = code -> {};

  /// Nobody has asked yet.
  public StopRequest() {}

  /// Asks. Only the first time counts.
  ///
  /// @param code with which the process is to end that was told to stop: 128 and the number of the signal
  public synchronized void ask(int code) {
    if (exitCode == 0) {
      exitCode = code;
      listener.accept(code);
    }
  }

  /// Tells a new listener, and only that one: at once if somebody has asked before.
  ///
  /// @param told the exit code
  public synchronized void listen(IntConsumer told) {
    listener = told;
    if (exitCode != 0) {
      told.accept(exitCode);
    }
  }
}
