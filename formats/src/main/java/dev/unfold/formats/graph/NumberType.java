package dev.unfold.formats.graph;

import dev.unfold.argument.Refusal;

/// What the numbers of a tensor are, and how they are rounded when they are stored.
public enum NumberType {
  /// 32-bit floating point.
  FLOAT32(1),
  /// 64-bit floating point.
  FLOAT64(11),
  /// Whole numbers of 32 bits.
  INT32(6),
  /// Whole numbers of 64 bits.
  INT64(7),
  /// 1 for true, 0 for false.
  BOOL(9);

  private final int code;

  NumberType(int code) {
    this.code = code;
  }

  /// The number by which ONNX knows it, in the attribute `to` of `Cast` for one.
  public int code() {
    return code;
  }

  /// The type with a number of ONNX's.
  ///
  /// **Errors**: [IllegalArgumentException] for another number.
  public static NumberType of(long code) {
    for (NumberType type : values()) {
      if (type.code == code) {
        return type;
      }
    }
    throw new Refusal("type", "1 (float), 6 (int32), 7 (int64), 9 (bool) or 11 (double)", code);
  }

  /// Whether it is floating point.
  public boolean isReal() {
    return this == FLOAT32 || this == FLOAT64;
  }

  /// A number as it is stored.
  double rounded(double number) {
    return this == FLOAT32 ? (float) number : number;
  }

  /// A whole number as it is stored.
  long wrapped(long number) {
    return switch (this) {
      case INT32 -> (int) number;
      case BOOL -> number == 0 ? 0 : 1;
      default -> number;
    };
  }
}
