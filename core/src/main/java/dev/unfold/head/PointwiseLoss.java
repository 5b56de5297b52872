package dev.unfold.head;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.List;

/// A [ValueLoss] that is a program of pointwise operations, which computes all numbers of many rows at once.
public sealed interface PointwiseLoss extends ValueLoss
    permits ValueLoss.SquaredError,
        ValueLoss.AbsoluteError,
        ValueLoss.Huber,
        ValueLoss.Quantile,
        ValueLoss.SigmoidCrossEntropy,
        ValueLoss.Gaussian,
        ValueLoss.StudentT,
        ValueLoss.NegativeBinomial,
        Quantiles {
  /// The loss of one number and its derivatives with respect to the outputs for it.
  ///
  /// @param error the loss
  /// @param slopes for each sort of output
  record Terms(Slot error, List<Slot> slopes) {}

  /// Writes down what one number gives, for numbers of ordinary size.
  ///
  /// @param y the outputs for it
  /// @param z the number
  Terms terms(Pointwise.Builder b, List<Slot> y, Slot z);

  /// What is added to the loss of a number, and does not depend on the outputs.
  default double constant(double z) {
    return 0;
  }
}
