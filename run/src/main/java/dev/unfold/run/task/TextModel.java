package dev.unfold.run.task;

import dev.unfold.argument.Refusal;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Network;
import java.nio.file.Path;
import java.util.Arrays;

/// A network and the vocabulary of its tokens.
public record TextModel(Network network, Vocabulary vocabulary) {
  /// Reads a model that was trained on text.
  ///
  /// **Errors**: [FormatException] if the file is none.
  public static TextModel load(Path file, Kernels kernels) {
    return of(file, ModelFile.loadLanguage(file, kernels));
  }

  /// The same of a model that was read.
  public static TextModel of(Path file, LanguageModel model) {
    try {
      Vocabulary vocabulary = Vocabulary.of(unit(model.unit()), model.vocabulary());
      return new TextModel(model.network(), vocabulary);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": vocabulary: " + e.getMessage(), e);
    }
  }

  private static Unit unit(String name) {
    for (Unit unit : Unit.values()) {
      if (unit.name().equals(name)) {
        return unit;
      }
    }
    throw new Refusal("unit", "one of " + Arrays.toString(Unit.values()), name);
  }

  /// What to say of a model whose parameters are numbers, but too large to compute with.
  public static FormatException overflow(Path file, ArithmeticException cause) {
    return new FormatException(
        file + ": expected parameters that can be computed with: " + cause.getMessage(), cause);
  }
}
