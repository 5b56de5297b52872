package dev.unfold.net;

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
  /// @param counts how many losses each has, [Targets#amounts]
  double[] weights(double... counts) {
    double all = Arrays.stream(counts).sum();
    double sequences = Arrays.stream(counts).filter(count -> count > 0).count();
    return Arrays.stream(counts)
        .map(count -> count == 0 ? 0 : weight(count, all, sequences))
        .toArray();
  }

  private double weight(double own, double all, double sequences) {
    return switch (this) {
      case SUM -> 1;
      case MEAN -> 1 / all;
      case MEAN_OF_SEQUENCES -> 1 / (sequences * own);
    };
  }
}
