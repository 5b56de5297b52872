package dev.unfold.serve;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.head.Head;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Small models for tests, untrained.
final class Fixtures {
  static final Kernels KERNELS = Backends.best(Precision.FLOAT);

  private Fixtures() {}

  /// A model of text over these characters and a few more.
  static Path text(Path folder, String name, long seed) {
    List<String> tokens =
        Stream.concat(
                Stream.of("\n", " "), "abcdefgh\uFFFD".codePoints().mapToObj(Character::toString))
            .toList();
    Vocabulary vocabulary = Vocabulary.of(Unit.CHAR, tokens);
    Encoder encoder = new Encoder.Embedding(tokens.size(), 4);
    Network network =
        Network.create(
            new NetworkSpec(Cells.named("lstm"), encoder, 8, 1, tokens.size()), KERNELS, seed);
    Path file = folder.resolve(name + ".safetensors");
    ModelFile.save(
        file,
        new LanguageModel(
            network, "CHAR", LanguageModel.STREAM, vocabulary.tokens(), Optional.empty()));
    return file;
  }

  /// A model that reads 3 numbers at each step and says 2.
  static Path values(Path folder, String name, long seed) {
    Head head = new Head.Values(2, new ValueLoss.SquaredError());
    NetworkSpec spec = new NetworkSpec(Cells.named("gru"), new Encoder.Vectors(3), 8, 1, head);
    Path file = folder.resolve(name + ".safetensors");
    ModelFile.save(file, NetworkModel.of(Network.create(spec, KERNELS, seed)));
    return file;
  }
}
