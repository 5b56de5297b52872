package dev.unfold.data.profile;

/// The values that one series has of one target.
final class ValueTrack {
  private int present;
  private int missing;
  private int zeros;
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;

  void add(double value) {
    if (Double.isNaN(value)) {
      missing++;
      return;
    }
    present++;
    zeros += value == 0 ? 1 : 0;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }

  boolean isConstant() {
    return present > 1 && least == most;
  }

  boolean isEmpty() {
    return present == 0;
  }

  long missing() {
    return missing;
  }

  long zeros() {
    return zeros;
  }
}
