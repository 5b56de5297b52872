package dev.unfold.formats.model;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.SeveralHeads;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.LayerText;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.StaticStart;
import dev.unfold.model.Wiring;
import dev.unfold.model.Wirings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Reads a model file in an order in which nothing is believed before it is checked: first the tensors that the sizes
/// in the metadata show in, whose numbers the file holds, so that no size can be larger than the file; then the shapes
/// of all; then their numbers; and only then a network is made.
final class ModelReader {
  private static final String BIASES = "none, per_affine or per_operand";

  private final Path path;
  private static final String KNOWN =
      "the name of a cell that is known here, or of one that is passed to ModelFile.load";

  private final Kernels kernels;
  private final Function<String, Cell> cells;
  private WeightTensors tensors = new WeightTensors(WeightFormat.FLOAT32);

  /// @param cells the cell of a name; [IllegalArgumentException] if it is none that can be read
  ModelReader(Path path, Kernels kernels, Function<String, Cell> cells) {
    this.path = Objects.requireNonNull(path, "path: expected a file, got null");
    this.kernels = Objects.requireNonNull(kernels, "kernels: expected a backend, got null");
    this.cells = cells;
  }

  Model read() {
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      Metadata metadata = new Metadata(path.toString(), reader.metadata());
      expectModel(metadata);
      metadata.expect(ModelFile.FORMAT_VERSION, ModelFile.VERSION);
      if (metadata.has(ModelFile.WEIGHTS)) {
        tensors =
            metadata.parse(
                ModelFile.WEIGHTS,
                WeightFormat.texts(),
                text -> new WeightTensors(WeightFormat.of(text)));
      }
      // Models of texts and of sets have no key for what is the same in all of them.
      boolean isAny = metadata.has(ModelFile.HEAD);
      String encoders = isAny ? "embedding, vectors or columns" : "embedding or vectors";
      String kind = metadata.parse(ModelFile.ENCODER, encoders, text -> kind(text, isAny));
      boolean isTokens = kind.equals(ModelFile.EMBEDDING);
      if (!isAny && !isTokens) {
        metadata.expect(ModelFile.PREDICTS, ModelFile.SET);
      }
      int outputs = metadata.size(ModelFile.CLASSES);
      Encoder encoder =
          kind.equals(ModelFile.COLUMNS)
              ? columns(metadata, reader)
              : encoder(isTokens, metadata, reader, isAny ? inputs(metadata) : outputs);
      Wirings wirings = wirings(metadata);
      NetworkSpec spec =
          started(
              metadata,
              spec(metadata, reader, encoder, head(metadata, isTokens, wirings, outputs), wirings));
      checkVocabulary(metadata, isAny || !isTokens, outputs);
      Map<String, List<Integer>> shapes = Network.shapes(spec);
      checkShapes(shapes, reader);
      checkNumbers(shapes, reader);
      return described(network(spec, reader), metadata, path.toString());
    }
  }

  /// A wrong one is refused before memory is taken.
  private static void checkVocabulary(Metadata metadata, boolean hasNone, int outputs) {
    if (!hasNone) {
      vocabulary(metadata, outputs);
    }
  }

  /// What the texts say of a network.
  static Model described(Network network, Metadata metadata, String file) {
    Optional<Provenance> provenance = ProvenanceMetadata.read(file, metadata);
    if (metadata.has(ModelFile.HEAD)) {
      return new NetworkModel(network, metadata.after(ModelFile.ABOUT), provenance);
    }
    return metadata.text(ModelFile.ENCODER).equals(ModelFile.EMBEDDING)
        ? new LanguageModel(
            network,
            metadata.text(ModelFile.UNIT),
            metadata.has(ModelFile.FORM) ? metadata.text(ModelFile.FORM) : LanguageModel.STREAM,
            vocabulary(metadata, network.spec().outputs()),
            provenance)
        : new SetModel(network, provenance);
  }

  /// Encoder and head without their numbers.
  static ModelFile.Outline outline(Metadata metadata) {
    boolean isAny = metadata.has(ModelFile.HEAD);
    String kind =
        metadata.parse(
            ModelFile.ENCODER, "embedding, vectors or columns", text -> kind(text, isAny));
    boolean isTokens = kind.equals(ModelFile.EMBEDDING);
    int outputs = metadata.size(ModelFile.CLASSES);
    Encoder encoder;
    if (kind.equals(ModelFile.COLUMNS)) {
      encoder = metadata.parse(ModelFile.COLUMNS, ColumnsText.EXPECTED, ColumnsText::parse);
    } else {
      int inputs = isAny ? inputs(metadata) : outputs;
      encoder =
          isTokens
              ? new Encoder.Embedding(inputs, metadata.size(ModelFile.EMBEDDING))
              : new Encoder.Vectors(inputs);
    }
    Wirings wirings = wirings(metadata);
    return new ModelFile.Outline(
        encoder,
        head(metadata, isTokens, wirings, outputs),
        wirings.ofNetwork().contains(Wiring.TIED) ? Set.of(Wiring.TIED) : Set.of());
  }

  /// Says what else a file is, if it is known.
  private void expectModel(Metadata metadata) {
    String format = metadata.has(ModelFile.FORMAT) ? metadata.text(ModelFile.FORMAT) : "";
    switch (format) {
      case "unfold-graph" ->
          throw new FormatException(
              path + ": expected a network, got a graph for inference, which compare takes");
      case "pt" ->
          throw new FormatException(
              path
                  + ": expected a model of Unfold's, got a state dict of PyTorch, which import"
                  + " takes");
      default -> metadata.expect(ModelFile.FORMAT, ModelFile.UNFOLD);
    }
  }

  private static Head head(Metadata metadata, boolean isTokens, Wirings wirings, int outputs) {
    Head head;
    if (metadata.has(ModelFile.HEAD)) {
      head =
          metadata.parse(
              ModelFile.HEAD,
              "a head of K=" + outputs + " outputs",
              text -> Head.parse(text, outputs));
    } else if (isTokens) {
      return wirings.isFactored() ? new FactoredClasses(outputs) : new Head.Classes(outputs);
    } else {
      head = new Head.Sets(outputs);
    }
    if (wirings.isFactored() != head instanceof FactoredClasses) {
      metadata.parse(
          ModelFile.WIRING,
          "factored for a factored head, and for no other",
          text -> {
            throw new IllegalArgumentException(text);
          });
    }
    return head;
  }

  private static NetworkSpec started(Metadata metadata, NetworkSpec spec) {
    return metadata.has(ModelFile.START)
        ? metadata.parse(
            ModelFile.START,
            "static columns of its encoder, as in numbers=2,categories=1",
            text -> spec.with(StaticStart.parse(text)))
        : spec;
  }

  private static String kind(String encoder, boolean isAny) {
    boolean isKnown =
        switch (encoder) {
          case ModelFile.EMBEDDING, ModelFile.VECTORS -> true;
          case ModelFile.COLUMNS -> isAny;
          default -> false;
        };
    if (!isKnown) {
      throw new IllegalArgumentException(encoder);
    }
    return encoder;
  }

  private static int inputs(Metadata metadata) {
    return metadata.size(ModelFile.INPUTS);
  }

  private Encoder encoder(
      boolean isTokens, Metadata metadata, SafetensorsReader reader, int inputs) {
    if (!isTokens) {
      return new Encoder.Vectors(inputs);
    }
    int width = metadata.size(ModelFile.EMBEDDING);
    tensors.expect(reader, Network.EMBEDDING, List.of(inputs, width));
    return new Encoder.Embedding(inputs, width);
  }

  private Encoder columns(Metadata metadata, SafetensorsReader reader) {
    Encoder.Columns columns =
        metadata.parse(ModelFile.COLUMNS, ColumnsText.EXPECTED, ColumnsText::parse);
    List<String> names = Network.embeddings(columns);
    for (int c = 0; c < names.size(); c++) {
      Encoder.Embedding table = columns.categories().get(c);
      tensors.expect(reader, names.get(c), List.of(table.vocabulary(), table.width()));
    }
    return columns;
  }

  private static List<String> vocabulary(Metadata metadata, int classes) {
    return metadata.parse(
        ModelFile.VOCABULARY,
        "a JSON array of K=" + classes + " strings",
        text -> vocabulary(text, classes));
  }

  private NetworkSpec spec(
      Metadata metadata, SafetensorsReader reader, Encoder encoder, Head head, Wirings wirings) {
    if (!metadata.has(ModelFile.HIDDEN) && !metadata.has(ModelFile.CELL)) {
      return spec(metadata, reader, encoder, head, wirings.ofNetwork());
    }
    int hidden = metadata.size(ModelFile.HIDDEN);
    int layers = metadata.size(ModelFile.LAYERS);
    expectTensors(layers, reader);
    Bias bias = metadata.parse(ModelFile.BIAS, BIASES, ModelReader::bias);
    Cell cell = metadata.parse(ModelFile.CELL, KNOWN, cells);
    for (String letter : cell.sizeLetters()) {
      cell = cell.withSize(letter, metadata.size(ModelFile.SIZE + letter));
    }
    if (metadata.has(ModelFile.HEADS)) {
      cell = withHeads(cell, metadata, hidden);
    }
    Set<Wiring> wiring = wirings.ofNetwork();
    Noise noise = noise(metadata);
    if (!wiring.contains(Wiring.TIED)) {
      int units = cell.sizes(encoder.width(), hidden).of(cell.output().size());
      int directions = wiring.contains(Wiring.BIDIRECTIONAL) ? 2 : 1;
      int width = (int) Math.min(Integer.MAX_VALUE, (long) directions * units);
      if (head instanceof SeveralHeads several) {
        several
            .parts()
            .forEach(part ->
                tensors.expect(
                    reader, part.rename(Head.WEIGHT), List.of(part.head().outputs(), width)));
      } else {
        tensors.expect(reader, Head.WEIGHT, List.of(head.outputs(), width));
      }
    }
    try {
      return new NetworkSpec(cell.withBias(bias), encoder, hidden, layers, head, wiring, noise);
    } catch (IllegalArgumentException e) {
      throw new FormatException(path + ": " + e.getMessage(), e);
    }
  }

  private static Cell withHeads(Cell cell, Metadata metadata, int hidden) {
    return metadata.parse(
        ModelFile.HEADS,
        "a number of heads of %s that divides H=%d".formatted(cell.name(), hidden),
        text -> {
          Cell own = cell.withHeads(Integer.parseInt(text));
          own.sizes(1, hidden);
          return own;
        });
  }

  /// Layers each of their own.
  private NetworkSpec spec(
      Metadata metadata, SafetensorsReader reader, Encoder encoder, Head head, Set<Wiring> wiring) {
    List<LayerSpec> named =
        metadata.parse(
            ModelFile.LAYERS,
            LayerText.FORM,
            text -> LayerText.parse(ModelFile.LAYERS, text, OptionalInt.empty(), cells));
    expectTensors(named.size(), reader);
    List<LayerSpec> stack =
        metadata.parse(ModelFile.BIAS, BIASES + " for each layer", text -> withBiases(named, text));
    try {
      return new NetworkSpec(encoder, stack, head, wiring, noise(metadata));
    } catch (IllegalArgumentException e) {
      throw new FormatException(path + ": " + e.getMessage(), e);
    }
  }

  private void expectTensors(int layers, SafetensorsReader reader) {
    int count = reader.tensors().size();
    if (layers > count) {
      throw new FormatException(
          "%s: expected tensors of L=%d layers, got %d tensors".formatted(path, layers, count));
    }
  }

  private static List<LayerSpec> withBiases(List<LayerSpec> stack, String text) {
    String[] biases = text.split(",", -1);
    if (biases.length != stack.size()) {
      throw new IllegalArgumentException(text);
    }
    return IntStream.range(0, biases.length)
        .mapToObj(l -> {
          LayerSpec layer = stack.get(l);
          Cell cell = layer.cell().withBias(bias(biases[l]));
          return new LayerSpec(cell, layer.hidden(), layer.wiring());
        })
        .toList();
  }

  private static Bias bias(String name) {
    return Bias.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static Noise noise(Metadata metadata) {
    return metadata.has(ModelFile.DROPOUT)
        ? metadata.parse(ModelFile.DROPOUT, "shares of dropout", Noise::parse)
        : Noise.NONE;
  }

  private static Wirings wirings(Metadata metadata) {
    if (!metadata.has(ModelFile.WIRING)) {
      return Wirings.parse(List.of());
    }
    // In both directions a network can't predict what it has read.
    return metadata.has(ModelFile.HEAD)
        ? metadata.parse(ModelFile.WIRING, Wirings.ALL, text -> Wirings.parseAll(List.of(text)))
        : metadata.parse(ModelFile.WIRING, Wirings.NAMES, text -> Wirings.parse(List.of(text)));
  }

  private static List<String> vocabulary(String text, int classes) {
    List<String> vocabulary = JsonText.strings(text, classes);
    if (vocabulary.size() != classes) {
      throw new IllegalArgumentException("got " + vocabulary.size());
    }
    return vocabulary;
  }

  private void checkShapes(Map<String, List<Integer>> shapes, SafetensorsReader reader) {
    shapes.forEach((name, shape) -> tensors.expect(reader, name, shape));
    Set<String> names = tensors.names(shapes);
    for (String name : reader.tensors().keySet()) {
      if (!names.contains(name)) {
        throw new FormatException(
            "%s: expected %d tensors, got another one, %s"
                .formatted(path, names.size(), Quote.of(name)));
      }
    }
  }

  /// Before a network is made, since it takes several times the memory of the file.
  private void checkNumbers(Map<String, List<Integer>> shapes, SafetensorsReader reader) {
    shapes.forEach((name, shape) -> tensors.checkNumbers(reader, name, shape, kernels.type()));
  }

  private Network network(NetworkSpec spec, SafetensorsReader reader) {
    Network network = Network.zeros(spec, kernels, tensors.format());
    tensors.read(reader, network.parameters());
    return network;
  }
}
