package dev.unfold.formats.model;

import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.Network;
import java.util.Optional;

/// A network with what is needed to use it.
public sealed interface Model permits LanguageModel, SetModel, NetworkModel {
  /// What was trained.
  Network network();

  /// How it was trained, if that is known.
  Optional<Provenance> provenance();

  /// The same model with its network's matrices rounded to `format`, as [Network#withWeights] says.
  Model withWeights(WeightFormat format);

  /// The same model, trained like that.
  Model withProvenance(Provenance provenance);
}
