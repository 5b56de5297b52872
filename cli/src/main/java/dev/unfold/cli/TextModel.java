package dev.unfold.cli;

import dev.unfold.data.Unit;
import dev.unfold.data.Vocabulary;
import dev.unfold.formats.FormatException;
import dev.unfold.formats.LanguageModel;
import dev.unfold.formats.ModelFile;
import dev.unfold.kernels.Kernels;
import dev.unfold.net.Network;
import java.nio.file.Path;

/// A network and the vocabulary of its tokens.
record TextModel(Network network, Vocabulary vocabulary) {
  /// Reads a model that was trained on text.
  ///
  /// **Errors**: [FormatException] if the file is none.
  static TextModel load(Path file, Kernels kernels) {
    LanguageModel model = ModelFile.load(file, kernels);
    try {
      Vocabulary vocabulary = Vocabulary.of(Unit.valueOf(model.unit()), model.vocabulary());
      return new TextModel(model.network(), vocabulary);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": unit or vocabulary: " + e.getMessage(), e);
    }
  }
}
