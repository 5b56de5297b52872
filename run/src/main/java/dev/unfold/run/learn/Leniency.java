package dev.unfold.run.learn;

/// How long a copy may be far worse before it begins anew. A copy that has just begun is often worse for a while, and
/// would never get over that if it began anew each time: so each time it may be so for twice as long.
final class Leniency {
  /// The share of a window that it begins with.
  private static final int FIRST = 4;

  /// So often twice as long is longer than anybody waits.
  private static final int MOST = 20;

  private final ContestOptions contest;
  private int falls;
  private long steps;

  Leniency(ContestOptions contest) {
    this.contest = contest;
  }

  /// Labelled steps that the copy has learned of.
  void add(int labelled) {
    steps += labelled;
  }

  /// Whether it has fallen.
  ///
  /// @param verdict of the window: the copy is the second
  boolean isOver(PairedWindow.Verdict verdict) {
    return steps * FIRST >= (long) contest.window() << falls
        && verdict.isWorse(contest.fall(), contest.deviations());
  }

  /// The copy begins anew because it has fallen.
  void fell() {
    falls = Math.min(falls + 1, MOST);
    steps = 0;
  }

  /// The copy begins anew, or was good enough to be served.
  void reset() {
    falls = 0;
    steps = 0;
  }
}
