package dev.unfold.run.learn;

import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.model.SetModel;
import dev.unfold.model.Network;
import java.util.Optional;

/// Models with other parameters.
final class Models {
  private Models() {}

  /// The same model with another network of the same specification. How that was trained is not what was known of the
  /// one before.
  static Model with(Model model, Network network) {
    return switch (model) {
      case LanguageModel text ->
          new LanguageModel(network, text.unit(), text.form(), text.vocabulary(), Optional.empty());
      case SetModel _ -> SetModel.of(network);
      case NetworkModel any -> NetworkModel.of(network, any.description());
    };
  }
}
