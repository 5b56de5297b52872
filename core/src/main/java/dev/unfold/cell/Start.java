package dev.unfold.cell;

/// Where a parameter vector of a cell starts in a new network.
public sealed interface Start {
  /// Drawn as the network's other parameters are.
  Start DRAWN = new Drawn();

  /// Drawn as the network's other parameters are.
  record Drawn() implements Start {}

  /// All numbers are `value`.
  record At(double value) implements Start {}

  /// Uniform from `low` to `high`.
  record Between(double low, double high) implements Start {}
}
