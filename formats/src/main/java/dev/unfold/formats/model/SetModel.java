package dev.unfold.formats.model;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.Wiring;
import java.util.Objects;
import java.util.Optional;

/// A network that reads sets of numbers from 0 to K-1, as vectors of K ones and zeros, and predicts the set that comes
/// next: output k is the net input of a sigmoid that tells how likely number k is in it.
///
/// @param network reads and predicts vectors of K numbers
/// @param provenance how it was trained, if that is known
public record SetModel(Network network, Optional<Provenance> provenance) implements Model {
  /// Checks that the sizes fit together.
  ///
  /// **Errors**: [IllegalArgumentException] if the network does not read as many numbers as it puts out, or reads in
  /// both directions.
  public SetModel {
    Objects.requireNonNull(network, "network: expected one, got null");
    Objects.requireNonNull(provenance, "provenance: expected Optional.empty() for none, got null");
    int classes = network.spec().outputs();
    if (!network.spec().encoder().equals(new Encoder.Vectors(classes))) {
      throw new Refusal(
          "network",
          "one that reads vectors of I=K=%d numbers".formatted(classes),
          network.spec().encoder());
    }
    if (!(network.spec().head() instanceof Head.Sets)) {
      throw new Refusal("network", "a head of sets", "one of " + network.spec().head().text());
    }
    if (network.spec().has(Wiring.BIDIRECTIONAL)) {
      throw new Refusal(
          "network",
          "one that reads forwards, since it is to predict what comes next",
          "both directions");
    }
  }

  /// A model whose training is not known.
  public static SetModel of(Network network) {
    return new SetModel(network, Optional.empty());
  }

  @Override
  public SetModel withWeights(WeightFormat format) {
    return new SetModel(network.withWeights(format), provenance);
  }

  @Override
  public SetModel withProvenance(Provenance provenance) {
    return new SetModel(network, Optional.of(provenance));
  }
}
