package dev.unfold.formats.graph;

/// Functions of one number that Java does not have.
final class Functions {
  private static final double SERIES = 2.5;
  private static final int TERMS = 60;

  private Functions() {}

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  static double relu(double x) {
    return x < 0 ? 0 : x;
  }

  static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  static double softsign(double x) {
    return x / (1 + Math.abs(x));
  }

  static double hardSigmoid(double x, double alpha, double beta) {
    return Math.max(0, Math.min(1, alpha * x + beta));
  }

  static double gelu(double x) {
    return 0.5 * x * (1 + erf(x / Math.sqrt(2)));
  }

  static double geluByTanh(double x) {
    return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }

  /// The error function: its series where that converges fast, and the continued fraction of its complement elsewhere.
  static double erf(double x) {
    double size = Math.abs(x);
    if (Double.isNaN(x)) {
      return x;
    }
    if (size > SERIES) {
      return Math.signum(x) * (1 - complement(size));
    }
    double term = x;
    double sum = x;
    for (int n = 1; n < TERMS; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return 2 / Math.sqrt(Math.PI) * sum;
  }

  private static double complement(double x) {
    double fraction = x;
    for (int n = TERMS; n > 0; n--) {
      fraction = x + n / 2.0 / fraction;
    }
    return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
  }
}
