package dev.unfold.formats.model;

import dev.unfold.argument.Refusal;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.Wiring;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// A network that reads and predicts the tokens of a text, with what is needed to use it.
///
/// @param network reads and predicts tokens 0 to V-1
/// @param unit what a token is, such as `CHAR`: a name that whoever cuts texts into tokens knows
/// @param form what the sequences of a text are, such as `STREAM`: a name that whoever reads texts knows
/// @param vocabulary the V tokens in their order
/// @param provenance how it was trained, if that is known
public record LanguageModel(
    Network network,
    String unit,
    String form,
    List<String> vocabulary,
    Optional<Provenance> provenance)
    implements Model {
  /// The form of a text that is one sequence.
  public static final String STREAM = "STREAM";

  /// Checks that the sizes fit together.
  ///
  /// **Errors**: [IllegalArgumentException] if the network takes vectors or reads in both directions, or if V is not
  /// the number of tokens in the vocabulary.
  public LanguageModel {
    Objects.requireNonNull(network, "network: expected one, got null");
    Objects.requireNonNull(unit, "unit: expected what a token is, got null");
    Objects.requireNonNull(form, "form: expected what the sequences of a text are, got null");
    Objects.requireNonNull(vocabulary, "vocabulary: expected tokens, got null");
    Objects.requireNonNull(provenance, "provenance: expected Optional.empty() for none, got null");
    vocabulary = List.copyOf(vocabulary);
    if (!(network.spec().encoder() instanceof Encoder.Embedding embedding)) {
      throw new Refusal("network", "one that reads tokens", network.spec().encoder());
    }
    if (network.spec().has(Wiring.BIDIRECTIONAL)) {
      throw new Refusal(
          "network",
          "one that reads forwards, since it is to predict what comes next",
          "both directions");
    }
    Head head = network.spec().head();
    if (!(head instanceof Head.Classes || head instanceof FactoredClasses)) {
      throw new Refusal("network", "a head of classes", "one of " + head.text());
    }
    int size = vocabulary.size();
    if (embedding.vocabulary() != size || network.spec().outputs() != size) {
      throw new Refusal(
          "network",
          "V=%d and K=%d for a vocabulary of %d tokens".formatted(size, size, size),
          "V=%d and K=%d".formatted(embedding.vocabulary(), network.spec().outputs()));
    }
  }

  /// A model of texts that are one sequence, whose training is not known.
  public static LanguageModel of(Network network, String unit, List<String> vocabulary) {
    return new LanguageModel(network, unit, STREAM, vocabulary, Optional.empty());
  }

  @Override
  public LanguageModel withWeights(WeightFormat format) {
    return new LanguageModel(network.withWeights(format), unit, form, vocabulary, provenance);
  }

  @Override
  public LanguageModel withProvenance(Provenance provenance) {
    return new LanguageModel(network, unit, form, vocabulary, Optional.of(provenance));
  }
}
