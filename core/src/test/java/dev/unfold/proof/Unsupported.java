package dev.unfold.proof;

/// Why a golden case is not run: it asks for what is not there, or it is not in order.
final class Unsupported extends RuntimeException {
  Unsupported(String reason) {
    super(reason);
  }
}
