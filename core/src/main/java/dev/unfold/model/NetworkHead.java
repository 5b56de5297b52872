package dev.unfold.model;

import dev.unfold.head.Head;
import dev.unfold.head.SeveralHeads;
import java.util.List;
import java.util.Optional;

/// One of the heads of a network ([SeveralHeads]), or the only one.
///
/// @param head what its outputs mean
/// @param weight how much a loss of it counts
/// @param part which of several it is; empty for the only one
/// @param isTied whether its matrix is that of the embedding
/// @param hasBias whether its readout has one
public record NetworkHead(
    Head head, double weight, Optional<SeveralHeads.Part> part, boolean isTied, boolean hasBias) {

  static List<NetworkHead> of(NetworkSpec spec) {
    boolean hasBias = spec.hasReadoutBias();
    return spec.head() instanceof SeveralHeads several
        ? several.parts().stream()
            .map(part ->
                new NetworkHead(part.head(), part.weight(), Optional.of(part), false, hasBias))
            .toList()
        : List.of(
            new NetworkHead(spec.head(), 1, Optional.empty(), spec.has(Wiring.TIED), hasBias));
  }

  /// What its parameter `name`, as a single head would call it, is called in the network.
  public String name(String name) {
    if (isTied && name.equals(Head.WEIGHT)) {
      return Network.EMBEDDING;
    }
    return part.map(own -> own.rename(name)).orElse(name);
  }

  /// K
  public int outputs() {
    return head.outputs();
  }
}
