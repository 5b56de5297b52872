package dev.unfold.formats.model;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Size;
import dev.unfold.cell.Sizes;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerText;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.model.Wirings;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Models as safetensors files.
///
/// The tensors are the network's parameters under their names, which are PyTorch's: `embedding.weight`, `weight_ih_l0`,
/// ..., `head.weight`, `head.bias`; F32, or F64 for a network of doubles; matrices may have 16 bits, see `weights`.
/// Everything else is metadata, texts by key:
///
/// | key | text |
/// |---|---|
/// | `format`, `format_version` | `unfold`, `1` |
/// | `cell`, `bias` | the recurrence: [Cell#name], and its biases in lower case |
/// | `encoder` | `embedding` of tokens, as for a [LanguageModel], `vectors`, as for a [SetModel], or `columns` of a table |
/// | `embedding` | the width I of an embedding |
/// | `columns` | of a table: how many numbers, then vocabulary and width of each embedding, as in `numbers=3;12x4` |
/// | `hidden`, `layers`, `classes` | H, L, K |
/// | `wiring` | what the network has beyond that: `bidirectional`, `residual`, `tied`, `factored`, with commas; left out if nothing |
/// | `dropout` | the random masks that it is trained with, [Noise#text]; left out if none |
/// | `weights` | of matrices in 16 bits: `bf16`, tensors of BF16, or `fixed16`, tensors of I16 with the scale of each row in `NAME.scale` ([WeightFormat]) |
/// | `layers`, `bias` | of layers that are not alike: [LayerText], and biases for each with commas; no `cell`, `hidden`, `size.*`, `heads` |
/// | `size.*` | the sizes of the cell's own by letter, such as `size.P` |
/// | `heads` | N, the blocks of its recurrent matrices, which are `[rows, H/N]`; left out for 1 |
/// | `unit`, `vocabulary` | of a language model: what a token is, and all tokens as a JSON array |
/// | `form` | what the sequences of its text are, such as `LINES`; left out for `STREAM` |
/// | `predicts` | of a model of sets: `set` |
/// | `head`, `inputs` | of any other network: what its outputs mean, [Head#text]; V tokens or I numbers that it reads, unless they are columns |
/// | `about.*` | of such a network: what its maker says of its inputs and outputs, [NetworkModel#description] |
/// | `training.*` | the [Provenance] |
///
/// The same model gives the same file, bit for bit.
public final class ModelFile {
  static final String FORMAT = "format";
  static final String UNFOLD = "unfold";
  static final String FORMAT_VERSION = "format_version";
  static final String VERSION = "1";
  static final String CELL = "cell";
  static final String BIAS = "bias";
  static final String ENCODER = "encoder";
  static final String EMBEDDING = "embedding";
  static final String VECTORS = "vectors";
  static final String COLUMNS = "columns";
  static final String PREDICTS = "predicts";
  static final String SET = "set";
  static final String HIDDEN = "hidden";
  static final String SIZE = "size.";
  static final String HEADS = "heads";
  static final String LAYERS = "layers";
  static final String CLASSES = "classes";
  static final String WIRING = "wiring";
  static final String DROPOUT = "dropout";
  static final String START = "start";
  static final String WEIGHTS = "weights";
  static final String HEAD = "head";
  static final String INPUTS = "inputs";
  static final String ABOUT = "about.";
  static final String UNIT = "unit";
  static final String FORM = "form";
  static final String VOCABULARY = "vocabulary";

  private ModelFile() {}

  /// Writes a model to a file, as [SafetensorsWriter] does: whole or not at all.
  ///
  /// **Errors**: [WriteException] if the file cannot be written.
  public static void save(Path path, Model model) {
    Objects.requireNonNull(path, "path: expected a file, got null");
    Objects.requireNonNull(model, "model: expected one, got null");
    WeightTensors tensors = new WeightTensors(model.network().weightFormat());
    SafetensorsWriter.write(path, metadata(model), tensors.of(model.network().parameters()));
  }

  /// All that is said about a model, but its numbers: texts by key, as above.
  public static Map<String, String> metadata(Model model) {
    NetworkSpec spec = model.network().spec();
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(FORMAT, UNFOLD);
    metadata.put(FORMAT_VERSION, VERSION);
    if (spec.isUniform()) {
      metadata.put(CELL, spec.cell().name());
      metadata.put(BIAS, name(spec.cell().bias()));
      metadata.put(HIDDEN, Integer.toString(spec.hidden()));
      Sizes sizes = spec.cell().sizes(spec.encoder().width(), spec.hidden());
      for (String letter : spec.cell().sizeLetters()) {
        metadata.put(SIZE + letter, Integer.toString(sizes.of(Size.own(letter))));
      }
      if (spec.cell().heads() > 1) {
        metadata.put(HEADS, Integer.toString(spec.cell().heads()));
      }
      metadata.put(LAYERS, Integer.toString(spec.layers()));
    } else {
      metadata.put(LAYERS, LayerText.of(spec.stack()));
      metadata.put(
          BIAS,
          spec.stack().stream()
              .map(layer -> name(layer.cell().bias()))
              .collect(Collectors.joining(",")));
    }
    metadata.put(CLASSES, Integer.toString(spec.outputs()));
    String wiring = Wirings.of(spec).text();
    if (!wiring.isEmpty()) {
      metadata.put(WIRING, wiring);
    }
    if (!spec.noise().equals(Noise.NONE)) {
      metadata.put(DROPOUT, spec.noise().text());
    }
    if (model.network().weightFormat() != WeightFormat.FLOAT32) {
      metadata.put(WEIGHTS, model.network().weightFormat().text());
    }
    spec.start().ifPresent(start -> metadata.put(START, start.text()));
    switch (model) {
      case LanguageModel language -> {
        metadata.put(ENCODER, EMBEDDING);
        metadata.put(EMBEDDING, Integer.toString(spec.encoder().width()));
        metadata.put(UNIT, language.unit());
        if (!language.form().equals(LanguageModel.STREAM)) {
          metadata.put(FORM, language.form());
        }
        metadata.put(VOCABULARY, JsonText.ofStrings(language.vocabulary()));
      }
      case SetModel _ -> {
        metadata.put(ENCODER, VECTORS);
        metadata.put(PREDICTS, SET);
      }
      case NetworkModel any -> {
        metadata.putAll(any.description(ABOUT));
        metadata.put(HEAD, spec.head().text());
        switch (spec.encoder()) {
          case Encoder.Embedding tokens -> {
            metadata.put(ENCODER, EMBEDDING);
            metadata.put(EMBEDDING, Integer.toString(tokens.width()));
            metadata.put(INPUTS, Integer.toString(tokens.vocabulary()));
          }
          case Encoder.Vectors vectors -> {
            metadata.put(ENCODER, VECTORS);
            metadata.put(INPUTS, Integer.toString(vectors.width()));
          }
          case Encoder.Columns columns -> {
            metadata.put(ENCODER, COLUMNS);
            metadata.put(COLUMNS, ColumnsText.of(columns));
          }
        }
      }
    }
    model.provenance().ifPresent(known -> ProvenanceMetadata.write(known, metadata));
    return metadata;
  }

  /// What [#metadata] said of a model whose network is at hand.
  ///
  /// **Errors**: [FormatException] or [IllegalArgumentException] if the texts are not whole, or of another network.
  public static Model described(Network network, Map<String, String> metadata) {
    Objects.requireNonNull(network, "network: expected one, got null");
    Objects.requireNonNull(metadata, "metadata: expected texts, got null");
    Metadata texts = new Metadata("metadata", metadata);
    texts.expect(FORMAT, UNFOLD);
    texts.expect(FORMAT_VERSION, VERSION);
    if (texts.has(HEAD) && !texts.text(HEAD).equals(network.spec().head().text())) {
      throw new FormatException(
          "metadata: expected a head of %s, got %s"
              .formatted(network.spec().head().text(), texts.text(HEAD)));
    }
    String encoder =
        switch (network.spec().encoder()) {
          case Encoder.Embedding _ -> EMBEDDING;
          case Encoder.Vectors _ -> VECTORS;
          case Encoder.Columns _ -> COLUMNS;
        };
    texts.expect(ENCODER, encoder);
    return ModelReader.described(network, texts, "metadata");
  }

  /// What texts say of a network but for its layers.
  ///
  /// @param wiring what is not said of a layer: `tied`
  public record Outline(Encoder encoder, Head head, Set<Wiring> wiring) {
    /// Copies the set.
    public Outline {
      wiring = Set.copyOf(wiring);
    }
  }

  /// What [#metadata] said of a model's encoder and head, for who has the numbers in another file. Whether these sizes
  /// are right, nobody has checked.
  ///
  /// **Errors**: [FormatException] or [IllegalArgumentException] if the texts are not whole.
  public static Outline outline(Map<String, String> metadata) {
    Metadata texts = new Metadata("metadata", metadata);
    texts.expect(FORMAT, UNFOLD);
    texts.expect(FORMAT_VERSION, VERSION);
    return ModelReader.outline(texts);
  }

  private static String name(Bias bias) {
    return bias.name().toLowerCase(Locale.ROOT);
  }

  /// The tensors of parameters, their names with a prefix.
  static List<Tensor> tensors(String prefix, Parameters parameters) {
    return parameters.tensors().stream()
        .map(tensor ->
            new Tensor(
                prefix + tensor.name(),
                tensor.shape().stream().map(Integer::longValue).toList(),
                parameters.buffer(),
                tensor.offset()))
        .toList();
  }

  /// Reads a model with one of the standard cells ([Cells]).
  ///
  /// Everything is checked before any memory for it is allocated: what the metadata say against the
  /// tensors that are there, and that all numbers are finite.
  ///
  /// **Errors**: [FormatException] for a file that is missing, not readable, no safetensors file, or
  /// no model of this kind.
  public static Model load(Path path, Kernels kernels) {
    return new ModelReader(path, kernels, Cells::named).read();
  }

  /// Writes any network, with nothing said of what its inputs are.
  ///
  /// **Errors**: as [#save(Path, Model)].
  public static void save(Path path, Network network) {
    save(path, NetworkModel.of(network));
  }

  /// Reads the network of any model, with one of the standard cells.
  ///
  /// **Errors**: as [#load(Path, Kernels)].
  public static Network loadNetwork(Path path, Kernels kernels) {
    return load(path, kernels).network();
  }

  /// Reads a model that was trained on text.
  ///
  /// **Errors**: as [#load(Path, Kernels)]; [FormatException] also for a model of another kind.
  public static LanguageModel loadLanguage(Path path, Kernels kernels) {
    if (load(path, kernels) instanceof LanguageModel language) {
      return language;
    }
    throw new FormatException(path + ": expected a model that was trained on text, got another");
  }

  /// Reads a model with a cell of its user's.
  ///
  /// **Errors**: as above; [FormatException] also if the model's cell has another name than `cell`.
  public static Model load(Path path, Kernels kernels, Cell cell) {
    Objects.requireNonNull(cell, "cell: expected one, got null");
    return new ModelReader(
            path,
            kernels,
            name -> {
              if (!name.equals(cell.name())) {
                throw new IllegalArgumentException("another cell");
              }
              return cell;
            })
        .read();
  }

  /// Whether a file is a model that [#save] may have written, as far as can be told without reading
  /// its numbers.
  public static boolean isModel(Path path) {
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      return UNFOLD.equals(reader.metadata().get(FORMAT));
    } catch (FormatException e) {
      return false;
    }
  }
}
