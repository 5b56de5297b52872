package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.vector.lanes.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Multiply-adds from registers alone: the most that a core can do.
public final class MultiplyAdds {
  /// Independent sums. A core starts two multiply-adds a cycle and needs four cycles for each: eight sums
  /// would do if the loop cost nothing.
  private static final int SUMS = 16;

  private MultiplyAdds() {}

  public static long run(long rounds) {
    FloatVector factor = Lanes.fill(0.5f);
    FloatVector term = Lanes.fill(1f);
    FloatVector s0 = term;
    FloatVector s1 = term;
    FloatVector s2 = term;
    FloatVector s3 = term;
    FloatVector s4 = term;
    FloatVector s5 = term;
    FloatVector s6 = term;
    FloatVector s7 = term;
    FloatVector s8 = term;
    FloatVector s9 = term;
    FloatVector sa = term;
    FloatVector sb = term;
    FloatVector sc = term;
    FloatVector sd = term;
    FloatVector se = term;
    FloatVector sf = term;
    for (long i = 0; i < rounds; i++) {
      s0 = s0.fma(factor, term);
      s1 = s1.fma(factor, term);
      s2 = s2.fma(factor, term);
      s3 = s3.fma(factor, term);
      s4 = s4.fma(factor, term);
      s5 = s5.fma(factor, term);
      s6 = s6.fma(factor, term);
      s7 = s7.fma(factor, term);
      s8 = s8.fma(factor, term);
      s9 = s9.fma(factor, term);
      sa = sa.fma(factor, term);
      sb = sb.fma(factor, term);
      sc = sc.fma(factor, term);
      sd = sd.fma(factor, term);
      se = se.fma(factor, term);
      sf = sf.fma(factor, term);
    }
    FloatVector low = s0.add(s1).add(s2.add(s3)).add(s4.add(s5).add(s6.add(s7)));
    FloatVector high = s8.add(s9).add(sa.add(sb)).add(sc.add(sd).add(se.add(sf)));
    // No sum exceeds 2: the test keeps them alive without changing the count.
    boolean impossible = low.add(high).compare(VectorOperators.GT, 2f * SUMS).anyTrue();
    return impossible ? 0 : 2L * SUMS * Lanes.LANES * rounds;
  }
}
