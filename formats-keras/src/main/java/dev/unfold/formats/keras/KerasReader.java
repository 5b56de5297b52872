package dev.unfold.formats.keras;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.ActivatedCells;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.NetworkAssembly;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.head.Head;
import dev.unfold.head.Pooling;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes a network of the layers of a Keras model: maybe an embedding, recurrent layers, maybe pooling, maybe a dense
/// layer.
final class KerasReader {
  static final String ACTIVATION = "activation";
  static final String GATES = "recurrent_activation";
  static final String RESET_AFTER = "reset_after";

  private final String file;
  private final LayerArrays arrays;
  private final boolean isLegacy;
  private final boolean isConfigured;
  private final ImportOptions options;
  private final NetworkAssembly assembly;
  private final List<String> conventions = new ArrayList<>();
  private final List<LayerSpec> layers = new ArrayList<>();
  private final HeadReader head;
  private Optional<Encoder.Embedding> embedding = Optional.empty();
  private int input;
  private int width;

  KerasReader(
      String file,
      KerasWeights weights,
      boolean isLegacy,
      boolean isConfigured,
      ImportOptions options) {
    this.file = file;
    this.isLegacy = isLegacy;
    this.isConfigured = isConfigured;
    this.options = options;
    arrays = new LayerArrays(weights);
    assembly = new NetworkAssembly(file);
    head = new HeadReader(options, isConfigured, arrays, assembly, conventions);
  }

  Imported read(List<KerasLayer> all) {
    all.forEach(this::add);
    sayFunctions();
    if (layers.isEmpty()) {
      throw new FormatException(file + ": expected a recurrent layer, found none");
    }
    Head read = head.read(layers, width);
    Encoder encoder =
        embedding.<Encoder>map(each -> each).orElseGet(() -> new Encoder.Vectors(input));
    NetworkSpec spec = new NetworkSpec(encoder, layers, read);
    Network network = assembly.network(spec, options.kernels());
    return new Imported(NetworkModel.of(network), conventions);
  }

  private void sayFunctions() {
    Map<String, String> said = options.settings();
    if (!isConfigured && !said.containsKey(ACTIVATION) && !said.containsKey(GATES)) {
      conventions.add(
          "functions: taken for tanh, and sigmoid at gates, which the file does not say (--set"
              + " recurrent_activation=hard_sigmoid, for one)");
    }
  }

  private void add(KerasLayer layer) {
    LayerConfig config = layer.config();
    switch (config.type()) {
      case "InputLayer" -> {}
      case "Dropout",
          "SpatialDropout1D",
          "GaussianDropout",
          "GaussianNoise",
          "AlphaDropout",
          "ActivityRegularization" ->
          conventions.add(shown(layer) + ": left out: it does nothing when a model is used");
      case "Masking" ->
          conventions.add(
              shown(layer)
                  + ": steps of %s alone are to be left out of sequences"
                      .formatted(Quote.plain(String.valueOf(config.node().get("mask_value")))));
      case "Embedding" -> addEmbedding(layer);
      case "LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU" -> addRecurrent(layer);
      case "GlobalAveragePooling1D" -> addPooling(layer, Pooling.MEAN);
      case "GlobalMaxPooling1D", "GlobalMaxPool1D" -> addPooling(layer, Pooling.MAX);
      case "Dense" -> addDense(layer);
      case "Activation", "Softmax" -> head.addFunction(config);
      default -> throw config.refusal("expected a layer that networks here have");
    }
  }

  private static String shown(KerasLayer layer) {
    return "layer "
        + Quote.plain(layer.config().name())
        + ", "
        + Quote.plain(layer.config().type());
  }

  private void addEmbedding(KerasLayer layer) {
    if (!layers.isEmpty() || embedding.isPresent()) {
      throw layer.config().refusal("expected an embedding as the first layer alone");
    }
    List<Integer> shape = arrays.matrix(layer, layer.weights(), 0);
    embedding = Optional.of(new Encoder.Embedding(shape.getFirst(), shape.getLast()));
    width = shape.getLast();
    String name = layer.weights().getFirst();
    assembly.put(Network.EMBEDDING, name, shape, arrays.numbers(name, RecurrentWeights::plain));
    if (layer.config().flag("mask_zero", false)) {
      conventions.add(
          shown(layer) + ": mask_zero, so steps with token 0 are to be left out of sequences");
    }
  }

  private void addPooling(KerasLayer layer, Pooling of) {
    if (layers.isEmpty() || head.isBegun()) {
      throw layer.config().refusal("expected pooling right behind the recurrent layers");
    }
    head.addPooling(of);
  }

  private void addDense(KerasLayer layer) {
    if (layers.isEmpty()) {
      throw layer.config().refusal("expected a Dense layer behind the recurrent ones");
    }
    head.addDense(layer);
  }

  private void addRecurrent(KerasLayer layer) {
    LayerConfig config = layer.config();
    if (head.isBegun()) {
      throw config.refusal(
          "expected recurrent layers one after the other, each with return_sequences but the last");
    }
    if (config.flag("go_backwards", false)) {
      throw config.refusal("expected a layer that does not go backwards");
    }
    boolean isBoth = layer.merge().isPresent();
    layer
        .merge()
        .filter(merge -> !merge.equals("concat"))
        .ifPresent(merge -> {
          throw config.refusal(
              "expected directions that are put side by side (concat), got " + Quote.plain(merge));
        });
    List<Integer> kernel = arrays.matrix(layer, layer.weights(), 0);
    List<Integer> recurrent = arrays.matrix(layer, layer.weights(), 1);
    int gates = config.type().endsWith("LSTM") ? 4 : config.type().endsWith("GRU") ? 3 : 1;
    int hidden = recurrent.getFirst();
    if (layers.isEmpty()) {
      input = kernel.getFirst();
    }
    boolean isCudnn = config.type().startsWith("CuDNN");
    RecurrentWeights layout = new RecurrentWeights(gates, kernel.getFirst(), hidden, isCudnn);
    if ((long) gates * hidden > Integer.MAX_VALUE
        || !kernel.equals(layout.kernelShape())
        || !recurrent.equals(layout.recurrentShape())) {
      throw config.refusal(
          "expected kernels [I, %d H] and [H, %d H], got %s and %s"
              .formatted(gates, gates, kernel, recurrent));
    }
    Cell cell = cell(layer, gates, hidden);
    Set<Wiring> wiring = isBoth ? Set.of(Wiring.BIDIRECTIONAL) : Set.of();
    LayerSpec spec = new LayerSpec(cell, hidden, wiring);
    String suffix = "_l" + layers.size();
    put(layer, layer.weights(), layout, cell, suffix);
    if (isBoth) {
      if (layer.backward().size() != layer.weights().size()
          || !arrays.matrix(layer, layer.backward(), 0).equals(kernel)
          || !arrays.matrix(layer, layer.backward(), 1).equals(recurrent)) {
        throw config.refusal("expected weights of both directions that are alike");
      }
      put(layer, layer.backward(), layout, cell, suffix + "_reverse");
    }
    layers.add(spec);
    width = spec.outputSize(1);
    conventions.add(
        "layer l%d: %s, %s, H=%d%s, from %s"
            .formatted(
                layers.size() - 1,
                cell.name(),
                order(gates),
                hidden,
                isBoth ? ", both directions" : "",
                shown(layer)));
    if (isConfigured && !config.flag("return_sequences", false)) {
      if (isBoth) {
        throw config.refusal(
            "expected return_sequences: without it the outputs are the last step of one direction"
                + " and the first of the other, which no head here reads");
      }
      head.addPooling(Pooling.LAST);
    }
  }

  private static String order(int gates) {
    return switch (gates) {
      case 4 -> "gates i, f, c, o";
      case 3 -> "gates z, r, h read as r, z, n";
      default -> "no gates";
    };
  }

  private Cell cell(KerasLayer layer, int gates, int hidden) {
    LayerConfig config = layer.config();
    Activation activation = activation(layer);
    boolean hasBias = layer.weights().size() > 2;
    List<Integer> bias = hasBias ? arrays.shape(layer, layer.weights(), 2) : List.of();
    Bias kind = hasBias ? Bias.PER_AFFINE : Bias.NONE;
    boolean isCudnn = config.type().startsWith("CuDNN");
    return switch (gates) {
      case 1 -> Cells.elman(activation).withBias(kind);
      case 4 ->
          ActivatedCells.of(ActivatedCells.Kind.LSTM, gate(layer), activation)
              .withBias(hasBias && isCudnn ? Bias.PER_OPERAND : kind);
      default -> {
        boolean isAfter = isCudnn || (hasBias ? bias.size() == 2 : resetAfter(layer));
        if (isConfigured && !isCudnn && isAfter != config.flag(RESET_AFTER, false)) {
          throw config.refusal(
              "expected a bias [2, 3H] with reset_after and [3H] without, got %s for H=%d"
                  .formatted(bias, hidden));
        }
        ActivatedCells.Kind of =
            isAfter ? ActivatedCells.Kind.GRU : ActivatedCells.Kind.GRU_RESET_BEFORE;
        yield ActivatedCells.of(of, gate(layer), activation)
            .withBias(hasBias && isAfter ? Bias.PER_OPERAND : kind);
      }
    };
  }

  private boolean resetAfter(KerasLayer layer) {
    if (isConfigured) {
      return layer.config().flag(RESET_AFTER, false);
    }
    return switch (options.setting(RESET_AFTER).orElse("")) {
      case "true" -> true;
      case "false" -> false;
      default ->
          throw layer
              .config()
              .refusal(
                  "a GRU without biases does not show where its reset gate is: expected --set"
                      + " reset_after=true or --set reset_after=false");
    };
  }

  private Activation activation(KerasLayer layer) {
    if (layer.config().type().startsWith("CuDNN")) {
      return Activation.TANH;
    }
    String name =
        isConfigured
            ? layer.config().text(ACTIVATION).orElse("linear")
            : options.setting(ACTIVATION).orElse("tanh");
    return switch (name) {
      case "tanh" -> Activation.TANH;
      case "relu" -> Activation.RELU;
      case "sigmoid" -> Activation.SIGMOID;
      case "linear" -> Activation.IDENTITY;
      default ->
          throw layer
              .config()
              .refusal(
                  "expected tanh, relu, sigmoid or linear as activation, got " + Quote.plain(name));
    };
  }

  private ActivatedCells.Gate gate(KerasLayer layer) {
    if (layer.config().type().startsWith("CuDNN")) {
      return ActivatedCells.Gate.SIGMOID;
    }
    String name =
        isConfigured
            ? layer.config().text(GATES).orElse("linear")
            : options.setting(GATES).orElse("sigmoid");
    return switch (name) {
      case "sigmoid" -> ActivatedCells.Gate.SIGMOID;
      case "hard_sigmoid" ->
          isLegacy ? ActivatedCells.Gate.HARD_SIGMOID_FIFTH : ActivatedCells.Gate.HARD_SIGMOID;
      default ->
          throw layer
              .config()
              .refusal("expected sigmoid or hard_sigmoid at the gates, got " + Quote.plain(name));
    };
  }

  private void put(
      KerasLayer layer, List<String> names, RecurrentWeights layout, Cell cell, String suffix) {
    int gates = layout.gates();
    int hidden = layout.hidden();
    String kernel = names.get(0);
    String recurrent = names.get(1);
    assembly.put(
        "weight_ih" + suffix,
        kernel,
        List.of(gates * hidden, layout.input()),
        arrays.numbers(kernel, layout::input));
    boolean isBefore = cell.layout().operands().stream().anyMatch(o -> o.name().equals("rh"));
    int ofState = isBefore ? gates - 1 : gates;
    assembly.put(
        "weight_hh" + suffix,
        recurrent,
        List.of(ofState * hidden, hidden),
        arrays.numbers(recurrent, tensor -> layout.recurrent(tensor, 0, ofState)));
    if (isBefore) {
      assembly.put(
          "weight_rh" + suffix,
          recurrent,
          List.of(hidden, hidden),
          arrays.numbers(recurrent, tensor -> layout.recurrent(tensor, ofState, 1)));
    }
    if (cell.bias() == Bias.NONE) {
      return;
    }
    String bias = names.get(2);
    List<Integer> shape = arrays.shape(layer, names, 2);
    int rows = cell.bias() == Bias.PER_OPERAND ? 2 : 1;
    long count = shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    if (count != (long) rows * gates * hidden) {
      throw layer
          .config()
          .refusal(
              "expected a bias of %d numbers, got %s"
                  .formatted((long) rows * gates * hidden, shape));
    }
    List<Integer> own = List.of(gates * hidden);
    if (rows == 1) {
      assembly.put(
          "bias" + suffix, bias, own, arrays.numbers(bias, tensor -> layout.bias(tensor, 0)));
    } else {
      assembly.put(
          "bias_ih" + suffix, bias, own, arrays.numbers(bias, tensor -> layout.bias(tensor, 0)));
      assembly.put(
          "bias_hh" + suffix, bias, own, arrays.numbers(bias, tensor -> layout.bias(tensor, 1)));
    }
  }
}
