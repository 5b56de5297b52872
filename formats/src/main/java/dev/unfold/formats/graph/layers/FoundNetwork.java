package dev.unfold.formats.graph.layers;

import dev.unfold.argument.Expect;
import dev.unfold.formats.model.NetworkModel;
import java.util.List;
import java.util.Optional;

/// What a graph was found to be.
///
/// @param network empty if it is more than layers, or others than those known here
/// @param conventions what was found, or why there is no network, a line each
public record FoundNetwork(Optional<NetworkModel> network, List<String> conventions) {
  /// Checks that they are given, and copies the list.
  public FoundNetwork {
    Expect.given("network", network);
    conventions = List.copyOf(conventions);
  }
}
