package dev.unfold.formats.safetensors;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Buffer;
import java.util.List;
import java.util.Objects;

/// Numbers to be written as one tensor of a safetensors file, with the type of their buffer.
///
/// @param name its name
/// @param shape the sizes of its dimensions; none for a single number
/// @param values where the numbers are, in row-major order
/// @param at the place of the first of them in `values`
public record Tensor(String name, List<Long> shape, Buffer values, long at) {
  /// A tensor that lies within `values`.
  ///
  /// **Errors**: [IllegalArgumentException] if it does not, or if a size is negative.
  public Tensor {
    Objects.requireNonNull(name, "name: expected that of a tensor, got null");
    Objects.requireNonNull(shape, "shape: expected sizes, got null");
    Objects.requireNonNull(values, "values: expected a buffer, got null");
    shape = List.copyOf(shape);
    long count = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new Refusal(name, "sizes of 0 or more", shape);
      }
      count = Math.multiplyExact(count, size);
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

  /// How many bytes its numbers take.
  long bytes() {
    return count() * values.type().bytes();
  }
}
