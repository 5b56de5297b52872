package dev.unfold.head;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.List;

/// A [ValueLoss] of one number, computed in double by formulas that hold wherever the result can be represented. They
/// are for numbers out of the ordinary, and for losses that are no [PointwiseLoss]: what is ordinary the program of one
/// computes for whole rows at once, and no step of it overflows, underflows or cancels.
///
/// Below, m is the first output for the number z, s the second one where there are two, and d = m - z.
public interface NumberLoss {
  /// Writes down whether the program of the loss is right in single precision, too: 1 if so, and 0 if not or if any
  /// number is NaN. No number is if the loss is no [PointwiseLoss].
  ///
  /// @param y the outputs for the number
  default Slot ordinary(Pointwise.Builder b, List<Slot> y, Slot z) {
    return b.constant(0);
  }

  /// The loss of the number. Sets the derivatives with respect to its outputs.
  ///
  /// @param y the outputs for the number
  double compute(double[] y, double z, double[] slopes);

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
      case Quantiles all -> new Levels(all.levels());
      case LearnedStudentT _ -> new LearnedTails();
      case LearnedNegativeBinomial _ -> new LearnedCount();
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
    public Slot ordinary(Pointwise.Builder b, List<Slot> y, Slot z) {
      return isDistance(b, y.getFirst(), z, 1e-15, 1e15);
    }

    @Override
    public double compute(double[] y, double z, double[] slopes) {
      double d = y[0] - z;
      slopes[0] = d * 2;
      return d * d;
    }
  }

  /// `above (z - m)` for z above m, and `below (m - z)` for z below.
  record Weighted(double above, double below) implements NumberLoss {
    @Override
    public Slot ordinary(Pointwise.Builder b, List<Slot> y, Slot z) {
      Slot least =
          given(b, Math.min(above, below), 1e-15, 1, isDistance(b, y.getFirst(), z, 1e-15, 1e15));
      return given(b, Math.max(above, below), 1e-15, 1, least);
    }

    @Override
    public double compute(double[] y, double z, double[] slopes) {
      double d = y[0] - z;
      slopes[0] = d > 0 ? below : d < 0 ? -above : 0 * d;
      return d > 0 ? below * d : above * -d;
    }
  }

  /// `2/Q sum_q` of [Weighted] at m and what lies above and below it ([Quantiles]). The distances of all are sums that
  /// begin with d, as the difference of two large numbers would have no digits of a small one that was added to both.
  record Levels(List<Double> levels) implements NumberLoss {
    @Override
    public Slot ordinary(Pointwise.Builder b, List<Slot> y, Slot z) {
      int middle = levels.size() / 2;
      Slot all = isDistance(b, y.get(middle), z, 1e-15, 1e15);
      for (int q = 0; q < levels.size(); q++) {
        all = q == middle ? all : and(b, all, within(b, y.get(q), 80));
      }
      return given(b, levels.getFirst(), 1e-15, 1, given(b, 1 - levels.getLast(), 1e-15, 1, all));
    }

    @Override
    public double compute(double[] y, double z, double[] slopes) {
      int middle = levels.size() / 2;
      double sum = add(middle, y[middle] - z, slopes);
      double d = y[middle] - z;
      for (int q = middle + 1; q < levels.size(); q++) {
        d += Logistic.softplus(y[q]);
        sum += add(q, d, slopes);
      }
      d = y[middle] - z;
      for (int q = middle - 1; q >= 0; q--) {
        d -= Logistic.softplus(y[q]);
        sum += add(q, d, slopes);
      }
      double ofAll = slopes[middle];
      double above = 0;
      for (int q = levels.size() - 1; q > middle; q--) {
        above += slopes[q];
        slopes[q] = above * Logistic.sigmoid(y[q]);
      }
      double below = 0;
      for (int q = 0; q < middle; q++) {
        below += slopes[q];
        slopes[q] = -below * Logistic.sigmoid(y[q]);
      }
      slopes[middle] = ofAll + above + below;
      return sum;
    }

    /// The part of one level, d above the number; sets the derivative with respect to it.
    private double add(int q, double d, double[] slopes) {
      double weight = 2.0 / levels.size();
      double below = weight * (1 - levels.get(q));
      double above = weight * levels.get(q);
      slopes[q] = d > 0 ? below : d < 0 ? -above : 0 * d;
      return d > 0 ? below * d : above * -d;
    }
  }

  /// Huber's: the slope is d, but no further than `delta` from 0.
  record Clamped(double delta) implements NumberLoss {
    @Override
    public Slot ordinary(Pointwise.Builder b, List<Slot> y, Slot z) {
      return given(b, delta, 1e-15, 1e15, isDistance(b, y.getFirst(), z, 1e-15, 1e15));
    }

    @Override
    public double compute(double[] y, double z, double[] slopes) {
      double d = y[0] - z;
      double size = Math.abs(d);
      slopes[0] = size <= delta ? d : Math.copySign(Math.min(size, delta), d);
      return size <= delta ? 0.5 * d * d : delta * (size - 0.5 * delta);
    }
  }

  /// `z ln(1 + exp(-m)) + (1 - z) ln(1 + exp(m))`
  record YesOrNo() implements NumberLoss {
    @Override
    public Slot ordinary(Pointwise.Builder b, List<Slot> y, Slot z) {
      Slot centred = b.compute(Op.SUBTRACT, z, b.constant(0.5));
      return and(b, within(b, y.getFirst(), 80), within(b, centred, 1));
    }

    @Override
    public double compute(double[] y, double z, double[] slopes) {
      double m = y[0];
      slopes[0] = (1 - z) * Logistic.sigmoid(m) - z * Logistic.sigmoid(-m);
      return z * Logistic.softplus(-m) + (1 - z) * Logistic.softplus(m);
    }
  }

  /// `(q + s + ln(2 pi)) / 2` with q = d^2 exp(-s). The exponential is taken in four parts, each of which is a number
  /// where the whole is none but its product with d is.
  record Normal() implements NumberLoss {
    @Override
    public Slot ordinary(Pointwise.Builder b, List<Slot> y, Slot z) {
      return and(b, within(b, y.getLast(), 20), isDistance(b, y.getFirst(), z, 1e-10, 1e10));
    }

    @Override
    public double compute(double[] y, double z, double[] slopes) {
      double s = y[1];
      double d = y[0] - z;
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
    public Slot ordinary(Pointwise.Builder b, List<Slot> y, Slot z) {
      // Of more degrees single precision loses what 1 + x rounds off, times their number.
      Slot near = and(b, within(b, y.getLast(), 10), isDistance(b, y.getFirst(), z, 1e-8, 1e8));
      return given(b, degrees, 1e-3, 32, near);
    }

    @Override
    public double compute(double[] y, double z, double[] slopes) {
      double s = y[1];
      double d = y[0] - z;
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
      return 0.5 * (degrees + 1) * growth(d, s, t, degrees) + s + constant;
    }

    /// ln(1 + x)
    static double growth(double d, double s, double t, double degrees) {
      return t < 1e150 ? Math.log1p(t * t) : 2 * (Math.log(Math.abs(d)) - s) - Math.log(degrees);
    }
  }

  /// `r ln(1 + exp(u)) + z ln(1 + exp(-u))` with u = m - ln r, and what does not depend on m.
  record Count(ValueLoss.NegativeBinomial loss, double logOfShape) implements NumberLoss {
    @Override
    public Slot ordinary(Pointwise.Builder b, List<Slot> y, Slot z) {
      Slot u = b.compute(Op.SUBTRACT, y.getFirst(), b.constant(logOfShape));
      return given(b, loss.shape(), 1e-3, 1e3, and(b, within(b, u, 10), within(b, z, 1e6)));
    }

    @Override
    public double compute(double[] y, double z, double[] slopes) {
      double m = y[0];
      double u = m - logOfShape;
      double shape = loss.shape();
      // Far below 0 both are exp(u) times r, which is exp(m).
      double drawn = u < -40 ? Math.exp(m) : shape * Logistic.softplus(u);
      double slope = u < -40 ? Math.exp(m) : shape * Logistic.sigmoid(u);
      slopes[0] = z == 0 ? slope : slope - z * Logistic.sigmoid(-u);
      return drawn + (z == 0 ? 0 : z * Logistic.softplus(-u)) + loss.constant(z);
    }
  }
}
