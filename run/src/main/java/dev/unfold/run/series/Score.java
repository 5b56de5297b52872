package dev.unfold.run.series;

import java.util.List;

/// What makes a value odd.
enum Score {
  /// How unlikely it is: `-ln p`, with p twice the smaller of the probabilities of its being so low and so high.
  SINGLE(0),
  /// How unlikely the last values are together: the mean of their `min(-ln p, 8)`, which forgets over 12 steps.
  RECENT(1),
  /// How often it was repeated exactly, beyond twice.
  HELD(2),
  /// How far it is from where the other targets of the event say that it should be: `ln(1 + |r|)`, see [Relation].
  JOINT(3);

  /// All of them.
  static final List<Score> ALL = List.of(values());

  /// One event in so many is above the value by which a spread is kept up.
  static final int OFTEN = 20;

  /// The logarithm of a spread, at most.
  static final double MOST = 2;

  /// Steps over which the recent score forgets.
  static final int RECENTLY = 12;

  /// Steps from one event that gives alarm to the next of the same alarm, at most.
  static final int MERGED = RECENTLY;

  /// A single score counts at most so much in the recent one.
  static final double CAP = 8;

  /// Repetitions that say nothing.
  static final int REPEATED = 2;

  /// By how much the logarithm of a spread follows one event.
  static final double RATE = 0.01;

  private final int place;

  Score(int place) {
    this.place = place;
  }

  /// Where it stands among the scores of a target.
  int place() {
    return place;
  }

  /// Of how many of the highest peaks the fall of a tail is found. How often a value is repeated is a whole number,
  /// most often a small one, and now and then a large one: there counting tells more.
  int fitted() {
    return this == HELD ? 4 : 32;
  }

  /// The least scale of a tail.
  double leastScale() {
    return this == HELD ? 1 : 0.05;
  }

  /// Whether its values are spread more or less with time; how often values repeat does not.
  boolean isSpread() {
    return this != HELD;
  }

  /// ln of a spread after an event: a step up if x is above the usual value so spread, else a small one down, so that
  /// one event in [#OFTEN] is above. How far x is above says nothing, so that what is odd teaches little.
  static double followed(double spread, double x, double usual) {
    double share = 1.0 / OFTEN;
    double moved = spread + RATE * ((x > usual * Math.exp(spread) ? 1 : 0) - share);
    return Math.clamp(moved, -MOST, MOST);
  }
}
