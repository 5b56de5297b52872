package dev.unfold.train;

/// Changes parameters by their gradients, both of which it was given when it was made.
public interface Optimizer {
  /// One update.
  ///
  /// @param scale what every gradient is multiplied with first (gradient clipping)
  /// @param learningRate the step size
  void step(double scale, double learningRate);
}
