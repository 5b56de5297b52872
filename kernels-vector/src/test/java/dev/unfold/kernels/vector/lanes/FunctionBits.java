package dev.unfold.kernels.vector.lanes;

import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;

/// The bits of all functions at many arguments, as one number for each function.
final class FunctionBits {
  private static final List<UnaryOperator<FloatVector>> FUNCTIONS =
      List.of(
          Functions::exp,
          Functions::tanh,
          Functions::sigmoid,
          Functions::log,
          Functions::softplus,
          Functions::relu,
          Functions::step);

  private FunctionBits() {}

  public static void main(String[] arguments) {
    System.out.println("bits: " + all());
  }

  static String all() {
    return FUNCTIONS.stream().map(FunctionBits::of).toList().toString();
  }

  private static int of(UnaryOperator<FloatVector> function) {
    float[] values = new float[512];
    int hash = 0;
    for (int block = 0; block < 8; block++) {
      for (int i = 0; i < values.length; i++) {
        // From -128 to 128 in odd steps, some of them tiny.
        float x = ((block * values.length + i) * 0.0625f - 128f) * 1.001f;
        values[i] = i % 7 == 0 ? x * 1e-6f : x;
      }
      for (int i = 0; i < values.length; i += Lanes.LANES) {
        function.apply(FloatVector.fromArray(Lanes.SPECIES, values, i)).intoArray(values, i);
      }
      hash = 31 * hash + Arrays.hashCode(values);
    }
    return hash;
  }
}
