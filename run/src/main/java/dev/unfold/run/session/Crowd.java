package dev.unfold.run.session;

/// Whether it pays to let other virtual threads come first, so that what they bring is run along.
///
/// Virtual threads share as many processors as there are, and one that runs a network leaves its own to nobody: those
/// that have rows to bring would bring them one after the other, each to a frame of its own. A yield costs a
/// microsecond or less, and is worth it only where there is a crowd; so it is tried now and then, and kept up for as
/// long as frames are shared.
///
/// **Threads**: any number. They may overwrite each other's counts: what they decide is a matter of speed alone.
final class Crowd {
  private static final int TRIES = 16;
  private static final int PATIENCE = 4;

  private int calls;
  private int alone = PATIENCE;

  /// Yields if that has been worth it lately, or to see whether it is.
  // Not to be right, but to be fast: whatever the scheduler does, the numbers are the same.
  @SuppressWarnings("ThreadPriorityCheck")
  void letOthersCome() {
    boolean isTry = ++calls % TRIES == 0;
    if ((isTry || alone < PATIENCE) && Thread.currentThread().isVirtual()) {
      alone = Math.min(alone, PATIENCE) + 1;
      Thread.yield();
    }
  }

  /// That a frame was run for so many.
  void saw(int jobs) {
    if (jobs > 1) {
      alone = 0;
    }
  }
}
