package dev.unfold.kernels.storage;

/// How numbers are kept in a [Buffer]: 32-bit or 64-bit IEEE 754.
public enum Precision {
  /// 32-bit numbers: what training and inference use.
  FLOAT(Float.BYTES),
  /// 64-bit numbers: what proofs use.
  DOUBLE(Double.BYTES);

  private final int bytes;

  Precision(int bytes) {
    this.bytes = bytes;
  }

  /// Bytes of one number.
  public int bytes() {
    return bytes;
  }
}
