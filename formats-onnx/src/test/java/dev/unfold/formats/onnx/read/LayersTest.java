package dev.unfold.formats.onnx.read;

import static dev.unfold.formats.onnx.read.Made.body;
import static dev.unfold.formats.onnx.read.Made.node;
import static dev.unfold.formats.onnx.read.Made.tensor;
import static dev.unfold.formats.onnx.read.Made.text;
import static dev.unfold.formats.onnx.read.Made.texts;
import static dev.unfold.formats.onnx.read.Made.value;
import static dev.unfold.formats.onnx.read.Made.whole;
import static dev.unfold.formats.onnx.read.Made.wholes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.graph.GraphRunner;
import dev.unfold.formats.graph.GraphStream;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.onnx.message.AttributeProto;
import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.formats.onnx.message.ModelProto;
import dev.unfold.formats.onnx.message.NodeProto;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Graphs that are layers become networks, with their numbers bit for bit.
final class LayersTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);
  private static final int I = 3;
  private static final int H = 4;
  private static final int K = 5;

  @TempDir private Path folder;

  private final SplittableRandom random = new SplittableRandom(7);

  private Imported read(int opset, GraphProto graph, Map<String, String> settings)
      throws IOException {
    return read(Made.model(opset, graph), settings);
  }

  private Imported read(ModelProto model, Map<String, String> settings) throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"), model.toByteArray());
    return OnnxReader.read(file, new ImportOptions(settings, KERNELS));
  }

  private GraphTensor some(Integer... shape) {
    return Made.within(random, 0.5, shape);
  }

  private void constant(GraphProto.Builder graph, String name, GraphTensor of) {
    graph.addInitializer(tensor(name, of));
  }

  /// A layer from `x` to `y` with constants of its own, as PyTorch writes it.
  private void layer(
      GraphProto.Builder graph, NodeProto.Builder node, int directions, int width, int gates) {
    String l = "l" + graph.getNodeCount();
    constant(graph, l + ".w", some(directions, gates * H, width));
    constant(graph, l + ".r", some(directions, gates * H, H));
    constant(graph, l + ".b", some(directions, 2 * gates * H));
    node.setInput(1, l + ".w").setInput(2, l + ".r").setInput(3, l + ".b");
    graph.addNode(node.addAttribute(whole("hidden_size", H)));
  }

  private GraphProto.Builder stacked(String operator, int gates, boolean isBoth) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    graph.addInput(value("x", NumberType.FLOAT32, -1, -1, I));
    graph.addNode(node("Transpose", "x", "seq0").addAttribute(wholes("perm", 1, 0, 2)));
    int width = I;
    for (int l = 0; l < 2; l++) {
      NodeProto.Builder node = node(operator, "seq" + l + " w r b", "all" + l);
      if (isBoth) {
        node.addAttribute(text("direction", "bidirectional"));
      }
      if (operator.equals("GRU")) {
        node.addAttribute(whole("linear_before_reset", 1));
      }
      layer(graph, node, isBoth ? 2 : 1, width, gates);
      if (isBoth) {
        graph.addNode(
            node("Transpose", "all" + l, "turned" + l).addAttribute(wholes("perm", 0, 2, 1, 3)));
        constant(graph, "shape" + l, Made.list(0, 0, -1));
        graph.addNode(node("Reshape", "turned" + l + " shape" + l, "seq" + (l + 1)));
      } else {
        constant(graph, "axes" + l, Made.list(1));
        graph.addNode(node("Squeeze", "all" + l + " axes" + l, "seq" + (l + 1)));
      }
      width = isBoth ? 2 * H : H;
    }
    graph.addNode(node("Transpose", "seq2", "batches").addAttribute(wholes("perm", 1, 0, 2)));
    constant(graph, "head", some(width, K));
    constant(graph, "bias", some(K));
    graph.addNode(node("MatMul", "batches head", "product"));
    graph.addNode(node("Add", "product bias", "net"));
    graph.addNode(node("Softmax", "net", "y").addAttribute(whole("axis", -1)));
    return graph.addOutput(value("y", 1));
  }

  @ParameterizedTest
  @CsvSource({"RNN,1,elman", "GRU,3,gru", "LSTM,4,lstm"})
  void read_ofStackedLayers_isTheirNetwork(String operator, int gates, String cell)
      throws IOException {
    for (boolean isBoth : new boolean[] {false, true}) {
      GraphProto graph = stacked(operator, gates, isBoth).build();
      Imported imported = read(17, graph, Map.of());
      assertTrue(
          imported.content() instanceof Imported.Content.OfModel, imported.conventions() + "");
      Network network = imported.model().network();
      assertEquals(cell, network.spec().cellNames());
      assertEquals(2, network.spec().layers());
      assertEquals(isBoth ? 2 : 1, network.spec().directions());
      assertEquals("classes", network.spec().head().text());
      expectMoved(network, operator, gates);
      Path saved = folder.resolve("model.safetensors");
      ModelFile.save(saved, imported.model());
      assertEquals(network.spec(), ModelFile.load(saved, KERNELS).network().spec());
    }
  }

  /// Every number of the first layer is in its place, bit for bit.
  private void expectMoved(Network network, String operator, int gates) {
    int[] order =
        switch (operator) {
          case "GRU" -> new int[] {1, 0, 2};
          case "LSTM" -> new int[] {0, 2, 3, 1};
          default -> new int[] {0};
        };
    Map<String, GraphTensor> file = OnnxFile.read(folder.resolve("model.onnx")).graph().constants();
    List<String> suffixes = Network.suffixes(network.spec(), 0);
    for (int d = 0; d < suffixes.size(); d++) {
      for (int row = 0; row < gates * H; row++) {
        int from = d * gates * H + order[row / H] * H + row % H;
        int bias = 2 * d * gates * H + order[row / H] * H + row % H;
        for (int i = 0; i < I; i++) {
          double number = file.get("l1.w").real(from * I + i);
          assertEquals(number, number(network, "weight_ih" + suffixes.get(d), row, i));
        }
        for (int i = 0; i < H; i++) {
          double number = file.get("l1.r").real(from * H + i);
          assertEquals(number, number(network, "weight_hh" + suffixes.get(d), row, i));
        }
        GraphTensor b = file.get("l1.b");
        assertEquals(b.real(bias), number(network, "bias_ih" + suffixes.get(d), 0, row));
        assertEquals(
            b.real(bias + gates * H), number(network, "bias_hh" + suffixes.get(d), 0, row));
      }
    }
  }

  private static double number(Network network, String name, int row, int column) {
    return network.parameters().matrix(name).toHost().get(row, column);
  }

  @ParameterizedTest
  @CsvSource({
    "RNN,1,elman_relu",
    "GRU,3,gru_reset_before",
    "LSTM,4,lstm_coupled",
    "LSTM,4,lstm_peephole"
  })
  void read_ofOtherCells_isTheirNetwork(String operator, int gates, String cell)
      throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    graph.addInput(value("x", NumberType.FLOAT32, -1, -1, I));
    String more = cell.equals("lstm_peephole") ? " - - - p" : "";
    NodeProto.Builder node = node(operator, "x w r b" + more, "all last");
    switch (cell) {
      case "elman_relu" -> node.addAttribute(texts("activations", "Relu"));
      case "lstm_coupled" -> node.addAttribute(whole("input_forget", 1));
      case "lstm_peephole" -> constant(graph, "p", some(1, 3 * H));
      default -> {}
    }
    layer(graph, node, 1, I, gates);
    graph.addOutput(value("last", 1));
    Imported imported = read(14, graph.build(), Map.of());
    assertTrue(imported.content() instanceof Imported.Content.OfModel, imported.conventions() + "");
    assertEquals(cell, imported.model().network().spec().cellNames());
    assertEquals(
        "values,squared_error,pooling=last", imported.model().network().spec().head().text());
  }

  @Test
  void read_ofTokensWithStates_isANetworkThatKeepsThem() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    graph.addInput(value("tokens", NumberType.INT64, -1, -1));
    graph.addInput(value("h0", NumberType.FLOAT32, 1, -1, H));
    graph.addInput(value("c0", NumberType.FLOAT32, 1, -1, H));
    constant(graph, "table", some(7, H));
    graph.addNode(node("Gather", "table tokens", "x"));
    layer(graph, node("LSTM", "x w r b - h0 c0", "all hn cn"), 1, H, 4);
    constant(graph, "axes", Made.list(1));
    graph.addNode(node("Squeeze", "all axes", "y"));
    graph.addNode(node("Add", "y x", "residual"));
    constant(graph, "head", some(H, K));
    graph.addNode(node("MatMul", "residual head", "net"));
    graph.addOutput(value("net", 1)).addOutput(value("hn", 1)).addOutput(value("cn", 1));
    Imported imported = read(17, graph.build(), Map.of());
    assertTrue(imported.content() instanceof Imported.Content.OfModel, imported.conventions() + "");
    assertTrue(imported.conventions().contains("state h0, next in hn: kept by the network itself"));
    assertTrue(imported.conventions().toString().contains("its input added"));
  }

  /// An LSTM whose states come in and go out.
  private GraphProto.Builder kept(String states, List<String> inputs) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    for (String input : inputs) {
      graph.addInput(
          input.equals("x")
              ? value("x", NumberType.FLOAT32, -1, -1, I)
              : value(input, NumberType.FLOAT32, 1, -1, H));
    }
    layer(graph, node("LSTM", "x w r b - " + states, "all hn cn"), 1, I, 4);
    constant(graph, "axes", Made.list(1));
    graph.addNode(node("Squeeze", "all axes", "y"));
    return graph.addOutput(value("y", 1)).addOutput(value("hn", 1)).addOutput(value("cn", 1));
  }

  private static void expectModel(Imported imported) {
    assertTrue(imported.content() instanceof Imported.Content.OfModel, imported.conventions() + "");
  }

  private static void expectGraph(Imported imported, String reason) {
    assertInstanceOf(Imported.Content.OfGraph.class, imported.content());
    assertTrue(imported.conventions().toString().contains(reason), imported.conventions() + "");
  }

  /// From zeros both give the same; the second run does not.
  @Test
  void read_ofStatesThatGoInTheOtherWayRound_staysAGraph() throws IOException {
    List<String> inputs = List.of("x", "h0", "c0");
    expectModel(read(17, kept("h0 c0", inputs).build(), Map.of()));
    expectGraph(read(17, kept("c0 h0", inputs).build(), Map.of()), "other numbers");
  }

  @Test
  void read_ofStatesBeforeTheInput_isTheSameNetwork() throws IOException {
    expectModel(read(17, kept("h0 c0", List.of("h0", "c0", "x")).build(), Map.of()));
  }

  /// All sequences with their steps in a wrong order, whose differences are small as all outputs are.
  @ParameterizedTest
  @ValueSource(strings = {"Identity", "Softmax", "Sigmoid"})
  void read_ofSmallOutputs_isComparedBySmallNumbers(String last) throws IOException {
    for (boolean isRight : new boolean[] {true, false}) {
      GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
      graph.addInput(value("x", NumberType.FLOAT32, -1, -1, I));
      constant(graph, "turn", isRight ? Made.list(0, 0, I) : Made.list(3, -1, I));
      constant(graph, "back", isRight ? Made.list(0, 0, H) : Made.list(-1, 3, H));
      constant(graph, "axes", Made.list(1));
      constant(graph, "head", Made.within(random, 1e-7, H, K));
      graph.addNode(node("Reshape", "x turn", "seq"));
      layer(graph, node("RNN", "seq w r b", "all"), 1, I, 1);
      graph.addNode(node("Squeeze", "all axes", "h")).addNode(node("Reshape", "h back", "hs"));
      graph.addNode(node("MatMul", "hs head", "net")).addNode(node(last, "net", "y"));
      Imported imported = read(17, graph.addOutput(value("y", 1)).build(), Map.of());
      assertEquals(
          isRight,
          imported.content() instanceof Imported.Content.OfModel,
          imported.conventions() + "");
    }
  }

  @Test
  void read_ofInputsThatTheNetworkWouldNotHave_staysAGraph() throws IOException {
    GraphProto.Builder lost = kept("h0 c0", List.of("x", "h0", "c0"));
    expectGraph(read(17, lost.removeOutput(2).build(), Map.of()), "input c0 is neither");
    GraphProto.Builder lengths = GraphProto.newBuilder().setName("test");
    lengths.addInput(value("x", NumberType.FLOAT32, -1, -1, I));
    lengths.addInput(value("lengths", NumberType.INT32, -1));
    layer(lengths, node("RNN", "x w r b lengths", "all last"), 1, I, 1);
    lengths.addOutput(value("last", 1));
    expectGraph(read(17, lengths.build(), Map.of()), "input lengths is neither");
  }

  /// What nothing reads takes no memory either.
  @Test
  void read_ofAnInputThatNothingReads_saysSo() throws IOException {
    GraphProto.Builder graph = kept("h0 c0", List.of("x", "h0", "c0"));
    graph.addInput(value("mask", NumberType.FLOAT32, 65_536, 65_536));
    Imported imported = read(17, graph.build(), Map.of());
    expectModel(imported);
    assertTrue(imported.conventions().contains("input mask: nothing reads it, left out"));
  }

  @ParameterizedTest
  @ValueSource(ints = {30_000, 65_536})
  void read_ofStatesThatClaimMuch_staysAGraph(int size) throws IOException {
    GraphProto.Builder graph = kept("h0 c0", List.of("x", "h0", "c0"));
    graph.addInput(value("more", NumberType.FLOAT32, size, size));
    graph.addNode(node("Identity", "more", "more_next")).addOutput(value("more_next", 1));
    Imported imported = read(17, graph.build(), Map.of());
    expectGraph(imported, "too large");
    GraphStream stream = new GraphStream(((Imported.Content.OfGraph) imported.content()).graph());
    Map<String, GraphTensor> inputs = Map.of("x", some(2, 1, I));
    assertThrows(IllegalArgumentException.class, () -> stream.step(inputs));
  }

  @Test
  void read_ofNoLayerButWideVectors_isNoReadout() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    graph.addInput(value("x", NumberType.FLOAT32, -1, -1, 100_000));
    graph.addNode(node("Tanh", "x", "y")).addOutput(value("y", 1));
    expectGraph(read(17, graph.build(), Map.of()), "none of the cells known here");
  }

  /// Vectors of twice as many parts, or sums of twice as many terms, 40 times over.
  @ParameterizedTest
  @ValueSource(strings = {"Concat", "Add"})
  void read_ofFormulasThatDouble_ends(String operator) throws IOException {
    GraphProto.Builder graph = kept("h0 c0", List.of("x", "h0", "c0"));
    constant(graph, "head", some(H, K));
    graph.addNode(node("MatMul", "y head", "v0"));
    for (int i = 0; i < 40; i++) {
      NodeProto.Builder node = node(operator, "v%d v%d".formatted(i, i), "v" + (i + 1));
      graph.addNode(operator.equals("Concat") ? node.addAttribute(whole("axis", -1)) : node);
    }
    expectGraph(read(17, graph.setOutput(0, value("v40", 1)).build(), Map.of()), "a graph, not");
  }

  /// Tensors of twice as many dimensions, 40 times over, or of a thousand more each time.
  @ParameterizedTest
  @ValueSource(strings = {"Gather", "Unsqueeze"})
  void read_ofMoreAndMoreDimensions_isRefusedWhenItIsRun(String operator) throws IOException {
    GraphProto.Builder graph = kept("h0 c0", List.of("x", "h0", "c0"));
    Integer[] shape = new Integer[16];
    Arrays.fill(shape, 1);
    constant(graph, "v0", GraphTensor.ofWholes(NumberType.INT64, List.of(shape), 0));
    constant(graph, "many", Made.list(LongStream.range(0, 1000).toArray()));
    String vectors = "y";
    for (int i = 0; i < 40; i++) {
      String second = operator.equals("Gather") ? "v" + i : "many";
      graph.addNode(node(operator, "v%d %s".formatted(i, second), "v" + (i + 1)));
      graph.addNode(node("Unsqueeze", vectors + " many", "u" + i));
      vectors = "u" + i;
    }
    graph.addOutput(value("v40", 1)).addOutput(value(vectors, 1));
    Imported imported = read(17, graph.build(), Map.of());
    expectGraph(imported, "a graph, not");
    GraphRunner runner = new GraphRunner(((Imported.Content.OfGraph) imported.content()).graph());
    GraphTensor state = GraphTensor.zeros(NumberType.FLOAT32, List.of(1, 1, H));
    Map<String, GraphTensor> inputs = Map.of("x", some(2, 1, I), "h0", state, "c0", state);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> runner.run(inputs));
    assertTrue(e.getMessage().contains("at most 64 dimensions"), e.getMessage());
  }

  @Test
  void read_ofNodesThatLackWhatTheyNeed_staysAGraph() throws IOException {
    AttributeProto empty =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(tensor("", GraphTensor.of(NumberType.FLOAT32, List.of(0))))
            .build();
    GraphProto one =
        GraphProto.newBuilder()
            .setName("step")
            .addInput(value("a", NumberType.FLOAT32))
            .addNode(node("Identity", "a", "b"))
            .addOutput(value("b", NumberType.FLOAT32))
            .build();
    List<NodeProto.Builder> nodes =
        List.of(
            node("ConstantOfShape", "-", "z"),
            node("ConstantOfShape", "many", "z").addAttribute(empty),
            node("Expand", "many -", "z"),
            node("Tile", "many -", "z"),
            node("Scan", "y", "z")
                .addAttribute(body("body", one))
                .addAttribute(whole("num_scan_inputs", (1L << 32) - 1)));
    for (NodeProto.Builder node : nodes) {
      GraphProto.Builder graph = kept("h0 c0", List.of("x", "h0", "c0"));
      constant(graph, "many", Made.list(1, 2));
      graph.addNode(node).addOutput(value("z", 1));
      expectGraph(read(17, graph.build(), Map.of()), "output z");
    }
  }

  /// A GRU as decomposed operators within Scan, its input product before it.
  private GraphProto.Builder scan(boolean isBack) {
    GraphProto step =
        GraphProto.newBuilder()
            .setName("step")
            .addInput(value("h", NumberType.FLOAT32, -1, H))
            .addInput(value("xs", NumberType.FLOAT32, -1, 3 * H))
            .addNode(node("MatMul", "h u", "hu"))
            .addNode(node("Add", "hu ub", "hub"))
            .addNode(node("Split", "xs three", "xr xz xn").addAttribute(whole("axis", -1)))
            .addNode(node("Split", "hub three", "hr hz hn").addAttribute(whole("axis", -1)))
            .addNode(node("Add", "hr xr", "netr"))
            .addNode(node("Sigmoid", "netr", "r"))
            .addNode(node("Add", "xz hz", "netz"))
            .addNode(node("Sigmoid", "netz", "z"))
            .addNode(node("Mul", "hn r", "reset"))
            .addNode(node("Add", "xn reset", "netn"))
            .addNode(node("Tanh", "netn", "n"))
            .addNode(node("Sub", "one z", "rest"))
            .addNode(node("Mul", "rest n", "new"))
            .addNode(node("Mul", "z h", "old"))
            .addNode(node("Add", "new old", "next"))
            .addNode(node("Identity", "next", "out"))
            .addOutput(value("next", NumberType.FLOAT32, -1, H))
            .addOutput(value("out", NumberType.FLOAT32, -1, H))
            .build();
    GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    graph.addInput(value("x", NumberType.FLOAT32, -1, -1, I));
    constant(graph, "w", some(I, 3 * H));
    constant(graph, "wb", some(3 * H));
    constant(graph, "u", some(H, 3 * H));
    constant(graph, "ub", some(3 * H));
    constant(graph, "three", Made.list(H, H, H));
    constant(graph, "one", GraphTensor.of(NumberType.FLOAT32, List.of(), 1));
    constant(graph, "axes", Made.list(0));
    constant(graph, "from", Made.list(1));
    constant(graph, "until", Made.list(2));
    constant(graph, "width", Made.list(H));
    graph.addNode(node("Shape", "x", "shape"));
    graph.addNode(node("Slice", "shape from until axes", "batch"));
    graph.addNode(node("Concat", "batch width", "sizes").addAttribute(whole("axis", 0)));
    graph.addNode(node("ConstantOfShape", "sizes", "zeros"));
    graph.addNode(node("MatMul", "x w", "product"));
    graph.addNode(node("Add", "product wb", "shares"));
    graph.addNode(
        node("Scan", "zeros shares", "last all")
            .addAttribute(body("body", step))
            .addAttribute(whole("num_scan_inputs", 1))
            .addAttribute(wholes("scan_input_directions", isBack ? 1 : 0))
            .addAttribute(wholes("scan_output_directions", isBack ? 1 : 0)));
    return graph.addOutput(value("all", 1));
  }

  @Test
  void read_ofScanWithTheEquationsOfACell_isThatCell() throws IOException {
    Imported imported = read(17, scan(false).build(), Map.of());
    assertTrue(imported.content() instanceof Imported.Content.OfModel, imported.conventions() + "");
    assertEquals("gru", imported.model().network().spec().cellNames());
  }

  @Test
  void read_ofScanWithOtherEquations_staysAGraph() throws IOException {
    GraphProto.Builder graph = scan(false);
    GraphProto.Builder changed = graph.clone();
    NodeProto.Builder scan = changed.getNodeBuilder(changed.getNodeCount() - 1);
    // tanh becomes a function that no GRU has.
    GraphProto.Builder step = scan.getAttributeBuilder(0).getGBuilder();
    step.setNode(10, node("Softsign", "netn", "n"));
    Imported imported = read(17, changed.build(), Map.of());
    assertInstanceOf(Imported.Content.OfGraph.class, imported.content());
  }

  /// A value that stands on both sides, 50 times over: followed side by side it would be 2^50 values.
  @ParameterizedTest
  @ValueSource(strings = {"Add", "Sub", "Mul", "Div", "Max"})
  void read_ofValuesThatStandOnBothSides_ends(String operator) {
    GraphProto.Builder graph = scan(false);
    NodeProto.Builder scan = graph.getNodeBuilder(graph.getNodeCount() - 1);
    GraphProto.Builder step = scan.getAttributeBuilder(0).getGBuilder();
    NodeProto identity = step.getNode(step.getNodeCount() - 1);
    step.removeNode(step.getNodeCount() - 1);
    String value = "next";
    for (int i = 0; i < 50; i++) {
      step.addNode(node(operator, value + " " + value, "both" + i));
      value = "both" + i;
    }
    step.addNode(identity.toBuilder().setInput(0, value));
    String outer = "all";
    for (int i = 0; i < 50; i++) {
      graph.addNode(node(operator, outer + " " + outer, "outer" + i));
      outer = "outer" + i;
    }
    graph.setOutput(0, value(outer, 1));
    Imported imported =
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> read(17, graph.build(), Map.of()));
    assertInstanceOf(Imported.Content.OfGraph.class, imported.content());
  }

  @Test
  void read_ofOneStepOfADecomposedCell_isThatCell() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    graph.addInput(value("x", NumberType.FLOAT32, -1, I));
    graph.addInput(value("h", NumberType.FLOAT32, -1, H));
    graph.addInput(value("c", NumberType.FLOAT32, -1, H));
    constant(graph, "w", some(4 * H, I));
    constant(graph, "u", some(4 * H, H));
    constant(graph, "wb", some(4 * H));
    constant(graph, "ub", some(4 * H));
    graph.addNode(node("Gemm", "x w wb", "xs").addAttribute(whole("transB", 1)));
    graph.addNode(node("Gemm", "h u ub", "hs").addAttribute(whole("transB", 1)));
    graph.addNode(node("Add", "xs hs", "gates"));
    graph.addNode(node("Split", "gates", "ni nf ng no").addAttribute(whole("axis", 1)));
    graph.addNode(node("Sigmoid", "ni", "i")).addNode(node("Sigmoid", "nf", "f"));
    graph.addNode(node("Tanh", "ng", "g")).addNode(node("Sigmoid", "no", "o"));
    graph.addNode(node("Mul", "f c", "fc")).addNode(node("Mul", "i g", "ig"));
    graph.addNode(node("Add", "fc ig", "cn")).addNode(node("Tanh", "cn", "ct"));
    graph.addNode(node("Mul", "o ct", "hn"));
    constant(graph, "head", some(H, K));
    graph.addNode(node("MatMul", "hn head", "net")).addNode(node("Sigmoid", "net", "y"));
    graph.addOutput(value("y", 1)).addOutput(value("hn", 1)).addOutput(value("cn", 1));
    Imported imported = read(17, graph.build(), Map.of());
    assertTrue(imported.content() instanceof Imported.Content.OfModel, imported.conventions() + "");
    assertEquals("lstm", imported.model().network().spec().cellNames());
    assertEquals("sets", imported.model().network().spec().head().text());
  }

  @Test
  void read_ofAGruThatPyTorchWroteWrongly_saysSoAndReadsItAsItWasMeant() throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("test");
    graph.addInput(value("x", NumberType.FLOAT32, -1, -1, I));
    layer(graph, node("GRU", "x w r b", "all last"), 1, I, 3);
    graph.addOutput(value("last", 1));
    ModelProto model =
        Made.model(18, graph.build()).toBuilder()
            .setProducerName("pytorch")
            .setProducerVersion("2.10.0+cpu")
            .build();
    Imported wrong = read(model, Map.of());
    assertEquals("gru_reset_before", wrong.model().network().spec().cellNames());
    assertTrue(wrong.conventions().toString().contains("by mistake"), wrong.conventions() + "");
    Imported meant = read(model, Map.of("gru", "reset-after"));
    assertEquals("gru", meant.model().network().spec().cellNames());
  }
}
