package dev.unfold.formats.graph;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Numbers in row-major order, with a type and a shape. It never changes.
///
/// **Memory**: eight bytes a number, whatever the type, in the heap.
public final class GraphTensor {
  /// How many dimensions a tensor may have.
  public static final int MOST_DIMENSIONS = 64;

  private final NumberType type;
  private final int[] shape;
  private final double[] reals;
  private final long[] wholes;

  private GraphTensor(NumberType type, int[] shape, double[] reals, long[] wholes) {
    if (shape.length > MOST_DIMENSIONS) {
      throw new Refusal("shape", "at most %d dimensions".formatted(MOST_DIMENSIONS), shape.length);
    }
    this.type = type;
    this.shape = shape;
    this.reals = reals;
    this.wholes = wholes;
  }

  /// A tensor of floating-point numbers, rounded to `type`.
  ///
  /// **Errors**: [IllegalArgumentException] if there are not as many as the shape says, or the type is another.
  public static GraphTensor of(NumberType type, List<Integer> shape, double... numbers) {
    int[] sizes = sizes(shape, numbers.length);
    if (!Expect.given("type", type).isReal()) {
      throw new Refusal("type", "a floating-point type", type);
    }
    return ofReals(type, sizes, numbers.clone());
  }

  /// A tensor of whole numbers, or of bools.
  ///
  /// **Errors**: [IllegalArgumentException] if there are not as many as the shape says, or the type is another.
  public static GraphTensor ofWholes(NumberType type, List<Integer> shape, long... numbers) {
    int[] sizes = sizes(shape, numbers.length);
    if (Expect.given("type", type).isReal()) {
      throw new Refusal("type", "whole numbers or bools", type);
    }
    return ofWholes(type, sizes, numbers.clone());
  }

  /// A tensor of zeros.
  public static GraphTensor zeros(NumberType type, List<Integer> shape) {
    int[] sizes = shape.stream().mapToInt(Integer::intValue).toArray();
    long all = count(sizes);
    if (all > Integer.MAX_VALUE) {
      throw new Refusal("shape", "fewer than 2^31 numbers", shape);
    }
    int count = (int) all;
    return Expect.given("type", type).isReal()
        ? ofReals(type, sizes, new double[count])
        : ofWholes(type, sizes, new long[count]);
  }

  private static int[] sizes(List<Integer> shape, int numbers) {
    int[] sizes = Expect.given("shape", shape).stream().mapToInt(Integer::intValue).toArray();
    if (count(sizes) != numbers) {
      throw new Refusal("numbers", count(sizes) + " for shape " + shape, numbers);
    }
    return sizes;
  }

  /// A tensor that takes the arrays over, and rounds in place.
  static GraphTensor ofReals(NumberType type, int[] shape, double[] own) {
    if (type == NumberType.FLOAT32) {
      for (int i = 0; i < own.length; i++) {
        own[i] = (float) own[i];
      }
    }
    return new GraphTensor(type, shape, own, null);
  }

  /// A tensor that takes the arrays over, and wraps in place.
  static GraphTensor ofWholes(NumberType type, int[] shape, long[] own) {
    for (int i = 0; i < own.length; i++) {
      own[i] = type.wrapped(own[i]);
    }
    return new GraphTensor(type, shape, null, own);
  }

  /// A list of whole numbers of 64 bits.
  static GraphTensor list(long... numbers) {
    return ofWholes(NumberType.INT64, new int[] {numbers.length}, numbers);
  }

  /// How many numbers a shape has.
  ///
  /// **Errors**: [IllegalArgumentException] for a negative size, or more numbers than a `long` holds.
  static long count(int... shape) {
    long count = 1;
    for (int size : shape) {
      if (size < 0) {
        throw new Refusal("shape", "sizes of 0 or more", Arrays.toString(shape));
      }
      if (Math.multiplyHigh(count, size) != 0 || count * size < 0) {
        throw new Refusal("shape", "fewer than 2^63 numbers", Arrays.toString(shape));
      }
      count *= size;
    }
    return count;
  }

  /// What its numbers are.
  public NumberType type() {
    return type;
  }

  /// Its dimensions.
  public List<Integer> shape() {
    return IntStream.of(shape).boxed().toList();
  }

  /// How many dimensions it has.
  public int rank() {
    return shape.length;
  }

  /// The size of dimension `d`.
  public int size(int d) {
    return shape[d];
  }

  /// How many numbers it has.
  public int count() {
    return reals == null ? wholes.length : reals.length;
  }

  /// Number `i`.
  public double real(int i) {
    return reals == null ? wholes[i] : reals[i];
  }

  /// Number `i`, without its fraction.
  public long whole(int i) {
    return wholes == null ? (long) reals[i] : wholes[i];
  }

  /// All numbers.
  public double[] reals() {
    return reals == null ? Arrays.stream(wholes).asDoubleStream().toArray() : reals.clone();
  }

  /// All numbers without their fractions.
  public long[] wholes() {
    return wholes == null
        ? Arrays.stream(reals).mapToLong(number -> (long) number).toArray()
        : wholes.clone();
  }

  /// The sizes themselves, not to be changed.
  int[] sizes() {
    return shape;
  }

  /// The floating-point numbers themselves, not to be changed.
  double[] ownReals() {
    return reals;
  }

  /// The same numbers in another shape of as many.
  GraphTensor reshaped(int... other) {
    return new GraphTensor(type, other, reals, wholes);
  }

  /// The numbers at `places`, in a shape of as many.
  GraphTensor at(int[] places, int... other) {
    if (reals != null) {
      double[] some = new double[places.length];
      for (int i = 0; i < places.length; i++) {
        some[i] = reals[places[i]];
      }
      return new GraphTensor(type, other, some, null);
    }
    long[] some = new long[places.length];
    for (int i = 0; i < places.length; i++) {
      some[i] = wholes[places[i]];
    }
    return new GraphTensor(type, other, null, some);
  }

  /// Whether type, shape and all numbers are the same, bit for bit.
  @Override
  public boolean equals(Object other) {
    return other instanceof GraphTensor tensor
        && type == tensor.type
        && Arrays.equals(shape, tensor.shape)
        && Arrays.equals(reals, tensor.reals)
        && Arrays.equals(wholes, tensor.wholes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(shape) * 31 + Arrays.hashCode(reals) + Arrays.hashCode(wholes);
  }

  /// Type and shape.
  @Override
  public String toString() {
    return type + " " + Arrays.toString(shape);
  }
}
