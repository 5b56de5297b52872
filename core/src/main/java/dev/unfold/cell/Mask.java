package dev.unfold.cell;

import dev.unfold.argument.Refusal;

/// A random number for each unit and sequence that is `value` with probability `keep` and else 0.
///
/// @param keep the probability, above 0 and at most 1
/// @param value what it is then
/// @param rhythm how often it is drawn
public record Mask(double keep, double value, Rhythm rhythm) {
  /// How often a mask is drawn.
  public enum Rhythm {
    /// Anew for each step.
    EACH_STEP,
    /// Once for all steps of a sequence.
    ALL_STEPS
  }

  /// Checks the numbers.
  public Mask {
    if (!(keep > 0 && keep <= 1)) {
      throw new Refusal("mask", "to keep more than 0, at most 1", keep);
    }
  }

  /// What leaves out a share `rate` of the numbers that are multiplied with it, and makes up for it by the others: its
  /// mean is 1.
  public static Mask dropout(double rate, Rhythm rhythm) {
    return new Mask(1 - rate, 1 / (1 - rate), rhythm);
  }
}
