package dev.unfold.formats.keras;

import java.util.List;
import java.util.Optional;

/// A layer with weights or without, as its file has it.
///
/// @param config what is said about it; about the layer that runs in both directions, if it is one
/// @param weights the names of its arrays in Keras's order: kernel, recurrent kernel, bias
/// @param backward those of the other direction; empty if there is none
/// @param merge how the outputs of both directions are put together
record KerasLayer(
    LayerConfig config, List<String> weights, List<String> backward, Optional<String> merge) {
  KerasLayer {
    weights = List.copyOf(weights);
    backward = List.copyOf(backward);
  }

  /// A layer of one direction.
  KerasLayer(LayerConfig config, List<String> weights) {
    this(config, weights, List.of(), Optional.empty());
  }
}
