package dev.unfold.formats.safetensors;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.WeightFormat;
import java.util.List;
import java.util.Objects;

/// Numbers to be written as one tensor of a safetensors file: with the type of their buffer, or a matrix in 16 bits.
///
/// @param name its name
/// @param shape the sizes of its dimensions; none for a single number
/// @param values where the numbers are, in row-major order
/// @param at the place of the first of them in `values`
/// @param format [WeightFormat#FLOAT32] for the type of the buffer; bfloat16 for BF16; fixed point for I16, the
///     integers alone, without the rows' scales
public record Tensor(String name, List<Long> shape, Buffer values, long at, WeightFormat format) {
  /// A tensor with the type of its buffer.
  ///
  /// **Errors**: as below.
  public Tensor(String name, List<Long> shape, Buffer values, long at) {
    this(name, shape, values, at, WeightFormat.FLOAT32);
  }

  /// A tensor that lies within `values`.
  ///
  /// **Errors**: [IllegalArgumentException] if it does not, if a size is negative, or if it is to have 16 bits and is
  /// no matrix.
  public Tensor {
    Objects.requireNonNull(name, "name: expected that of a tensor, got null");
    Objects.requireNonNull(shape, "shape: expected sizes, got null");
    Objects.requireNonNull(values, "values: expected a buffer, got null");
    Objects.requireNonNull(format, "format: expected one, got null");
    shape = List.copyOf(shape);
    long count = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new Refusal(name, "sizes of 0 or more", shape);
      }
      count = Math.multiplyExact(count, size);
    }
    if (format != WeightFormat.FLOAT32 && shape.size() != 2) {
      throw new Refusal(name, "two dimensions for a tensor in 16 bits", shape);
    }
    if (at < 0 || count > values.length() - at) {
      throw new Refusal(
          name,
          "%d numbers from place %d on".formatted(count, at),
          "a buffer of %d".formatted(values.length()));
    }
  }

  /// How many numbers it has.
  public long count() {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  /// How its numbers are kept in the file.
  Dtype dtype() {
    return switch (format) {
      case FLOAT32 -> Dtype.of(values.type());
      case BFLOAT16 -> Dtype.BF16;
      case FIXED16 -> Dtype.I16;
    };
  }

  /// How many bytes its numbers take in the file.
  long bytes() {
    return count() * (dtype().bits() / Byte.SIZE);
  }
}
