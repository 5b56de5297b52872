package dev.unfold.kernels.vector.lanes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.vector.ChildJvm;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class FunctionsTest {
  /// Bit patterns of the arguments lie this far apart, a prime: half a million arguments of every size.
  private static final int STEP = 8_191;

  /// Units in the last place. An exponential is off by one, and the sum and the quotient around it add half
  /// a unit each, which counts twice where the result has just passed a power of two.
  private static final double LIMIT = 2.25;

  @Test
  void exp_wholeRange_isAccurate() {
    assertAccurate("exp", Functions::exp, Math::exp, 0);
  }

  @Test
  void tanh_wholeRange_isAccurate() {
    assertAccurate("tanh", Functions::tanh, Math::tanh, 0);
  }

  @Test
  void sigmoid_wholeRange_isAccurate() {
    // Where exp(-x) overflows the result is 0 instead of a number below the smallest normal one.
    assertAccurate("sigmoid", Functions::sigmoid, x -> 1 / (1 + Math.exp(-x)), Float.MIN_NORMAL);
  }

  @Test
  void log_wholeRange_isAccurate() {
    assertAccurate("log", Functions::log, Math::log, 0);
  }

  @Test
  void softplus_wholeRange_isAccurate() {
    assertAccurate(
        "softplus",
        Functions::softplus,
        x -> Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
        0);
  }

  /// Compares at arguments of every size and both signs, in all lanes.
  private static void assertAccurate(
      String name,
      UnaryOperator<FloatVector> function,
      DoubleUnaryOperator exact,
      double absolute) {
    float[] arguments = new float[Lanes.LANES];
    float[] results = new float[Lanes.LANES];
    double worst = 0;
    float worstAt = 0;
    long bits = Integer.MIN_VALUE;
    while (bits <= Integer.MAX_VALUE) {
      for (int i = 0; i < arguments.length; i++, bits += STEP) {
        arguments[i] = Float.intBitsToFloat((int) Math.min(bits, Integer.MAX_VALUE));
      }
      function.apply(FloatVector.fromArray(Lanes.SPECIES, arguments, 0)).intoArray(results, 0);
      for (int i = 0; i < arguments.length; i++) {
        double error = units(exact.applyAsDouble(arguments[i]), results[i], absolute);
        if (error > worst) {
          worst = error;
          worstAt = arguments[i];
        }
      }
    }
    System.out.println(name + ": at most " + worst + " units in the last place, at " + worstAt);
    assertTrue(worst <= LIMIT, name + ": " + worst + " units in the last place at " + worstAt);
  }

  /// The distance in units of the last place of the float next to `expected`.
  private static double units(double expected, float actual, double absolute) {
    if (Double.isNaN(expected) || Double.isNaN(actual)) {
      return Double.isNaN(expected) && Double.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
    }
    float rounded = (float) expected;
    if (rounded == actual) {
      return 0;
    }
    double error = Math.abs(expected - actual);
    return error <= absolute ? 0 : error / Math.ulp(rounded);
  }

  @Test
  void functions_specialArguments_giveSpecialResults() {
    assertEquals(Float.POSITIVE_INFINITY, at(Functions::exp, 89));
    assertEquals(0f, at(Functions::exp, -200));
    assertEquals(1f, at(Functions::exp, 0));
    assertEquals(Float.NEGATIVE_INFINITY, at(Functions::log, 0));
    assertEquals(Float.NEGATIVE_INFINITY, at(Functions::log, -0f));
    assertTrue(Float.isNaN(at(Functions::log, -1e-40f)));
    assertEquals(0f, at(Functions::log, 1));
    assertEquals(Float.POSITIVE_INFINITY, at(Functions::log, Float.POSITIVE_INFINITY));
    assertEquals(Float.MIN_VALUE, at(Functions::tanh, Float.MIN_VALUE));
    assertEquals(-1f, at(Functions::tanh, Float.NEGATIVE_INFINITY));
    assertEquals(1f, at(Functions::sigmoid, 30));
    assertEquals(0f, at(Functions::sigmoid, -200));
    assertEquals(0.5f, at(Functions::sigmoid, 0));
    assertEquals(Float.POSITIVE_INFINITY, at(Functions::softplus, Float.POSITIVE_INFINITY));
    assertEquals(0f, at(Functions::softplus, Float.NEGATIVE_INFINITY));
  }

  private static float at(UnaryOperator<FloatVector> function, float x) {
    return function.apply(Lanes.fill(x)).lane(0);
  }

  @Test
  void functions_interpretedAndCompiled_giveTheSameBits() throws Exception {
    ChildJvm.Result interpreted =
        ChildJvm.run(FunctionBits.class, "--add-modules=jdk.incubator.vector", "-Xint");
    String before = FunctionBits.all();
    for (int i = 0; i < 200; i++) {
      assertEquals(before, FunctionBits.all(), "after " + i + " runs");
    }
    assertTrue(interpreted.output().contains("bits: " + before), interpreted.output());
  }
}
