package dev.unfold.net;

import dev.unfold.kernels.Matrix;
import java.util.List;

/// The hidden state of a network for B sequences: for each layer, and each of its directions, and each state
/// of its cell a matrix `[B, H]`. A value: nothing else refers to its memory.
///
/// @param layers for each layer the states, in the cell's order
public record State(List<List<Matrix>> layers) {
  /// Copies the lists.
  public State {
    layers = layers.stream().map(List::copyOf).toList();
  }
}
