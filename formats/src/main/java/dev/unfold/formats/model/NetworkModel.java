package dev.unfold.formats.model;

import dev.unfold.argument.Expect;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.model.Network;
import java.nio.file.Path;
import java.util.Optional;

/// Any network, with nothing said of what its inputs are: of vectors or tokens, in one direction or both, with any
/// head.
///
/// @param network the network
/// @param provenance how it was trained, if that is known
public record NetworkModel(Network network, Optional<Provenance> provenance) implements Model {
  /// Checks that they are given.
  public NetworkModel {
    Expect.given("network", network);
    Expect.given("provenance", provenance);
  }

  /// A model whose training is not known.
  public static NetworkModel of(Network network) {
    return new NetworkModel(network, Optional.empty());
  }

  /// That its file cannot be used where one has to know what its inputs are.
  public FormatException refusal(Path file) {
    return new FormatException(
        file
            + ": expected a model of texts or of sets, got a network with a head of "
            + network.spec().head().text());
  }

  @Override
  public NetworkModel withProvenance(Provenance provenance) {
    return new NetworkModel(network, Optional.of(provenance));
  }
}
