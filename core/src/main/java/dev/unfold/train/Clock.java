package dev.unfold.train;

/// Keeps the time of a training run and says how much of its budget is used up.
final class Clock {
  private final Budget budget;
  private final long updatesPerEpoch;
  private final long start;
  private long pausedAt;
  private long paused;
  private long tokens;

  /// @param before seconds that the run took before it was interrupted
  Clock(Budget budget, long updatesPerEpoch, double before) {
    this.budget = budget;
    start = System.nanoTime() - (long) (before * 1e9);
    // Tokens a second are those of now.
    paused = (long) (before * 1e9);
    this.updatesPerEpoch = updatesPerEpoch;
  }

  boolean isOver(long updates) {
    return switch (budget) {
      case Budget.Epochs epochs -> updates >= epochs.count() * updatesPerEpoch;
      case Budget.Minutes minutes -> seconds() >= minutes.count() * 60;
    };
  }

  /// The share of the budget that is used up.
  double done(long updates) {
    double share =
        switch (budget) {
          case Budget.Epochs epochs -> updates / ((double) epochs.count() * updatesPerEpoch);
          case Budget.Minutes minutes -> seconds() / (minutes.count() * 60);
        };
    return Math.min(1, share);
  }

  double secondsLeft(long updates) {
    double done = done(updates);
    return done == 0 ? 0 : seconds() * (1 - done) / done;
  }

  void count(int more) {
    tokens += more;
  }

  void pause() {
    pausedAt = System.nanoTime();
  }

  void resume() {
    paused += System.nanoTime() - pausedAt;
  }

  double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  double tokensPerSecond() {
    double training = seconds() - paused / 1e9;
    return training > 0 ? tokens / training : 0;
  }
}
