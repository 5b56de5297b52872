package dev.unfold.formats.torch;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Size;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.SeveralHeads;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A network as the state dict of a module with `embedding`, `rnn` and `head`.
final class StateDictWriter {
  /// What the names of settings begin with in a file's metadata.
  static final String SETTING = "unfold.";

  private static final String MODULE = "rnn.";

  /// What PyTorch calls the modules of cells, and what else their constructors are told.
  private static final Map<String, String> MODULES =
      Map.of(
          "elman", "RNN",
          "elman_relu", "RNN",
          "gru", "GRU",
          "lstm", "LSTM",
          "lstm_projected", "LSTM");

  private final Network network;
  private final NetworkSpec spec;
  private final LayerSpec layer;

  /// **Errors**: [IllegalArgumentException] that names what PyTorch's modules cannot hold.
  StateDictWriter(Network network) {
    this.network = network;
    spec = network.spec();
    layer = spec.stack().getFirst();
    expectLayers();
    expectCell(layer.cell());
    expectHead(spec.head());
    if (spec.encoder() instanceof Encoder.Columns) {
      throw new Refusal("model", "vectors or tokens for PyTorch", "columns of a table");
    }
    if (!spec.noise().zoneout().isEmpty()) {
      throw new Refusal("model", "a network without zoneout for PyTorch", spec.noise().text());
    }
  }

  private void expectLayers() {
    for (int l = 0; l < spec.layers(); l++) {
      LayerSpec other = spec.stack().get(l);
      if (other.has(Wiring.RESIDUAL)) {
        throw new Refusal("model", "layers without residuals for PyTorch", "layer l" + l);
      }
      boolean isAlike =
          other.hidden() == layer.hidden()
              && other.wiring().equals(layer.wiring())
              && other.cell().equals(layer.cell());
      if (!isAlike) {
        throw new Refusal(
            "model",
            "layers that are all alike for a module of PyTorch's",
            "layer l%d of %s, H=%d after l0 of %s, H=%d"
                .formatted(
                    l, other.cell().name(), other.hidden(), layer.cell().name(), layer.hidden()));
      }
    }
  }

  private void expectCell(Cell cell) {
    boolean isKnown =
        MODULES.containsKey(cell.name())
            && cell.equations().equals(Cells.named(cell.name()).equations());
    if (!isKnown) {
      throw new Refusal(
          "model",
          "a cell that PyTorch has, one of " + MODULES.keySet().stream().sorted().toList(),
          cell.name());
    }
    if (projection() >= layer.hidden()) {
      throw new Refusal(
          "model",
          "a projection to fewer than H=%d numbers for PyTorch".formatted(layer.hidden()),
          "P=" + projection());
    }
  }

  private static void expectHead(Head head) {
    String reason =
        switch (head) {
          case Head.Classes _, Head.Values _, Head.Sets _, Head.Labels _ -> "";
          case PooledHead pooled ->
              pooled.pooling() == Pooling.ATTENTION ? "pooling by attention" : "";
          case Head.Tags _ -> "a conditional random field";
          case FactoredClasses _ -> "a factored softmax";
          case SeveralHeads _ -> "several heads";
        };
    if (!reason.isEmpty()) {
      throw new Refusal("model", "a head that is one nn.Linear for PyTorch", reason);
    }
  }

  /// P, or 0.
  private int projection() {
    return layer.cell().sizeLetters().isEmpty()
        ? 0
        : layer.sizes(spec.encoder().width()).of(Size.own("P"));
  }

  /// The parameters by PyTorch's names.
  List<Tensor> tensors() {
    Parameters parameters = network.parameters();
    List<Tensor> tensors = new ArrayList<>();
    for (Parameters.Tensor tensor : parameters.tensors()) {
      String name = tensor.name();
      boolean isOuter = name.equals(Network.EMBEDDING) || name.startsWith("head.");
      if (name.startsWith("bias_l")) {
        tensors.addAll(biases(tensor));
      } else {
        tensors.add(
            tensor(isOuter ? name : MODULE + name, tensor, parameters.buffer(), tensor.offset()));
      }
      if (name.equals(Network.EMBEDDING) && spec.has(Wiring.TIED)) {
        tensors.add(tensor(Head.WEIGHT, tensor, parameters.buffer(), tensor.offset()));
      }
    }
    return tensors;
  }

  private static Tensor tensor(String name, Parameters.Tensor like, Buffer values, long at) {
    List<Long> shape = like.shape().stream().map(Integer::longValue).toList();
    return new Tensor(name, shape, values, at);
  }

  /// PyTorch's two biases for one.
  private List<Tensor> biases(Parameters.Tensor bias) {
    Buffer own = network.parameters().buffer();
    HostBuffer all = HostBuffer.allocate(own.type(), bias.length());
    all.copy(own, bias.offset(), 0, bias.length());
    boolean isGru = layer.cell().name().equals("gru");
    // A GRU has one for the input's and one for the state's share of n, behind those of its gates.
    int rows = (int) (isGru ? bias.length() / 4 * 3 : bias.length());
    HostBuffer ofInput = HostBuffer.allocate(own.type(), rows);
    HostBuffer ofState = HostBuffer.allocate(own.type(), rows);
    ofInput.copy(all, 0, 0, rows);
    if (isGru) {
      int hidden = rows / 3;
      ofState.copy(all, rows, rows - hidden, hidden);
    }
    String suffix = bias.name().substring("bias".length());
    List<Long> shape = List.of((long) rows);
    return List.of(
        new Tensor(MODULE + "bias_ih" + suffix, shape, ofInput, 0),
        new Tensor(MODULE + "bias_hh" + suffix, shape, ofState, 0));
  }

  /// What names and shapes do not say, as settings of the reader.
  Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>();
    settings.put(StateDictReader.OUTPUTS, spec.head().text());
    settings.put(StateDictReader.HEAD, "head");
    boolean isTokens = spec.encoder() instanceof Encoder.Embedding;
    settings.put(StateDictReader.EMBEDDING, isTokens ? "embedding" : StateDictReader.NONE);
    if (MODULES.get(layer.cell().name()).equals("RNN")) {
      boolean isRelu = layer.cell().name().equals("elman_relu");
      settings.put(StateDictReader.NONLINEARITY, isRelu ? "relu" : "tanh");
    }
    return settings;
  }

  void writeSafetensors(Path file) {
    Map<String, String> metadata = new TreeMap<>(Map.of("format", "pt"));
    settings().forEach((name, value) -> metadata.put(SETTING + name, value));
    SafetensorsWriter.write(file, metadata, tensors());
  }

  /// How to make the module in Python.
  ///
  /// @param loaded what gives the state dict
  List<String> lines(String loaded) {
    List<String> lines = new ArrayList<>();
    if (!spec.noise().equals(Noise.NONE)) {
      lines.add("dropout is left out: it does nothing when a model is used");
    }
    lines.add("import torch");
    if (loaded.startsWith("safetensors")) {
      lines.add("import safetensors.torch");
    }
    lines.add("class Model(torch.nn.Module):");
    lines.add("    def __init__(self):");
    lines.add("        super().__init__()");
    if (spec.encoder() instanceof Encoder.Embedding tokens) {
      lines.add(
          "        self.embedding = torch.nn.Embedding(%d, %d)"
              .formatted(tokens.vocabulary(), tokens.width()));
    }
    lines.add("        self.rnn = torch.nn." + module());
    lines.add(
        "        self.head = torch.nn.Linear(%d, %d%s)"
            .formatted(
                spec.outputSize(), spec.outputs(), spec.hasReadoutBias() ? "" : ", bias=False"));
    if (spec.has(Wiring.TIED)) {
      lines.add("        self.head.weight = self.embedding.weight");
    }
    boolean isTokens = spec.encoder() instanceof Encoder.Embedding;
    lines.add(
        "    def forward(self, x, state=None):  # x "
            + (isTokens ? "[T, B]" : "[T, B, %d]".formatted(spec.encoder().width())));
    lines.add(
        "        h, state = self.rnn(%s, state)".formatted(isTokens ? "self.embedding(x)" : "x"));
    lines.add("        return self.head(%s), state".formatted(pooled()));
    lines.add("model = Model()");
    lines.add("model.load_state_dict(%s)".formatted(loaded));
    return lines;
  }

  private String module() {
    Cell cell = layer.cell();
    StringBuilder text = new StringBuilder(MODULES.get(cell.name()));
    text.append("(%d, %d".formatted(spec.encoder().width(), layer.hidden()));
    text.append(spec.layers() > 1 ? ", num_layers=" + spec.layers() : "");
    text.append(cell.name().equals("elman_relu") ? ", nonlinearity=\"relu\"" : "");
    text.append(cell.bias() == Bias.NONE ? ", bias=False" : "");
    text.append(layer.has(Wiring.BIDIRECTIONAL) ? ", bidirectional=True" : "");
    text.append(projection() > 0 ? ", proj_size=" + projection() : "");
    return text.append(")").toString();
  }

  private String pooled() {
    Optional<Pooling> pooling = spec.head().pooled();
    if (pooling.isEmpty()) {
      return "h";
    }
    return switch (pooling.get()) {
      case LAST -> "h[-1]";
      case MEAN -> "h.mean(0)";
      case MAX -> "h.max(0).values";
      case ATTENTION -> throw new AssertionError(pooling);
    };
  }
}
