package dev.unfold.net;

/// How the losses E_t of single steps become one number, and with it the scale of all gradients.
///
/// Steps without a target, and those that a sequence does not have, do not count.
public enum Reduction {
  /// The sum over all steps and sequences.
  SUM,
  /// The average over all steps that count, of all sequences alike: a long sequence weighs more than a short one.
  MEAN,
  /// The average over the sequences of each one's average over its steps that count; a sequence in which none counts is
  /// left out.
  MEAN_OF_SEQUENCES
}
