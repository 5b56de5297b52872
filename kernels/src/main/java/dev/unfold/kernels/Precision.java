package dev.unfold.kernels;

import dev.unfold.kernels.storage.ElementType;

/// What a backend computes in.
public enum Precision {
  /// 32-bit numbers: what training and inference use.
  FLOAT(ElementType.FLOAT32),
  /// 64-bit numbers: what proofs use.
  DOUBLE(ElementType.FLOAT64);

  private final ElementType type;

  Precision(ElementType type) {
    this.type = type;
  }

  /// How numbers computed in it are kept.
  public ElementType type() {
    return type;
  }
}
