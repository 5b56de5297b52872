package dev.unfold.head;

import java.util.Arrays;

/// How the losses E_t of single steps become one number, and with it the scale of all gradients.
///
/// Steps without a target, and those that a sequence does not have, do not count. A step whose target lacks some of its
/// numbers counts as [Targets#amounts] says.
public enum Reduction {
  /// The sum over all steps and sequences.
  SUM,
  /// The average over all steps that count, of all sequences alike: a long sequence weighs more than a short one.
  MEAN,
  /// The average over the sequences of each one's average over its steps that count; a sequence in which none counts is
  /// left out.
  MEAN_OF_SEQUENCES;

  /// What a loss of each sequence counts.
  ///
  /// @param amounts how much the losses of each count, [Targets#amounts]
  public double[] weights(double[] amounts) {
    return weights(parts(amounts), amounts);
  }

  /// How many parts the average is of: losses, or sequences that have any; 1 for the sum.
  public double parts(double[] amounts) {
    return switch (this) {
      case SUM -> 1;
      case MEAN -> Arrays.stream(amounts).sum();
      case MEAN_OF_SEQUENCES -> Arrays.stream(amounts).filter(amount -> amount > 0).count();
    };
  }

  /// What a loss of each sequence counts if the average is of `parts`.
  public double[] weights(double parts, double[] amounts) {
    return Arrays.stream(amounts).map(amount -> amount == 0 ? 0 : weight(amount, parts)).toArray();
  }

  private double weight(double own, double parts) {
    return switch (this) {
      case SUM -> 1;
      case MEAN -> 1 / parts;
      case MEAN_OF_SEQUENCES -> 1 / (parts * own);
    };
  }
}
