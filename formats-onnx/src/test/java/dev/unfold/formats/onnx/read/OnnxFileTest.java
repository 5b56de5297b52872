package dev.unfold.formats.onnx.read;

import static dev.unfold.formats.onnx.read.Made.body;
import static dev.unfold.formats.onnx.read.Made.node;
import static dev.unfold.formats.onnx.read.Made.tensor;
import static dev.unfold.formats.onnx.read.Made.value;
import static dev.unfold.formats.onnx.read.Made.whole;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OrtException;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormats;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphFile;
import dev.unfold.formats.graph.GraphFolding;
import dev.unfold.formats.graph.GraphRunner;
import dev.unfold.formats.graph.GraphStream;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.onnx.OnnxRuntime;
import dev.unfold.formats.onnx.message.FunctionProto;
import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.formats.onnx.message.ModelProto;
import dev.unfold.formats.onnx.message.NodeProto;
import dev.unfold.formats.onnx.message.TensorProto;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is read of ONNX files, and what is refused.
final class OnnxFileTest {
  @TempDir private Path folder;

  private final SplittableRandom random = new SplittableRandom(11);

  private Path write(ModelProto model) throws IOException {
    return Files.write(folder.resolve("model.onnx"), model.toByteArray());
  }

  private static GraphProto.Builder negation() {
    return GraphProto.newBuilder()
        .setName("test")
        .addInput(value("x", NumberType.FLOAT32, -1))
        .addNode(node("Neg", "x", "y"))
        .addOutput(value("y", 1));
  }

  private void refuses(String reason, UnaryOperator<ModelProto.Builder> change) throws IOException {
    ModelProto model = change.apply(Made.model(17, negation().build()).toBuilder()).build();
    Path file = write(model);
    FormatException e = assertThrows(FormatException.class, () -> OnnxFile.read(file));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  private void refusesGraph(String reason, UnaryOperator<GraphProto.Builder> change)
      throws IOException {
    refuses(reason, model -> model.setGraph(change.apply(negation())));
  }

  @Test
  void read_ofWhatIsNotKnown_isRefusedByNodeAndReason() throws IOException {
    refuses(
        "opset: expected 7 to 27, got 6",
        m -> m.setOpsetImport(0, m.getOpsetImport(0).toBuilder().setVersion(6)));
    refuses(
        "opset: expected 7 to 27, got 28",
        m -> m.setOpsetImport(0, m.getOpsetImport(0).toBuilder().setVersion(28)));
    refuses("found none", m -> m.clearOpsetImport());
    refuses("no graph", m -> m.clearGraph());
    refuses("functions", m -> m.addFunctions(FunctionProto.newBuilder().setName("f")));
    refusesGraph("node z (Fly)", g -> g.addNode(node("Fly", "x", "z")));
    refusesGraph(
        "node n (Neg): expected an operator of ONNX's own, got one of com.microsoft",
        g -> g.addNode(node("Neg", "x", "z").setName("n").setDomain("com.microsoft")));
    refusesGraph("values made before it, got later", g -> g.addNode(node("Neg", "later", "z")));
    refusesGraph("a name that no other value has, got y", g -> g.addNode(node("Neg", "x", "y")));
    refusesGraph("inputs: expected 1 to 1, got 2", g -> g.addNode(node("Neg", "x x", "z")));
    refusesGraph("a value that is made, got nowhere", g -> g.addOutput(value("nowhere", 1)));
    TensorProto one = tensor("t", Made.list(1, 2, 3));
    refusesGraph(
        "24 bytes",
        g -> g.addInitializer(one.toBuilder().setRawData(one.getRawData().substring(8))));
    refusesGraph(
        "external data",
        g -> g.addInitializer(one.toBuilder().setDataLocation(TensorProto.DataLocation.EXTERNAL)));
    refusesGraph("2^31 numbers", g -> g.addInitializer(one.toBuilder().addDims(Integer.MAX_VALUE)));
    refusesGraph(
        "t: type: expected 1 (float)", g -> g.addInitializer(one.toBuilder().setDataType(8)));
    refusesGraph("t", g -> g.addInitializer(one).addInitializer(one));
  }

  @Test
  void read_ofBodiesTooDeep_isRefused() throws IOException {
    GraphProto graph = negation().build();
    for (int depth = 0; depth < 10; depth++) {
      graph =
          GraphProto.newBuilder()
              .setName("deep")
              .addInput(value("flag" + depth, NumberType.BOOL))
              .addNode(
                  node("If", "flag" + depth, "out" + depth)
                      .addAttribute(body("then_branch", graph)))
              .addOutput(value("out" + depth, 1))
              .build();
    }
    Path file = write(Made.model(17, graph));
    FormatException e = assertThrows(FormatException.class, () -> OnnxFile.read(file));
    assertTrue(e.getMessage().contains("deep"), e.getMessage());
  }

  @Test
  void read_ofMillionsOfEmptyMessages_isRefusedBeforeTheyAreMade() throws IOException {
    byte[] nodes = new byte[4_000_000];
    for (int i = 0; i < nodes.length; i += 2) {
      // Field 1 of a graph, with nothing in it.
      nodes[i] = 10;
    }
    GraphProto.Builder graph = negation();
    byte[] graphBytes = graph.build().toByteArray();
    byte[] model = Made.model(17, graph.build()).toBuilder().clearGraph().build().toByteArray();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(model);
    CodedOutputStream out = CodedOutputStream.newInstance(all);
    out.writeTag(7, WireFormat.WIRETYPE_LENGTH_DELIMITED);
    out.writeUInt32NoTag(graphBytes.length + nodes.length);
    out.writeRawBytes(graphBytes);
    out.writeRawBytes(nodes);
    out.flush();
    Path file = Files.write(folder.resolve("many.onnx"), all.toByteArray());
    FormatException e = assertThrows(FormatException.class, () -> OnnxFile.read(file));
    assertTrue(e.getMessage().contains("parts for a file of this size"), e.getMessage());
  }

  @Test
  void read_ofConstantsAmongInputs_leavesThemConstants() throws IOException {
    GraphProto graph =
        negation()
            .addInput(value("c", NumberType.INT64, 1))
            .addInitializer(tensor("c", Made.list(3)))
            .build();
    Graph read = OnnxFile.read(write(Made.model(17, graph))).graph();
    assertEquals(1, read.inputs().size());
    assertEquals(Made.list(3), read.constants().get("c"));
  }

  /// A voice detector in small: everything in branches two deep on a rate, a layer in each, states in one tensor.
  private GraphProto detector() {
    GraphProto.Builder whole =
        GraphProto.newBuilder()
            .setName("whole")
            .addInput(value("input", NumberType.FLOAT32, -1, 8))
            .addInput(value("state", NumberType.FLOAT32, 2, -1, 4))
            .addInput(value("sr", NumberType.INT64))
            .addInitializer(
                tensor("rate", GraphTensor.ofWholes(NumberType.INT64, List.of(), 16000)))
            .addNode(node("Equal", "sr rate", "is16"));
    NodeProto.Builder outer = node("If", "is16", "output stateN");
    outer.addAttribute(body("then_branch", nested("a")));
    outer.addAttribute(body("else_branch", nested("b")));
    return whole
        .addNode(outer)
        .addOutput(value("output", NumberType.FLOAT32, -1, 1))
        .addOutput(value("stateN", NumberType.FLOAT32, -1, -1, -1))
        .build();
  }

  private GraphProto nested(String p) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName(p);
    graph.addInitializer(tensor(p + "zero", GraphTensor.ofWholes(NumberType.INT64, List.of(), 0)));
    graph.addInitializer(tensor(p + "least", GraphTensor.ofWholes(NumberType.INT64, List.of(), 0)));
    graph.addNode(node("Shape", "input", p + "shape"));
    graph.addNode(node("Gather", p + "shape " + p + "zero", p + "rows"));
    graph.addNode(node("Greater", p + "rows " + p + "least", p + "any"));
    graph.addNode(
        node("If", p + "any", p + "out " + p + "next")
            .addAttribute(body("then_branch", layer(p + "t")))
            .addAttribute(body("else_branch", layer(p + "e"))));
    return graph.addOutput(value(p + "out", 1)).addOutput(value(p + "next", 1)).build();
  }

  private GraphProto layer(String p) {
    GraphProto.Builder graph = GraphProto.newBuilder().setName(p);
    graph.addInitializer(tensor(p + "w", Made.random(random, 1, 16, 3)));
    graph.addInitializer(tensor(p + "r", Made.random(random, 1, 16, 4)));
    graph.addInitializer(tensor(p + "k", Made.random(random, 3, 1, 3)));
    graph.addInitializer(tensor(p + "head", Made.random(random, 4, 1)));
    graph.addInitializer(tensor(p + "zero", Made.list(0)));
    graph.addInitializer(tensor(p + "one", Made.list(1)));
    graph.addInitializer(tensor(p + "pads", Made.list(0, 0, 1, 0, 0, 1)));
    graph.addNode(node("Unsqueeze", "input " + p + "one", p + "channel"));
    graph.addNode(node("Pad", p + "channel " + p + "pads", p + "padded"));
    graph.addNode(node("Conv", p + "padded " + p + "k", p + "conv"));
    graph.addNode(node("Relu", p + "conv", p + "relu"));
    graph.addNode(
        node("Transpose", p + "relu", p + "seq").addAttribute(Made.wholes("perm", 2, 0, 1)));
    graph.addNode(node("Gather", "state " + p + "zero", p + "h"));
    graph.addNode(node("Gather", "state " + p + "one", p + "c"));
    graph.addNode(
        node(
                "LSTM",
                "%sseq %sw %sr - - %sh %sc".replace("%s", p),
                "%sall %shn %scn".replace("%s", p))
            .addAttribute(whole("hidden_size", 4)));
    graph.addNode(node("Concat", p + "hn " + p + "cn", p + "next").addAttribute(whole("axis", 0)));
    graph.addNode(node("Squeeze", p + "hn " + p + "zero", p + "last"));
    graph.addNode(node("MatMul", p + "last " + p + "head", p + "net"));
    graph.addNode(node("Sigmoid", p + "net", p + "out"));
    return graph.addOutput(value(p + "out", 1)).addOutput(value(p + "next", 1)).build();
  }

  @Test
  void read_ofBranchesTwoDeep_isWhatOnnxRuntimeSays() throws IOException, OrtException {
    ModelProto model = Made.model(16, detector());
    Path file = write(model);
    Imported imported =
        ModelFormats.of(file)
            .read(
                file,
                new ImportOptions(
                    Map.of("sr", "16000"), Backends.named("scalar", Precision.FLOAT)));
    Graph bound = assertInstanceOf(Imported.Content.OfGraph.class, imported.content()).graph();
    assertEquals(2, bound.inputs().size());
    assertTrue(imported.conventions().contains("state state: next is stateN"));
    Path saved = folder.resolve("graph.safetensors");
    GraphFile.save(saved, bound);
    GraphStream stream = new GraphStream(GraphFile.load(saved));
    GraphTensor state = GraphTensor.zeros(NumberType.FLOAT32, List.of(2, 2, 4));
    stream.reset();
    try (OnnxRuntime runtime = new OnnxRuntime(model.toByteArray())) {
      for (int t = 0; t < 20; t++) {
        GraphTensor x = Made.random(random, 2, 8);
        Map<String, GraphTensor> given = new LinkedHashMap<>();
        given.put("input", x);
        given.put("state", state);
        given.put("sr", GraphTensor.ofWholes(NumberType.INT64, List.of(), 16000));
        Map<String, GraphTensor> expected = runtime.run(given);
        GraphTensor got =
            (t == 0
                    ? stream.step(Map.of("input", x, "state", state))
                    : stream.step(Map.of("input", x)))
                .get("output");
        Difference.expectWithin(1e-6, expected.get("output"), got, "step " + t);
        state = expected.get("stateN");
      }
    }
  }

  @Test
  void save_ofAGraphTwice_givesTheSameFileAndGraph() throws IOException {
    Graph graph = OnnxFile.read(write(Made.model(16, detector()))).graph();
    GraphFile.save(folder.resolve("a"), graph);
    Graph read = GraphFile.load(folder.resolve("a"));
    assertEquals(graph, read);
    GraphFile.save(folder.resolve("b"), read);
    assertEquals(-1, Files.mismatch(folder.resolve("a"), folder.resolve("b")));
    assertTrue(GraphFile.isGraph(folder.resolve("a")));
    assertFalse(ModelFile.isModel(folder.resolve("a")));
    assertFalse(GraphFile.isGraph(folder.resolve("model.onnx")));
  }

  @Test
  void fold_ofABoundGraph_givesTheSameNumbers() throws IOException {
    Graph graph = OnnxFile.read(write(Made.model(16, detector()))).graph();
    GraphTensor rate = GraphTensor.ofWholes(NumberType.INT64, List.of(), 8000);
    Graph folded = GraphFolding.folded(GraphFolding.bound(graph, Map.of("sr", rate)));
    assertTrue(folded.numbers() < graph.numbers());
    Map<String, GraphTensor> inputs = new LinkedHashMap<>();
    inputs.put("input", Made.random(random, 3, 8));
    inputs.put("state", Made.random(random, 2, 3, 4));
    Map<String, GraphTensor> got = new GraphRunner(folded).run(inputs);
    inputs.put("sr", rate);
    assertEquals(new GraphRunner(graph).run(inputs), got);
  }

  @Test
  void fold_ofMuchThatIsReadOften_leavesTheRest() throws IOException {
    GraphProto.Builder graph = negation();
    graph.addInitializer(tensor("much", Made.random(random, 1 << 16)));
    for (int i = 0; i < 400; i++) {
      graph.addNode(node("ReduceSum", "much", "sum" + i)).addOutput(value("sum" + i, 1));
    }
    Graph folded = GraphFolding.folded(OnnxFile.read(write(Made.model(17, graph.build()))).graph());
    assertTrue(folded.nodes().size() > 100, folded.nodes().size() + " nodes");
  }

  @Test
  void fold_ofABodyWithWhatNobodyReads_leavesThatOut() throws IOException {
    GraphProto branch =
        GraphProto.newBuilder()
            .setName("branch")
            .addInitializer(tensor("unread", Made.list(1)))
            .addNode(node("Exp", "x", "wasted"))
            .addNode(node("Neg", "x", "kept"))
            .addOutput(value("kept", 1))
            .build();
    GraphProto.Builder graph = negation().addInput(value("flag", NumberType.BOOL));
    graph.addNode(
        node("If", "flag", "z")
            .addAttribute(body("then_branch", branch))
            .addAttribute(body("else_branch", branch)));
    graph.addOutput(value("z", 1));
    Graph folded = GraphFolding.folded(OnnxFile.read(write(Made.model(17, graph.build()))).graph());
    for (Graph body : folded.nodes().getLast().bodies().values()) {
      assertEquals(1, body.nodes().size());
      assertTrue(body.constants().isEmpty());
    }
  }

  private GraphTensor run(NodeProto.Builder node, GraphTensor... inputs) throws IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("one");
    Map<String, GraphTensor> given = new LinkedHashMap<>();
    for (int i = 0; i < inputs.length; i++) {
      int[] any = new int[inputs[i].rank()];
      Arrays.fill(any, -1);
      graph.addInput(value("i" + i, inputs[i].type(), any));
      given.put("i" + i, inputs[i]);
    }
    graph.addNode(node).addOutput(value("out", 1));
    Graph read = OnnxFile.read(write(Made.model(18, graph.build()))).graph();
    return new GraphRunner(read).run(given).get("out");
  }

  /// What runtimes leave out or compute in float is as the standard says.
  @Test
  void run_ofReductionsOverNoAxes_reducesEachNumberByItself() throws IOException {
    GraphTensor x = GraphTensor.of(NumberType.FLOAT64, List.of(2), -2, 3);
    Map<String, double[]> expected =
        Map.of(
            "ReduceSum", new double[] {-2, 3},
            "ReduceL1", new double[] {2, 3},
            "ReduceL2", new double[] {2, 3},
            "ReduceSumSquare", new double[] {4, 9},
            "ReduceLogSum", new double[] {Double.NaN, Math.log(3)});
    for (Map.Entry<String, double[]> each : expected.entrySet()) {
      GraphTensor got =
          run(node(each.getKey(), "i0", "out").addAttribute(whole("noop_with_empty_axes", 1)), x);
      assertEquals(GraphTensor.of(NumberType.FLOAT64, List.of(2), each.getValue()), got);
    }
  }

  @Test
  void run_ofWholeNumbers_keepsAllDigits() throws IOException {
    long big = (1L << 53) + 1;
    GraphTensor x = Made.list(big - 1, big, 0);
    assertEquals(Made.list(2 * big - 1), run(node("ReduceSum", "i0", "out"), x));
    assertEquals(Made.list(big), run(node("ReduceMax", "i0", "out"), x));
    assertEquals(Made.list(1), run(node("ArgMax", "i0", "out"), x));
    assertEquals(
        Made.list(4_052_555_153_018_976_267L),
        run(node("Pow", "i0 i1", "out"), Made.list(3), Made.list(39)));
    GraphTensor bound = GraphTensor.ofWholes(NumberType.INT64, List.of(), big);
    assertEquals(Made.list(big, big, big), run(node("Clip", "i0 i1", "out"), x, bound));
    GraphTensor less = GraphTensor.ofWholes(NumberType.INT64, List.of(), 5);
    assertEquals(Made.list(5, 5, 5), run(node("Clip", "i0 i1 i2", "out"), x, bound, less));
  }

  @Test
  void run_ofScanOverNoSteps_isTheShapeThatTheBodySays() throws IOException {
    GraphProto step =
        GraphProto.newBuilder()
            .setName("step")
            .addInput(value("x", NumberType.FLOAT32, 3))
            .addNode(node("Neg", "x", "y"))
            .addOutput(value("y", NumberType.FLOAT32, 3))
            .build();
    NodeProto.Builder scan =
        node("Scan", "i0", "out")
            .addAttribute(body("body", step))
            .addAttribute(whole("num_scan_inputs", 1));
    GraphTensor none = GraphTensor.zeros(NumberType.FLOAT32, List.of(0, 3));
    assertEquals(none, run(scan, none));
  }

  @Test
  void run_ofBatchFirst_isTheTwinOfTimeFirst() throws IOException {
    for (String operator : List.of("RNN", "GRU", "LSTM")) {
      int rows = 4 * Map.of("RNN", 1, "GRU", 3, "LSTM", 4).get(operator);
      GraphTensor x = Made.random(random, 3, 2, 5);
      GraphTensor h = Made.random(random, 2, 2, 4);
      GraphTensor w = Made.random(random, 2, rows, 5);
      GraphTensor r = Made.random(random, 2, rows, 4);
      Map<String, GraphTensor> timeFirst = layout(operator, 0, x, h, w, r);
      Map<String, GraphTensor> batchFirst =
          layout(operator, 1, turned(x, 1, 0, 2), turned(h, 1, 0, 2), w, r);
      assertEquals(turned(timeFirst.get("y"), 2, 0, 1, 3), batchFirst.get("y"));
      assertEquals(turned(timeFirst.get("last"), 1, 0, 2), batchFirst.get("last"));
    }
  }

  private Map<String, GraphTensor> layout(String operator, int layout, GraphTensor... xhwr)
      throws IOException {
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("layout")
            .addInput(value("x", NumberType.FLOAT32, -1, -1, 5))
            .addInput(value("h", NumberType.FLOAT32, -1, -1, 4))
            .addInitializer(tensor("w", xhwr[2]))
            .addInitializer(tensor("r", xhwr[3]))
            .addNode(
                node(operator, "x w r - - h", "y last")
                    .addAttribute(Made.text("direction", "bidirectional"))
                    .addAttribute(whole("layout", layout)))
            .addOutput(value("y", 1))
            .addOutput(value("last", 1))
            .build();
    Graph read = OnnxFile.read(write(Made.model(14, graph))).graph();
    return new GraphRunner(read).run(Map.of("x", xhwr[0], "h", xhwr[1]));
  }

  /// A tensor with its axes in another order.
  private static GraphTensor turned(GraphTensor of, int... order) {
    int[] sizes = Arrays.stream(order).map(of::size).toArray();
    double[] numbers = new double[of.count()];
    for (int i = 0; i < numbers.length; i++) {
      int[] at = new int[order.length];
      int rest = i;
      for (int d = order.length - 1; d >= 0; d--) {
        at[order[d]] = rest % sizes[d];
        rest /= sizes[d];
      }
      int place = 0;
      for (int d = 0; d < at.length; d++) {
        place = place * of.size(d) + at[d];
      }
      numbers[i] = of.real(place);
    }
    return GraphTensor.of(of.type(), Arrays.stream(sizes).boxed().toList(), numbers);
  }
}
