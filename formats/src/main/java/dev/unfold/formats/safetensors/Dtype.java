package dev.unfold.formats.safetensors;

import dev.unfold.kernels.storage.ElementType;
import java.util.HashMap;
import java.util.Map;

/// How a safetensors file keeps numbers: the names that the format defines, and the bits of one
/// number.
enum Dtype {
  F64(64),
  F32(32),
  F16(16),
  BF16(16),
  BOOL(8),
  U8(8),
  I8(8),
  U16(16),
  I16(16),
  U32(32),
  I32(32),
  U64(64),
  I64(64),
  C64(64),
  F8_E5M2(8),
  F8_E4M3(8),
  F8_E8M0(8),
  F6_E2M3(6),
  F6_E3M2(6),
  F4(4);

  private static final Map<String, Dtype> BY_NAME = new HashMap<>();

  static {
    for (Dtype dtype : values()) {
      BY_NAME.put(dtype.name(), dtype);
    }
  }

  private final int bits;

  Dtype(int bits) {
    this.bits = bits;
  }

  /// The one with a name, or null; a newer version of the format may have others.
  static Dtype named(String name) {
    return BY_NAME.get(name);
  }

  /// The one that keeps numbers as a buffer of this type does.
  static Dtype of(ElementType type) {
    return switch (type) {
      case FLOAT32 -> F32;
      case FLOAT64 -> F64;
    };
  }

  int bits() {
    return bits;
  }

  /// Whether a [dev.unfold.kernels.storage.Buffer] can hold such numbers.
  boolean isReadable() {
    return this == F64 || this == F32 || this == F16 || this == BF16;
  }
}
