package dev.unfold.formats.torch;

import java.util.Map;

/// A run of numbers that tensors look at.
///
/// @param type how they are kept
/// @param key the name of the entry that has them
/// @param count how many there are
record Storage(Type type, String key, long count) {
  /// The kinds of storage that are read, by PyTorch's names.
  enum Type {
    F32(4),
    F64(8),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private static final Map<String, Type> BY_NAME =
        Map.of(
            "FloatStorage", F32,
            "DoubleStorage", F64,
            "HalfStorage", F16,
            "BFloat16Storage", BF16,
            "LongStorage", I64,
            "IntStorage", I32,
            "ShortStorage", I16,
            "CharStorage", I8,
            "ByteStorage", U8,
            "BoolStorage", BOOL);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /// The one that PyTorch calls `name`, or null.
    static Type named(String name) {
      return BY_NAME.get(name);
    }

    /// How many bytes a number takes.
    int bytes() {
      return bytes;
    }

    /// Whether parameters are kept like that.
    boolean isOfParameters() {
      return this == F32 || this == F64 || this == F16 || this == BF16;
    }
  }
}
