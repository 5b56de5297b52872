package dev.unfold.head;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;

/// A [ValueLoss] of one number, computed in double by formulas that hold wherever the result can be represented. They
/// are for numbers out of the ordinary; what is ordinary a [ValueLoss#terms] program computes for whole rows at once,
/// and no step of it overflows, underflows or cancels.
///
/// Below, m is the output for the number z, s the second one where there are two, and d = m - z.
public interface NumberLoss {
  /// Writes down whether the program of the loss is right in single precision, too: 1 if so, and 0 if not or if any
  /// number is NaN.
  ///
  /// @param s m if there is one output alone
  Slot ordinary(Pointwise.Builder b, Slot m, Slot s, Slot z);

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

  /// Whether x is within `limit` of 0.
  private static Slot within(Pointwise.Builder b, Slot x, double limit) {
    Slot square = b.compute(Op.MULTIPLY, x, x);
    return b.compute(Op.STEP, b.compute(Op.SUBTRACT, b.constant(limit * limit), square));
  }

  /// Whether the difference of m and z is 0, or from `least` to `most`: a few of them multiplied are far from the ends
  /// of single precision.
  private static Slot isDistance(Pointwise.Builder b, Slot m, Slot z, double least, double most) {
    Slot d = b.compute(Op.SUBTRACT, m, z);
    Slot opposite = b.compute(Op.NEGATE, d);
    Slot differs = b.compute(Op.ADD, b.compute(Op.STEP, d), b.compute(Op.STEP, opposite));
    Slot isTiny = and(b, differs, within(b, d, least));
    return b.compute(Op.SUBTRACT, within(b, d, most), isTiny);
  }

  private static Slot and(Pointwise.Builder b, Slot one, Slot other) {
    return b.compute(Op.MULTIPLY, one, other);
  }

  /// `flag` if a parameter of the loss is from `least` to `most`, else 0.
  private static Slot given(
      Pointwise.Builder b, double parameter, double least, double most, Slot flag) {
    return and(b, flag, b.constant(parameter >= least && parameter <= most ? 1 : 0));
  }

  /// d^2
  record Squared() implements NumberLoss {
    @Override
    public Slot ordinary(Pointwise.Builder b, Slot m, Slot s, Slot z) {
      return isDistance(b, m, z, 1e-15, 1e15);
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
    public Slot ordinary(Pointwise.Builder b, Slot m, Slot s, Slot z) {
      Slot least = given(b, Math.min(above, below), 1e-15, 1, isDistance(b, m, z, 1e-15, 1e15));
      return given(b, Math.max(above, below), 1e-15, 1, least);
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
    public Slot ordinary(Pointwise.Builder b, Slot m, Slot s, Slot z) {
      return given(b, delta, 1e-15, 1e15, isDistance(b, m, z, 1e-15, 1e15));
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
    public Slot ordinary(Pointwise.Builder b, Slot m, Slot s, Slot z) {
      Slot centred = b.compute(Op.SUBTRACT, z, b.constant(0.5));
      return and(b, within(b, m, 80), within(b, centred, 1));
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
    public Slot ordinary(Pointwise.Builder b, Slot m, Slot s, Slot z) {
      return and(b, within(b, s, 20), isDistance(b, m, z, 1e-10, 1e10));
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
    public Slot ordinary(Pointwise.Builder b, Slot m, Slot s, Slot z) {
      // Of more degrees single precision loses what 1 + x rounds off, times their number.
      Slot near = and(b, within(b, s, 10), isDistance(b, m, z, 1e-8, 1e8));
      return given(b, degrees, 1e-3, 32, near);
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
    public Slot ordinary(Pointwise.Builder b, Slot m, Slot s, Slot z) {
      Slot u = b.compute(Op.SUBTRACT, m, b.constant(logOfShape));
      return given(b, loss.shape(), 1e-3, 1e3, and(b, within(b, u, 10), within(b, z, 1e6)));
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
