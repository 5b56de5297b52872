package dev.unfold.kernels.storage;

import dev.unfold.argument.Refusal;
import java.util.Arrays;
import java.util.stream.Collectors;

/// How many bits the numbers of a weight matrix have.
///
/// A format is a rounding, row by row of the matrix; a product with a matrix in that format is the product with the
/// rounded numbers, to the bit as long as sums are neither above 2^60 nor so small that floats become subnormal. So a
/// network with such weights is the network whose matrices were rounded, whatever computes. Rounding twice changes
/// nothing more.
///
/// | format | a number is | error of a rounded number |
/// |---|---|---|
/// | [#FLOAT32] | as it is | none |
/// | [#BFLOAT16] | the upper half of a float: 8 bits of exponent, 8 of precision | 2^-9 of itself |
/// | [#FIXED16] | an integer up to 32767 in size times a power of two of its row | 2^-15 of the row's largest, at least 2^-61 |
///
/// Numbers are finite, and in fixed point below 2^74: [#expectRoundable].
public enum WeightFormat {
  /// 32 bits, IEEE 754.
  FLOAT32("float"),

  /// 16 bits, bfloat16.
  BFLOAT16("bf16"),

  /// 16 bits, fixed point: the row's largest number takes 15 or 16 of them.
  FIXED16("fixed16");

  /// The largest integer of 16 bits; the smallest is its opposite.
  private static final int LARGEST = Short.MAX_VALUE;

  /// The exponents of scales, so far from the ends that sums of integers, and what they are added to, have room.
  private static final int MOST_EXPONENT = 60;

  private final String text;

  WeightFormat(String text) {
    this.text = text;
  }

  /// As people write it: `float`, `bf16`, `fixed16`.
  public String text() {
    return text;
  }

  /// The format that is written `text`.
  ///
  /// **Errors**: [IllegalArgumentException] that lists the formats if there is none.
  public static WeightFormat of(String text) {
    return Arrays.stream(values())
        .filter(format -> format.text.equals(text))
        .findFirst()
        .orElseThrow(() -> new Refusal("weights", texts(), text));
  }

  /// All of them, as people write them.
  public static String texts() {
    return Arrays.stream(values()).map(WeightFormat::text).collect(Collectors.joining(", "));
  }

  /// Refuses 16 bits, for what follows errors back: their derivatives would be those of other weights.
  ///
  /// **Errors**: [IllegalStateException].
  public void expectFloat() {
    if (this != FLOAT32) {
      throw new IllegalStateException(
          "weights: expected 32 bits to follow errors back, got " + text);
    }
  }

  /// Bytes of one number.
  public int bytes() {
    return this == FLOAT32 ? Float.BYTES : Short.BYTES;
  }

  /// Checks that all numbers of `matrix` can be rounded.
  ///
  /// @param name of the matrix
  ///
  /// **Errors**: [IllegalArgumentException] that names the first that cannot.
  public void expectRoundable(String name, Matrix matrix) {
    double most = this == FIXED16 ? Math.scalb((double) LARGEST, MOST_EXPONENT) : Float.MAX_VALUE;
    for (int row = 0; row < matrix.rows() && this != FLOAT32; row++) {
      for (int col = 0; col < matrix.cols(); col++) {
        double value = matrix.get(row, col);
        if (!(Math.abs(value) <= most)) {
          throw new Refusal(
              "weights",
              "numbers up to %.2g in %s to keep them as %s".formatted(most, name, text),
              value);
        }
      }
    }
  }

  /// What the integers of row `row` of `matrix` are multiplied with: a power of two if the format has integers, else 1.
  public float scale(Matrix matrix, int row) {
    if (this != FIXED16) {
      return 1;
    }
    double largest = 0;
    for (int col = 0; col < matrix.cols(); col++) {
      double size = Math.abs(matrix.get(row, col));
      largest = size > largest && size <= Float.MAX_VALUE ? size : largest;
    }
    int exponent = largest == 0 ? 0 : Math.getExponent(largest) + 1 - (Short.SIZE - 1);
    // What rounds up to 2^15 would not fit.
    exponent += Math.rint(Math.scalb(largest, -exponent)) > LARGEST ? 1 : 0;
    return Math.scalb(1f, Math.clamp(exponent, -MOST_EXPONENT, MOST_EXPONENT));
  }

  /// The 16 bits that stand for `value`, the nearest of those that the format has, with ties to even.
  ///
  /// @param scale that of its row
  public short encode(double value, float scale) {
    return switch (this) {
      case FLOAT32 -> throw new IllegalStateException("weights: expected 16 bits, got 32");
      case BFLOAT16 -> upperHalf(roundedToOdd(value));
      case FIXED16 -> (short) Math.clamp(Math.rint(value / scale), -LARGEST, LARGEST);
    };
  }

  /// The float that is next to `value` towards zero, with its last bit set unless it is `value`: rounded to fewer bits,
  /// it gives what `value` would.
  private static float roundedToOdd(double value) {
    float nearest = (float) value;
    if (nearest == value || Double.isNaN(value) || Double.isInfinite(value)) {
      return nearest;
    }
    int bits = Float.floatToIntBits(nearest);
    bits -= Math.abs((double) nearest) > Math.abs(value) ? 1 : 0;
    return Float.intBitsToFloat(bits | 1);
  }

  private static short upperHalf(float value) {
    int bits = Float.floatToIntBits(value);
    if (!Float.isFinite(value)) {
      return (short) (bits >>> Short.SIZE);
    }
    int rounded = bits + 0x7fff + (bits >>> Short.SIZE & 1);
    // The largest numbers stay finite.
    boolean overflows = !Float.isFinite(Float.intBitsToFloat(rounded));
    return (short) ((overflows ? bits : rounded) >>> Short.SIZE);
  }

  /// The number that `bits` stands for.
  ///
  /// @param scale that of its row
  public float decode(short bits, float scale) {
    return switch (this) {
      case FLOAT32 -> throw new IllegalStateException("weights: expected 16 bits, got 32");
      case BFLOAT16 -> Float.intBitsToFloat(bits << Short.SIZE);
      case FIXED16 -> bits * scale;
    };
  }

  /// The number of the format that is nearest to `value`.
  ///
  /// @param scale that of its row
  public double round(double value, float scale) {
    return this == FLOAT32 ? value : decode(encode(value, scale), scale);
  }

  /// Rounds all numbers of `matrix`, which is in the host's memory.
  public void round(Matrix matrix) {
    for (int row = 0; row < matrix.rows() && this != FLOAT32; row++) {
      float scale = scale(matrix, row);
      for (int col = 0; col < matrix.cols(); col++) {
        matrix.set(row, col, round(matrix.get(row, col), scale));
      }
    }
  }
}
