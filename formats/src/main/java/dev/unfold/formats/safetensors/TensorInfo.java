package dev.unfold.formats.safetensors;

import java.util.List;
import java.util.Objects;

/// What a safetensors file says about one of its tensors.
///
/// @param name its name
/// @param dtype how its numbers are kept, as the file writes it, such as `F32`
/// @param shape the sizes of its dimensions; none for a single number
/// @param begin the place of its first byte among the data
/// @param end the place after its last byte
public record TensorInfo(String name, String dtype, List<Long> shape, long begin, long end) {
  /// With its own list of sizes.
  public TensorInfo {
    Objects.requireNonNull(name, "name: expected that of a tensor, got null");
    Objects.requireNonNull(dtype, "dtype: expected one such as F32, got null");
    Objects.requireNonNull(shape, "shape: expected sizes, got null");
    shape = List.copyOf(shape);
  }

  /// How many numbers it has.
  ///
  /// **Errors**: [ArithmeticException] if they are more than a `long` holds, which [SafetensorsReader]
  /// refuses.
  public long count() {
    long count = 1;
    for (long size : shape) {
      count = Math.multiplyExact(count, size);
    }
    return count;
  }
}
