package dev.unfold.model;

/// What a network has beyond layers one above the other.
public enum Wiring {
  /// Each layer runs its cell in both directions, each with parameters of its own; its output is both outputs side by
  /// side, `[h(t), h_reverse(t)]`. The reverse direction starts at each sequence's own last step. The reverse
  /// parameters have the suffix `_reverse`, as in PyTorch.
  BIDIRECTIONAL,

  /// To the output of each layer but the first its input is added: `x_{l+1}(t) = h_l(t) + x_l(t)`.
  RESIDUAL,

  /// The readout's matrix is that of the embedding: `net_y(t) = E x(t) + b`. There is no `head.weight` then.
  ///
  /// **Source**: O. Press and L. Wolf, Using the output embedding to improve language models, EACL 2017.
  TIED
}
