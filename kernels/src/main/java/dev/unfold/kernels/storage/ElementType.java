package dev.unfold.kernels.storage;

/// How a number is kept in memory. What a backend computes in is another matter, `Precision`.
public enum ElementType {
  /// IEEE 754, 32 bits.
  FLOAT32(Float.BYTES),
  /// IEEE 754, 64 bits.
  FLOAT64(Double.BYTES);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /// Bytes of one number.
  public int bytes() {
    return bytes;
  }
}
