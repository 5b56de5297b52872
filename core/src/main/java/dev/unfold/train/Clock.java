package dev.unfold.train;

import dev.unfold.train.data.TrainingData;

/// Keeps the time of a training run and says how much of its budget is used up.
final class Clock {
  private final Budget budget;
  private final long placesPerEpoch;
  private final long start;
  private long pausedAt;
  private long paused;
  private long tokens;

  /// @param placesPerEpoch as [TrainingData#places]
  /// @param before seconds that the run took before it was interrupted
  Clock(Budget budget, long placesPerEpoch, double before) {
    this.budget = budget;
    start = System.nanoTime() - (long) (before * 1e9);
    // Tokens a second are those of now.
    paused = (long) (before * 1e9);
    this.placesPerEpoch = placesPerEpoch;
  }

  boolean isOver(long places) {
    return switch (budget) {
      case Budget.Epochs epochs -> places >= epochs.count() * placesPerEpoch;
      case Budget.Minutes minutes -> seconds() >= minutes.count() * 60;
    };
  }

  /// The epoch of the last update, from 1; 0 before there was one.
  int epoch(long places) {
    return (int) Math.ceilDiv(places, placesPerEpoch);
  }

  /// The share of the budget that is used up.
  double done(long places) {
    double share =
        switch (budget) {
          case Budget.Epochs epochs -> places / ((double) epochs.count() * placesPerEpoch);
          case Budget.Minutes minutes -> seconds() / (minutes.count() * 60);
        };
    return Math.min(1, share);
  }

  double secondsLeft(long places) {
    double done = done(places);
    return done == 0 ? 0 : seconds() * (1 - done) / done;
  }

  void count(long more) {
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
