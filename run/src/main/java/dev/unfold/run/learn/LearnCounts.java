package dev.unfold.run.learn;

/// What was counted.
final class LearnCounts {
  long steps;
  double original;
  double served;
  double learning;
  long updates;
  long promotions;
  long rollbacks;
  long restarts;
  long skipped;
  double seconds;
}
