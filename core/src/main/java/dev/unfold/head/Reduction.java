package dev.unfold.head;

/// How the losses E_t of single steps become one number, and with it the scale of all gradients.
///
/// Steps without a target, and those that a sequence does not have, do not count. A step whose target lacks some of its
/// numbers counts as [Targets#amounts] says.
///
/// With weights w_t ([WeightedTargets]) each loss counts as w_t of it would, and a weight of 0 is no target: a
/// sequence of weight 2 gives what it gives twice in the batch.
public enum Reduction {
  /// The sum over all steps and sequences: `sum w_t E_t`.
  SUM,
  /// The average over all steps that count, of all sequences alike: a long sequence weighs more than a short one. With
  /// weights `sum w_t E_t / sum w_t`, both over the steps of all sequences.
  MEAN,
  /// The average over the sequences of each one's average over its steps that count; a sequence in which none counts is
  /// left out. With weights, and n_b for the steps of sequence b that count, `sum_b (1/n_b sum_t w_t E_t) / sum_b W_b`,
  /// where a sequence weighs as much as its steps do on average, `W_b = 1/n_b sum_t w_t`.
  MEAN_OF_SEQUENCES;

  /// What a loss of weight 1 counts in each sequence.
  ///
  /// @param amounts how much the losses of each count, [Targets#amounts]
  public double[] weights(Amounts amounts) {
    return weights(parts(amounts), amounts);
  }

  /// How many parts the average is of: losses, or sequences that have any, by their weight; 1 for the sum.
  public double parts(Amounts amounts) {
    return switch (this) {
      case SUM -> 1;
      case MEAN -> amounts.total();
      case MEAN_OF_SEQUENCES -> {
        double sum = 0;
        for (int b = 0; b < amounts.sums().length; b++) {
          sum += amounts.weight(b);
        }
        yield sum;
      }
    };
  }

  /// What a loss of weight 1 counts in each sequence if the average is of `parts`.
  public double[] weights(double parts, Amounts amounts) {
    double[] weights = new double[amounts.sums().length];
    for (int b = 0; b < weights.length; b++) {
      weights[b] = amounts.plain()[b] == 0 ? 0 : weight(amounts.plain()[b], parts);
    }
    return weights;
  }

  private double weight(double own, double parts) {
    return switch (this) {
      case SUM -> 1;
      case MEAN -> 1 / parts;
      case MEAN_OF_SEQUENCES -> 1 / (parts * own);
    };
  }
}
