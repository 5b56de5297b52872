package dev.unfold.net;

/// A [ValueLoss] of one number, computed in double by formulas that hold wherever the result can be represented. They
/// are for numbers out of the ordinary; what is ordinary a [ValueLoss#terms] program computes for whole rows at once,
/// and no step of it overflows, underflows or cancels.
///
/// Below, m is the output for the number z, s the second one where there are two, and d = m - z.
interface NumberLoss {
  /// Whether the program of the loss is right in single precision, too.
  ///
  /// @param s m if there is one output alone
  boolean isOrdinary(double m, double s, double z);

  /// The loss of the number. Sets the derivatives with respect to its outputs.
  double compute(double m, double s, double z, double[] slopes);

  /// The way to compute `loss`.
  static NumberLoss of(ValueLoss loss) {
    return switch (loss) {
      case ValueLoss.SquaredError _ -> new Squared();
      case ValueLoss.AbsoluteError _ -> new Weighted(1, 1);
      case ValueLoss.Quantile all -> new Weighted(all.quantile(), 1 - all.quantile());
      case ValueLoss.Huber all -> new Clamped(all.delta());
      case ValueLoss.SigmoidCrossEntropy _ -> new YesOrNo();
      case ValueLoss.Gaussian _ -> new Normal();
      case ValueLoss.StudentT all -> new HeavyTailed(all.degrees(), all.constant());
      case ValueLoss.NegativeBinomial all -> new Count(all, Math.log(all.shape()));
    };
  }

  /// Whether products of a few of `x` are far from the ends of single precision, as 0 is.
  private static boolean isOfOrdinarySize(double x, double least, double most) {
    double size = Math.abs(x);
    return size <= most && (size >= least || size == 0);
  }

  /// d^2
  record Squared() implements NumberLoss {
    @Override
    public boolean isOrdinary(double m, double s, double z) {
      return isOfOrdinarySize(m - z, 1e-15, 1e15);
    }

    @Override
    public double compute(double m, double s, double z, double[] slopes) {
      double d = m - z;
      slopes[0] = d * 2;
      return d * d;
    }
  }

  /// `above (z - m)` for z above m, and `below (m - z)` for z below.
  record Weighted(double above, double below) implements NumberLoss {
    @Override
    public boolean isOrdinary(double m, double s, double z) {
      return isOfOrdinarySize(m - z, 1e-15, 1e15)
          && Math.min(above, below) >= 1e-15
          && Math.max(above, below) <= 1;
    }

    @Override
    public double compute(double m, double s, double z, double[] slopes) {
      double d = m - z;
      slopes[0] = d > 0 ? below : d < 0 ? -above : 0 * d;
      return d > 0 ? below * d : above * -d;
    }
  }

  /// Huber's: the slope is d, but no further than `delta` from 0.
  record Clamped(double delta) implements NumberLoss {
    @Override
    public boolean isOrdinary(double m, double s, double z) {
      return isOfOrdinarySize(m - z, 1e-15, 1e15) && isOfOrdinarySize(delta, 1e-15, 1e15);
    }

    @Override
    public double compute(double m, double s, double z, double[] slopes) {
      double d = m - z;
      double size = Math.abs(d);
      slopes[0] = size <= delta ? d : Math.copySign(Math.min(size, delta), d);
      return size <= delta ? 0.5 * d * d : delta * (size - 0.5 * delta);
    }
  }

  /// `z ln(1 + exp(-m)) + (1 - z) ln(1 + exp(m))`
  record YesOrNo() implements NumberLoss {
    @Override
    public boolean isOrdinary(double m, double s, double z) {
      return Math.abs(m) <= 80 && z >= 0 && z <= 1;
    }

    @Override
    public double compute(double m, double s, double z, double[] slopes) {
      slopes[0] = (1 - z) * sigmoid(m) - z * sigmoid(-m);
      return z * softplus(-m) + (1 - z) * softplus(m);
    }
  }

  /// `(q + s + ln(2 pi)) / 2` with q = d^2 exp(-s). The exponential is taken in four parts, each of which is a number
  /// where the whole is none but its product with d is.
  record Normal() implements NumberLoss {
    @Override
    public boolean isOrdinary(double m, double s, double z) {
      return Math.abs(s) <= 20 && isOfOrdinarySize(m - z, 1e-10, 1e10);
    }

    @Override
    public double compute(double m, double s, double z, double[] slopes) {
      double d = m - z;
      double quarter = Math.exp(-0.25 * s);
      double scaled = d == 0 ? 0 : d * quarter * quarter;
      double square = scaled * scaled;
      slopes[0] = d == 0 ? 0 : scaled * quarter * quarter;
      slopes[1] = 0.5 - 0.5 * square;
      return 0.5 * (square + s + Math.log(2 * Math.PI));
    }
  }

  /// `(n + 1) / 2 ln(1 + x) + s + constant` with x = t^2 and t = |d| exp(-s) / sqrt(n). With a large t its logarithm
  /// takes its place, and x / (1 + x) that of both.
  record HeavyTailed(double degrees, double constant) implements NumberLoss {
    @Override
    public boolean isOrdinary(double m, double s, double z) {
      // Of more degrees single precision loses what 1 + x rounds off, times their number.
      return degrees >= 1e-3
          && degrees <= 32
          && Math.abs(s) <= 10
          && isOfOrdinarySize(m - z, 1e-8, 1e8);
    }

    @Override
    public double compute(double m, double s, double z, double[] slopes) {
      double d = m - z;
      if (d == 0) {
        slopes[0] = 0;
        slopes[1] = 1;
        return s + constant;
      }
      double half = Math.exp(-0.5 * s);
      double scaled = d * half * half;
      double t = Math.abs(scaled) / Math.sqrt(degrees);
      double x = t * t;
      double share = t <= 1 ? x / (1 + x) : 1 / (1 + 1 / x);
      slopes[0] =
          t <= 1
              ? (degrees + 1) / degrees / (1 + x) * scaled * half * half
              : (degrees + 1) * share / d;
      slopes[1] = 1 - (degrees + 1) * share;
      double growth =
          t < 1e150 ? Math.log1p(x) : 2 * (Math.log(Math.abs(d)) - s) - Math.log(degrees);
      return 0.5 * (degrees + 1) * growth + s + constant;
    }
  }

  /// `r ln(1 + exp(u)) + z ln(1 + exp(-u))` with u = m - ln r, and what does not depend on m.
  record Count(ValueLoss.NegativeBinomial loss, double logOfShape) implements NumberLoss {
    @Override
    public boolean isOrdinary(double m, double s, double z) {
      return loss.shape() >= 1e-3
          && loss.shape() <= 1e3
          && z >= 0
          && z <= 1e6
          && Math.abs(m - logOfShape) <= 10;
    }

    @Override
    public double compute(double m, double s, double z, double[] slopes) {
      double u = m - logOfShape;
      double shape = loss.shape();
      // Far below 0 both are exp(u) times r, which is exp(m).
      double drawn = u < -40 ? Math.exp(m) : shape * softplus(u);
      double slope = u < -40 ? Math.exp(m) : shape * sigmoid(u);
      slopes[0] = z == 0 ? slope : slope - z * sigmoid(-u);
      return drawn + (z == 0 ? 0 : z * softplus(-u)) + loss.constant(z);
    }
  }

  /// 1 / (1 + exp(-x)), to all digits where it is nearly 0.
  private static double sigmoid(double x) {
    double e = Math.exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  /// ln(1 + exp(x))
  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }
}
