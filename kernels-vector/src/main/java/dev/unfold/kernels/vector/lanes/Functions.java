package dev.unfold.kernels.vector.lanes;

import static dev.unfold.kernels.vector.lanes.Lanes.fill;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/// Elementary functions of a vector, lane by lane.
///
/// They are made of single operations that IEEE 754 defines to the last bit, so a lane's result depends on
/// its argument alone: not on its place, the width of the vectors, nor on whether the code has been
/// compiled yet (the Vector API's own functions differ there).
///
/// **Accuracy**: within 2.25 units in the last place over the whole range, except that sigmoid is 0 where
/// exp(-x) overflows and it should be less than the smallest normal number. NaN gives NaN.
///
/// **Source**: reduction and polynomials of exp and log as in the Cephes library (S. Moshier); the sums are
/// arranged for fused multiply-adds. The polynomial of ln(1 + y) has the least largest error relative to it, found by
/// Lawson's iteration.
public final class Functions {
  private static final float LOG2_E = 1.442695f;
  // ln 2 in two parts; the first has few enough bits that a product with any exponent is exact.
  private static final float LN2_HIGH = 0.6933594f;
  private static final float LN2_LOW = -0.00021219444f;

  /// 1.5 * 2^23: adding it rounds to the nearest integer, which is then in the lowest bits.
  private static final float ROUND = 12582912f;

  /// The bits of that; loops of another package that have a function's body in them read it.
  public static final int ROUND_BITS = Float.floatToRawIntBits(ROUND);

  /// The bits of 1, read likewise.
  public static final int ONE_BITS = Float.floatToRawIntBits(1f);

  /// The bits of the root of 1/2, read likewise.
  public static final int ROOT_HALF_BITS = Float.floatToRawIntBits(0.70710677f);

  private static final int SIGN_BIT = 0x8000_0000;
  private static final int MANTISSA_BITS = 23;

  // exp overflows above 88.73 and is less than half of the least number below -103.98.
  private static final float EXP_HIGHEST = 89f;
  private static final float EXP_LOWEST = -104f;

  // tanh rounds to 1 from 9.011 on.
  private static final float TANH_HIGHEST = 9.02f;

  private Functions() {}

  /// exp(x) = 2^n exp(r) with n = round(x / ln 2), r = x - n ln 2. The power of two is applied in two
  /// halves, each of them a normal number, so that overflow and underflow come about by themselves.
  public static FloatVector exp(FloatVector x) {
    FloatVector bounded =
        x.blend(EXP_HIGHEST, x.compare(VectorOperators.GT, EXP_HIGHEST))
            .blend(EXP_LOWEST, x.compare(VectorOperators.LT, EXP_LOWEST));
    FloatVector rounded = bounded.fma(fill(LOG2_E), fill(ROUND));
    FloatVector rest = remainder(bounded, rounded.sub(ROUND));
    IntVector n = rounded.reinterpretAsInts().sub(ROUND_BITS);
    IntVector half = n.lanewise(VectorOperators.ASHR, 1);
    return expMinusOne(rest).add(1f).mul(powerOfTwo(half)).mul(powerOfTwo(n.sub(half)));
  }

  /// tanh(x) = e / (e + 2) with e = exp(2 |x|) - 1 = 2^n (exp(r) - 1) + (2^n - 1), and x's sign. For small x,
  /// n is 0 and nothing cancels: the result is accurate relative to x.
  static FloatVector tanh(FloatVector x) {
    FloatVector size = x.abs();
    FloatVector bounded = size.blend(TANH_HIGHEST, size.compare(VectorOperators.GT, TANH_HIGHEST));
    FloatVector twice = bounded.add(bounded);
    FloatVector rounded = twice.fma(fill(LOG2_E), fill(ROUND));
    FloatVector rest = remainder(twice, rounded.sub(ROUND));
    FloatVector scale = powerOfTwo(rounded.reinterpretAsInts().sub(ROUND_BITS));
    FloatVector e = expMinusOne(rest).fma(scale, scale.sub(1f));
    FloatVector result = e.div(e.add(2f));
    IntVector sign = x.reinterpretAsInts().and(SIGN_BIT);
    return result.reinterpretAsInts().or(sign).reinterpretAsFloats();
  }

  /// 1 / (1 + exp(-x)): exactly 1 above 17, and 0 where exp(-x) overflows, below -88.7.
  static FloatVector sigmoid(FloatVector x) {
    return fill(1f).div(exp(x.neg()).add(1f));
  }

  /// The natural logarithm. A subnormal number is scaled up first.
  static FloatVector log(FloatVector x) {
    VectorMask<Float> subnormal = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
    FloatVector scaled = x.blend(x.mul(0x1p23f), subnormal);
    FloatVector result = logOfNormal(scaled, fill(0f).blend(-23f, subnormal));
    result = result.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0f));
    result = result.blend(Float.NaN, x.compare(VectorOperators.LT, 0f));
    // Infinity and NaN have no mantissa to speak of: they are their own logarithms.
    return x.blend(result, x.compare(VectorOperators.LT, Float.POSITIVE_INFINITY));
  }

  /// ln(1 + exp(x)) = max(x, 0) + ln(1 + exp(-|x|)).
  static FloatVector softplus(FloatVector x) {
    return softplus(x, exp(x.abs().neg()));
  }

  /// The same, given e = exp(-|x|).
  static FloatVector softplus(FloatVector x, FloatVector e) {
    return relu(x).add(logOnePlus(e));
  }

  /// max(x, 0)
  static FloatVector relu(FloatVector x) {
    return x.blend(0f, x.compare(VectorOperators.LE, 0f));
  }

  /// 1 if x > 0, else 0
  static FloatVector step(FloatVector x) {
    return fill(0f).blend(1f, x.compare(VectorOperators.GT, 0f));
  }

  /// ln(1 + y) for y from 0 to 1: y - y^2 q(y). Nothing cancels, and small numbers are their own results.
  private static FloatVector logOnePlus(FloatVector y) {
    FloatVector q = fill(-0.002072956f);
    q = q.fma(y, fill(0.013631524f));
    q = q.fma(y, fill(-0.041981455f));
    q = q.fma(y, fill(0.08307418f));
    q = q.fma(y, fill(-0.12467131f));
    q = q.fma(y, fill(0.1612934f));
    q = q.fma(y, fill(-0.19897933f));
    q = q.fma(y, fill(0.2498858f));
    q = q.fma(y, fill(-0.3333269f));
    q = q.fma(y, fill(0.49999988f));
    return y.mul(y).neg().fma(q, y);
  }

  /// ln x + `exponent` ln 2 for a normal number x: with x = 2^n m, m from sqrt(1/2) to sqrt(2), ln x is
  /// n ln 2 + ln m.
  private static FloatVector logOfNormal(FloatVector x, FloatVector exponent) {
    IntVector bits = x.reinterpretAsInts();
    // The exponent of the bits relative to sqrt(1/2) is n; what is left are the bits of m.
    IntVector n = bits.sub(ROOT_HALF_BITS).lanewise(VectorOperators.ASHR, MANTISSA_BITS);
    FloatVector m = bits.sub(n.lanewise(VectorOperators.LSHL, MANTISSA_BITS)).reinterpretAsFloats();
    return logOf(m.sub(1f), toFloat(n).add(exponent));
  }

  /// x - n ln 2
  private static FloatVector remainder(FloatVector x, FloatVector n) {
    return n.fma(fill(-LN2_LOW), n.fma(fill(-LN2_HIGH), x));
  }

  /// exp(r) - 1 for r from -ln 2 / 2 to ln 2 / 2: r + r^2 p(r).
  private static FloatVector expMinusOne(FloatVector r) {
    FloatVector p = fill(0.00019875691f);
    p = p.fma(r, fill(0.0013981999f));
    p = p.fma(r, fill(0.008333452f));
    p = p.fma(r, fill(0.041665796f));
    p = p.fma(r, fill(0.16666666f));
    p = p.fma(r, fill(0.5f));
    return p.mul(r).fma(r, r);
  }

  /// ln(1 + f) + n ln 2 for f from sqrt(1/2) - 1 to sqrt(2) - 1: f - f^2 / 2 + f^3 p(f).
  private static FloatVector logOf(FloatVector f, FloatVector n) {
    FloatVector p = fill(0.070376836f);
    p = p.fma(f, fill(-0.1151461f));
    p = p.fma(f, fill(0.116769984f));
    p = p.fma(f, fill(-0.12420141f));
    p = p.fma(f, fill(0.14249323f));
    p = p.fma(f, fill(-0.16668057f));
    p = p.fma(f, fill(0.20000714f));
    p = p.fma(f, fill(-0.24999994f));
    p = p.fma(f, fill(0.3333333f));
    FloatVector square = f.mul(f);
    FloatVector rest = p.mul(f).mul(square);
    rest = n.fma(fill(LN2_LOW), rest);
    rest = square.fma(fill(-0.5f), rest);
    return n.fma(fill(LN2_HIGH), f.add(rest));
  }

  /// 2^n for n from -126 to 127
  private static FloatVector powerOfTwo(IntVector n) {
    return n.lanewise(VectorOperators.LSHL, MANTISSA_BITS).add(ONE_BITS).reinterpretAsFloats();
  }

  /// The floats of small integers: the reverse of rounding by [#ROUND].
  private static FloatVector toFloat(IntVector n) {
    return n.add(ROUND_BITS).reinterpretAsFloats().sub(ROUND);
  }
}
