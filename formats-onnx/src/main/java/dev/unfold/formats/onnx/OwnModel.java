package dev.unfold.formats.onnx;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.GraphParity;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.Parity;
import dev.unfold.formats.graph.Dimension;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphFolding;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.Node;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.formats.graph.layers.FoundNetwork;
import dev.unfold.formats.graph.layers.NetworkFinder;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.onnx.read.OnnxFile;
import dev.unfold.formats.onnx.write.OnnxWriter;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/// Reads a file that Unfold wrote as the model that it was: its layers as in any file, between what they read and what
/// they put out, and its encoder and head as the metadata say, with the file's constants under their names. The model is
/// run and written once more, and taken only if it and both graphs give the same.
final class OwnModel {
  /// Of the largest number.
  private static final double BOUND = 1e-4;

  /// More products than that take too long by the definitions of operators.
  private static final long MOST = 1L << 28;

  private static final int STEPS = 64;
  private static final int FEWEST = 3;

  private final OnnxFile file;
  private final Map<String, String> metadata;
  private final Graph graph;
  private final Kernels kernels;

  /// @param metadata what Unfold says of the model
  OwnModel(OnnxFile file, Map<String, String> metadata, Kernels kernels) {
    this.file = file;
    this.metadata = metadata;
    this.kernels = kernels;
    graph = GraphFolding.folded(file.graph());
  }

  /// The model.
  ///
  /// @param about what is known of the file, a line each
  ///
  /// **Errors**: [IllegalArgumentException] that says why it is not found.
  Imported read(List<String> about) {
    ModelFile.Outline outline = ModelFile.outline(metadata);
    List<String> tables = Network.embeddings(outline.encoder());
    for (int c = 0; c < tables.size(); c++) {
      Encoder.Embedding sizes = outline.encoder().categories().get(c);
      expectConstant(tables.get(c), sizes.vocabulary(), sizes.width());
    }
    FoundNetwork found = NetworkFinder.find(layers(outline.encoder(), tables), kernels);
    if (found.network().isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", found.conventions()));
    }
    Network layers = found.network().get().network();
    NetworkSpec spec =
        new NetworkSpec(
            outline.encoder(), layers.spec().stack(), outline.head(), outline.wiring(), Noise.NONE);
    Network network = network(spec, layers, tables);
    long possible = MOST / Math.max(1, network.parameters().count());
    int steps = (int) Math.min(STEPS, possible / 2);
    if (steps < FEWEST) {
      throw new Refusal(
          "model", "fewer parameters, to run it for comparison", network.parameters().count());
    }
    for (Parity.Row row : compared(network, steps)) {
      if (!(row.relative() <= BOUND)) {
        throw new Refusal("output " + row.place(), "that of the model", "others");
      }
    }
    List<String> conventions = new ArrayList<>(about);
    conventions.addAll(found.conventions());
    conventions.add("head: %s, as Unfold's own metadata say".formatted(spec.head().text()));
    Model model = ModelFile.described(network, metadata);
    return new Imported(
        new Imported.Content.OfModel(model), conventions, Optional.of(new Origin()));
  }

  private final class Origin implements Imported.Origin {
    @Override
    public Graph graph() {
      return graph;
    }

    @Override
    public List<Parity.Row> compare(Network network, int steps) {
      return compared(network, steps);
    }
  }

  /// Compares the graph with a network, and with the graph that is written for it.
  private List<Parity.Row> compared(Network network, int steps) {
    boolean hasStates =
        graph.inputs().stream().anyMatch(input -> input.name().startsWith("state."));
    ExportOptions options =
        new ExportOptions(
            hasStates ? ExportOptions.States.IO : ExportOptions.States.NONE,
            OptionalInt.of(file.opset()),
            Optional.empty());
    Inputs inputs = Parity.input(network.spec().encoder(), network.kernels(), steps, 2);
    List<Parity.Row> rows = new ArrayList<>(GraphParity.of(network, graph, inputs, steps));
    Set<String> run = rows.stream().map(Parity.Row::place).collect(Collectors.toSet());
    GraphParity.of(graph, OnnxWriter.graph(network, options), steps).stream()
        .filter(row -> !run.contains(row.place()))
        .forEach(rows::add);
    return rows;
  }

  private GraphTensor expectConstant(String name, int... shape) {
    GraphTensor constant = graph.constants().get(name);
    long count = 1;
    for (int size : shape) {
      count *= size;
    }
    if (constant == null || constant.count() != count) {
      throw new Refusal("constant " + name, count + " numbers", constant);
    }
    return constant;
  }

  /// The graph between what the first layer reads and what the last one puts out.
  private Graph layers(Encoder encoder, List<String> tables) {
    String from = encoded(encoder, tables);
    String last = last();
    List<ValueInfo> inputs = new ArrayList<>();
    inputs.add(
        ValueInfo.of(
            from,
            NumberType.FLOAT32,
            Dimension.any("T"),
            Dimension.any("B"),
            Dimension.of(encoder.width())));
    List<ValueInfo> outputs = new ArrayList<>();
    outputs.add(new ValueInfo(last, Optional.of(NumberType.FLOAT32), Optional.empty()));
    graph.inputs().stream().filter(input -> input.name().startsWith("state.")).forEach(inputs::add);
    graph.outputs().stream()
        .filter(output -> output.name().startsWith("state."))
        .forEach(outputs::add);
    Set<String> read = new HashSet<>();
    outputs.forEach(output -> read.add(output.name()));
    String first = graph.inputs().getFirst().name();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      boolean isNeeded =
          !node.outputs().contains(from) && node.outputs().stream().anyMatch(read::contains);
      if (isNeeded) {
        // How many sequences there are shows in what the layers read as well.
        boolean isShape = node.operator().equals("Shape") && node.inputs().equals(List.of(first));
        Node own =
            isShape
                ? new Node(
                    node.name(), node.operator(), List.of(from), node.outputs(), node.attributes())
                : node;
        nodes.addFirst(own);
        read.addAll(own.inputs());
        own.bodies().values().forEach(body -> read.addAll(body.names()));
      }
    }
    Map<String, GraphTensor> constants = new LinkedHashMap<>(graph.constants());
    constants.keySet().retainAll(read);
    return new Graph(inputs, outputs, constants, nodes);
  }

  /// The output of the layer with the highest number.
  private String last() {
    Set<String> values = new HashSet<>();
    graph.nodes().forEach(node -> values.addAll(node.outputs()));
    String last = "";
    for (int l = 0; values.contains("l%d.output".formatted(l)); l++) {
      last = "l%d.output".formatted(l);
    }
    if (last.isEmpty()) {
      throw new Refusal("graph", "values l0.output and so on", "none");
    }
    return last;
  }

  /// The value that the first layer reads.
  private String encoded(Encoder encoder, List<String> tables) {
    List<String> parts = new ArrayList<>();
    if (encoder.numbers() > 0) {
      parts.add("input");
    }
    for (String table : tables) {
      parts.add(
          graph.nodes().stream()
              .filter(node ->
                  node.operator().equals("Gather")
                      && !node.inputs().isEmpty()
                      && node.inputs().getFirst().equals(table))
              .findFirst()
              .map(node -> node.outputs().getFirst())
              .orElseThrow(() -> new Refusal("graph", "a Gather of " + table, "none")));
    }
    if (parts.size() == 1) {
      return parts.getFirst();
    }
    return graph.nodes().stream()
        .filter(node -> node.operator().equals("Concat") && node.inputs().equals(parts))
        .findFirst()
        .map(node -> node.outputs().getFirst())
        .orElseThrow(() -> new Refusal("graph", "a Concat of " + parts, "none"));
  }

  private Network network(NetworkSpec spec, Network layers, List<String> tables) {
    Map<String, List<Integer>> found = Network.shapes(layers.spec());
    Network.shapes(spec)
        .forEach((name, shape) -> {
          if (!isOfLayers(name, found) && !isZero(name)) {
            expectConstant(name, shape.stream().mapToInt(Integer::intValue).toArray());
          }
        });
    Network network = Network.zeros(spec, kernels);
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      Matrix to = network.parameters().matrix(tensor.name());
      if (isOfLayers(tensor.name(), found)) {
        to.copy(layers.parameters().matrix(tensor.name()));
      } else if (!isZero(tensor.name())) {
        // Matrices of readouts are written turned, tables are not.
        boolean isTurned = tensor.shape().size() == 2 && !tables.contains(tensor.name());
        to.copy(matrix(graph.constants().get(tensor.name()), to, isTurned));
      }
    }
    network.parameters().changed();
    String notFinite = network.parameters().firstNonFinite();
    if (notFinite != null) {
      throw new Refusal("constant " + notFinite, "finite numbers", "others");
    }
    return network;
  }

  private static boolean isOfLayers(String name, Map<String, List<Integer>> found) {
    return found.containsKey(name) && !name.startsWith("head.");
  }

  /// Whether it is a bias that the file has not.
  private boolean isZero(String name) {
    return name.endsWith("bias") && !graph.constants().containsKey(name);
  }

  private static Matrix matrix(GraphTensor numbers, Matrix like, boolean isTurned) {
    Matrix matrix = Matrix.onHeap(like.buffer().type(), like.rows(), like.cols());
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        matrix.set(r, c, numbers.real(isTurned ? c * matrix.rows() + r : r * matrix.cols() + c));
      }
    }
    return matrix;
  }
}
