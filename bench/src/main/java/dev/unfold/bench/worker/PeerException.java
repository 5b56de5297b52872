package dev.unfold.bench.worker;

/// A library cannot compute a problem, for a reason that the message tells in one line.
public final class PeerException extends RuntimeException {
  /// For the reason that `message` tells.
  public PeerException(String message) {
    super(message);
  }
}
