package dev.unfold.train;

/// Training cannot go on: the message says at which update, why, and what to try.
public final class TrainingException extends RuntimeException {
  TrainingException(String message) {
    super(message);
  }
}
