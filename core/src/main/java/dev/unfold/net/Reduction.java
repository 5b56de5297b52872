package dev.unfold.net;

/// How the losses E_t of single steps become one number, and with it the scale of all gradients.
public enum Reduction {
  /// The sum over all steps and sequences.
  SUM,
  /// The average over all steps and sequences: the sum divided by T*B.
  MEAN;

  /// What the loss of a single step counts.
  double scale(int rows) {
    return this == SUM ? 1.0 : 1.0 / rows;
  }
}
