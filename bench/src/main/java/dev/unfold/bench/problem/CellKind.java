package dev.unfold.bench.problem;

import java.util.Locale;

/// A cell that others have too.
public enum CellKind {
  /// h(t) = tanh(W x(t) + U h(t-1) + b)
  ELMAN(1, 1),
  /// The reset gate after the recurrent product; gates r, z, n.
  GRU(3, 1),
  /// Gates i, f, g, o.
  LSTM(4, 2);

  private final int gates;
  private final int states;

  CellKind(int gates, int states) {
    this.gates = gates;
    this.states = states;
  }

  /// G: rows of a weight matrix are `G*H`.
  public int gates() {
    return gates;
  }

  /// 1 for h, 2 for h and c.
  public int states() {
    return states;
  }

  /// As users write it.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
