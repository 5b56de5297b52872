package dev.unfold.proof;

/// Bounds that a value cannot leave: with them a random expression stays where its functions are smooth.
///
/// @param low the lower bound
/// @param high the upper bound
record Interval(double low, double high) {
  static Interval around(double radius) {
    return new Interval(-radius, radius);
  }

  static Interval of(double value) {
    return new Interval(value, value);
  }

  /// The largest magnitude.
  double magnitude() {
    return Math.max(Math.abs(low), Math.abs(high));
  }

  /// The bounds of an increasing function.
  Interval map(java.util.function.DoubleUnaryOperator increasing) {
    return new Interval(increasing.applyAsDouble(low), increasing.applyAsDouble(high));
  }

  Interval negate() {
    return new Interval(-high, -low);
  }

  Interval plus(Interval other) {
    return new Interval(low + other.low, high + other.high);
  }

  Interval minus(Interval other) {
    return plus(other.negate());
  }

  Interval times(Interval other) {
    double a = low * other.low;
    double b = low * other.high;
    double c = high * other.low;
    double d = high * other.high;
    return new Interval(
        Math.min(Math.min(a, b), Math.min(c, d)), Math.max(Math.max(a, b), Math.max(c, d)));
  }

  /// A sum of `count` such values.
  Interval times(int count) {
    return new Interval(count * low, count * high);
  }

  /// 1 / this, which does not hold zero.
  Interval inverse() {
    return new Interval(1 / high, 1 / low);
  }

  /// Whether every value is at least `distance` from zero, all on one side.
  boolean isAwayFromZero(double distance) {
    return low >= distance || high <= -distance;
  }
}
