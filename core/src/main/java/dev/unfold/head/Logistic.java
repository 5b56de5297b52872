package dev.unfold.head;

/// Functions of exponentials, to all digits wherever the result can be represented.
final class Logistic {
  /// Up to here a series has all digits soon.
  private static final double SMALL = 0.1;

  private Logistic() {}

  /// 1 / (1 + exp(-x)), to all digits where it is nearly 0.
  static double sigmoid(double x) {
    double e = Math.exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  /// ln(1 + exp(x))
  static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  /// x - ln(1 + x) for x above -1: near 0 the sum of `(-x)^k / k` from k = 2 on, as the difference would cancel.
  static double overLogarithm(double x) {
    if (Math.abs(x) > SMALL) {
      return x - Math.log1p(x);
    }
    double sum = 0;
    double power = -x;
    for (int k = 2; k < 18; k++) {
      power *= -x;
      sum += power / k;
    }
    return sum;
  }
}
