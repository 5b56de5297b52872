package dev.unfold.formats.onnx.read;

import static dev.unfold.formats.onnx.read.Made.body;
import static dev.unfold.formats.onnx.read.Made.list;
import static dev.unfold.formats.onnx.read.Made.node;
import static dev.unfold.formats.onnx.read.Made.random;
import static dev.unfold.formats.onnx.read.Made.real;
import static dev.unfold.formats.onnx.read.Made.reals;
import static dev.unfold.formats.onnx.read.Made.tensor;
import static dev.unfold.formats.onnx.read.Made.text;
import static dev.unfold.formats.onnx.read.Made.texts;
import static dev.unfold.formats.onnx.read.Made.value;
import static dev.unfold.formats.onnx.read.Made.whole;
import static dev.unfold.formats.onnx.read.Made.wholes;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OrtException;
import dev.unfold.formats.graph.GraphRunner;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.onnx.OnnxRuntime;
import dev.unfold.formats.onnx.message.AttributeProto;
import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.formats.onnx.message.ModelProto;
import dev.unfold.formats.onnx.message.NodeProto;
import dev.unfold.formats.onnx.message.ValueInfoProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every operator, compared with ONNX Runtime on random input.
final class OperatorsTest {
  /// Sums of a few dozen numbers in float, and functions within some units of the last place.
  private static final double BOUND = 2e-6;

  @TempDir private static Path folder;

  /// A node, and what it is given.
  record Case(int opset, NodeProto node, Map<String, GraphTensor> inputs) {
    @Override
    public String toString() {
      return "%s-%d %s %s"
          .formatted(
              node.getOpType(),
              opset,
              node.getAttributeList().stream().map(AttributeProto::getName).toList(),
              inputs);
    }
  }

  /// Cases of one seed.
  private static final class Cases {
    private final SplittableRandom random;
    private final List<Case> all = new ArrayList<>();
    private int opset = 17;

    Cases(long seed) {
      random = new SplittableRandom(seed);
    }

    Cases opset(int version) {
      opset = version;
      return this;
    }

    GraphTensor some(Integer... shape) {
      return random(random, shape);
    }

    /// Adds a node with the inputs a, b, c...; null for one that is not given.
    Cases add(String operator, int outputs, List<AttributeProto> attributes, GraphTensor... of) {
      Map<String, GraphTensor> inputs = new LinkedHashMap<>();
      StringBuilder names = new StringBuilder();
      for (int i = 0; i < of.length; i++) {
        String name = Character.toString('a' + i);
        if (of[i] != null) {
          inputs.put(name, of[i]);
        }
        names.append(of[i] == null ? "-" : name).append(' ');
      }
      StringBuilder outs = new StringBuilder();
      for (int o = 0; o < outputs; o++) {
        outs.append("out").append(o).append(' ');
      }
      NodeProto node =
          node(operator, names.toString(), outs.toString()).addAllAttribute(attributes).build();
      all.add(new Case(opset, node, inputs));
      return this;
    }

    Cases add(String operator, GraphTensor... of) {
      return add(operator, 1, List.of(), of);
    }
  }

  static GraphTensor ints(long... numbers) {
    return list(numbers);
  }

  static GraphTensor int32(long... numbers) {
    return GraphTensor.ofWholes(NumberType.INT32, List.of(numbers.length), numbers);
  }

  static GraphTensor bools(long... numbers) {
    return GraphTensor.ofWholes(NumberType.BOOL, List.of(numbers.length), numbers);
  }

  static GraphTensor number(double number) {
    return GraphTensor.of(NumberType.FLOAT32, List.of(), number);
  }

  static GraphTensor whole64(long number) {
    return GraphTensor.ofWholes(NumberType.INT64, List.of(), number);
  }

  static GraphTensor doubles(double... numbers) {
    return GraphTensor.of(NumberType.FLOAT64, List.of(numbers.length), numbers);
  }

  static List<Case> pointwise() {
    Cases cases = new Cases(1);
    GraphTensor a = Made.within(cases.random, 6, 3, 7);
    GraphTensor positive =
        GraphTensor.of(
            NumberType.FLOAT32, List.of(21), Arrays.stream(a.reals()).map(x -> x * x).toArray());
    for (String operator :
        List.of(
            "Neg",
            "Abs",
            "Sign",
            "Exp",
            "Sin",
            "Cos",
            "Tan",
            "Atan",
            "Floor",
            "Ceil",
            "Round",
            "Reciprocal",
            "Erf",
            "Sigmoid",
            "Tanh",
            "Relu",
            "Softplus",
            "Softsign",
            "HardSigmoid",
            "LeakyRelu",
            "ThresholdedRelu",
            "Elu",
            "Selu",
            "HardSwish",
            "Identity")) {
      cases.add(operator, a);
    }
    cases.add("Sqrt", positive).add("Log", positive).add("Neg", ints(1, -2)).add("Abs", int32(-3));
    cases.add("Round", GraphTensor.of(NumberType.FLOAT32, List.of(4), 0.5, 1.5, 2.5, -0.5));
    cases.add("HardSigmoid", 1, List.of(real("alpha", 1.0 / 6), real("beta", 0.4)), a);
    cases.add("Elu", 1, List.of(real("alpha", 0.7)), a);
    cases.add("LeakyRelu", 1, List.of(real("alpha", 0.3)), a);
    cases.opset(20).add("Gelu", a).add("Gelu", 1, List.of(text("approximate", "tanh")), a);
    cases.opset(17);
    GraphTensor row = cases.some(7);
    GraphTensor column = cases.some(3, 1);
    for (String operator :
        List.of(
            "Add",
            "Sub",
            "Mul",
            "Div",
            "PRelu",
            "Equal",
            "Less",
            "LessOrEqual",
            "Greater",
            "GreaterOrEqual")) {
      cases.add(operator, a, row);
      if (!operator.equals("PRelu")) {
        cases.add(operator, column, row).add(operator, ints(7, -7, 3), ints(2, 2, -3));
      }
    }
    cases.add("Add", doubles(1, 0.1), doubles(2)).add("Add", int32(2147483647), int32(1));
    cases.add("Pow", positive, cases.some(21)).add("Pow", ints(2, -3), ints(3, 2));
    cases.add("Mod", ints(7, -7, 7), ints(3, 3, -3));
    cases.add("Mod", 1, List.of(whole("fmod", 1)), a, row);
    for (String operator : List.of("Max", "Min", "Sum", "Mean")) {
      cases.add(operator, a, row, column).add(operator, a);
    }
    for (String operator : List.of("And", "Or", "Xor")) {
      cases.add(operator, bools(0, 0, 1, 1), bools(0, 1, 0, 1));
    }
    cases.add("Not", bools(0, 1)).add("Where", bools(0, 1, 1, 0, 0, 1, 0), a, row);
    cases.add("Where", bools(1, 0), ints(1, 2), ints(3, 4));
    for (NumberType type : NumberType.values()) {
      cases.add("Cast", 1, List.of(whole("to", type.code())), a);
      cases.add("Cast", 1, List.of(whole("to", type.code())), ints(0, 3, -2));
    }
    cases.add("Clip", a, number(-1), number(2)).add("Clip", a, null, number(0.5));
    cases.opset(9).add("Clip", 1, List.of(real("min", -0.5), real("max", 1)), a);
    cases.opset(9).add("Sum", a, row).add("Add", a, row).add("Dropout", a);
    cases.opset(12).add("Dropout", a);
    return cases.all;
  }

  static List<Case> shapes() {
    Cases cases = new Cases(2);
    GraphTensor a = cases.some(2, 3, 4);
    cases.add("Reshape", a, ints(0, -1)).add("Reshape", a, ints(4, 1, 6));
    cases.add("Reshape", ints(1, 2, 3, 4), ints(2, 2)).add("Flatten", a);
    cases.add("Flatten", 1, List.of(whole("axis", -1)), a);
    cases.add("Flatten", 1, List.of(whole("axis", 3)), a);
    cases.add("Squeeze", cases.some(1, 3, 1)).add("Squeeze", cases.some(1, 3, 1), ints(-1));
    cases.add("Unsqueeze", a, ints(0, -1));
    cases.opset(11).add("Squeeze", 1, List.of(wholes("axes", 0)), cases.some(1, 3, 1));
    cases.add("Unsqueeze", 1, List.of(wholes("axes", 1, 3)), a).opset(17);
    cases.add("Transpose", a).add("Transpose", 1, List.of(wholes("perm", 1, 2, 0)), a);
    cases.add("Concat", 1, List.of(whole("axis", -1)), a, cases.some(2, 3, 1));
    cases.add("Concat", 1, List.of(whole("axis", 0)), ints(1, 2), ints(3));
    cases.add("Split", 2, List.of(whole("axis", 2)), a, ints(1, 3));
    cases.add("Split", 2, List.of(whole("axis", -1)), a);
    cases.opset(11).add("Split", 2, List.of(whole("axis", 1), wholes("split", 1, 2)), a);
    cases.opset(18).add("Split", 2, List.of(whole("axis", 1), whole("num_outputs", 2)), a);
    cases.opset(17).add("Shape", a).add("Size", a);
    cases.add("Shape", 1, List.of(whole("start", -2), whole("end", 9)), a);
    cases.add("Expand", cases.some(3, 1), ints(2, 1, 4)).add("Tile", a, ints(1, 2, 3));
    cases.add("Range", number(0.5f), number(3), number(0.5f));
    cases.add("Range", whole64(5), whole64(-2), whole64(-3));
    cases.add("ConstantOfShape", ints(2, 3));
    AttributeProto filled =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(tensor("", ints(7)))
            .build();
    cases.add("ConstantOfShape", 1, List.of(filled), ints(2));
    cases.add("Slice", a, ints(1, 0), ints(Long.MAX_VALUE, -1), ints(1, 2), ints(1, 2));
    cases.add("Slice", a, ints(-1), ints(Long.MIN_VALUE), ints(-1), ints(-1));
    cases.add("Slice", a, ints(0, 1), ints(1, 3)).add("Slice", a, ints(3), ints(1), ints(2));
    cases.add("Slice", a, ints(-9), ints(9), ints(1), ints(5));
    cases
        .opset(9)
        .add("Slice", 1, List.of(wholes("starts", 1), wholes("ends", 99), wholes("axes", 2)), a);
    cases
        .opset(17)
        .add(
            "GatherElements",
            1,
            List.of(whole("axis", 1)),
            GraphTensor.of(NumberType.FLOAT32, List.of(2, 3), 1, 2, 3, 4, 5, 6),
            GraphTensor.ofWholes(NumberType.INT64, List.of(2, 2), 2, -3, 1, 0));
    cases.opset(17).add("Gather", a, ints(1, -2)).add("Gather", ints(5, 6, 7), whole64(2));
    GraphTensor square = GraphTensor.ofWholes(NumberType.INT32, List.of(2, 2), 0, 3, 1, -1);
    cases.add("Gather", 1, List.of(whole("axis", 2)), a, square);
    for (String mode : List.of("constant", "reflect", "edge")) {
      cases.add("Pad", 1, List.of(text("mode", mode)), a, ints(0, 1, 2, 0, 2, 3));
    }
    cases.add("Pad", a, ints(0, -1, 0, 1, 0, 2), number(7));
    cases.opset(18).add("Pad", a, ints(1, 2), number(0.5), ints(-1));
    cases.opset(9).add("Pad", 1, List.of(wholes("pads", 0, 0, 1, 0, 0, 1), real("value", 3)), a);
    cases.opset(17).add("ReverseSequence", cases.some(4, 3, 2), ints(4, 0, 2));
    cases.add(
        "ReverseSequence",
        1,
        List.of(whole("time_axis", 1), whole("batch_axis", 0)),
        cases.some(3, 4, 2),
        ints(4, 1, 2));
    return cases.all;
  }

  static List<Case> reductions() {
    Cases cases = new Cases(3);
    GraphTensor a = cases.some(2, 3, 4);
    for (String operator :
        List.of(
            "ReduceSum",
            "ReduceMean",
            "ReduceMax",
            "ReduceMin",
            "ReduceProd",
            "ReduceL1",
            "ReduceL2",
            "ReduceSumSquare",
            "ReduceLogSumExp")) {
      cases.opset(11).add(operator, 1, List.of(wholes("axes", -2)), a);
      cases.add(operator, 1, List.of(wholes("axes", 0, 2), whole("keepdims", 0)), a);
      cases.opset(18).add(operator, a, ints(1)).add(operator, a);
    }
    cases.add("ReduceSum", 1, List.of(whole("noop_with_empty_axes", 1)), a);
    cases.add("ReduceSum", ints(1, 2, 3), ints(0));
    for (String operator : List.of("ArgMax", "ArgMin")) {
      cases.opset(17).add(operator, 1, List.of(whole("axis", -1), whole("keepdims", 0)), a);
      cases.add(operator, 1, List.of(whole("select_last_index", 1)), a);
    }
    for (String operator : List.of("Softmax", "LogSoftmax")) {
      cases.opset(11).add(operator, a).add(operator, 1, List.of(whole("axis", 2)), a);
      cases.opset(17).add(operator, a).add(operator, 1, List.of(whole("axis", 0)), a);
    }
    cases.add("LayerNormalization", 3, List.of(), a, cases.some(4), cases.some(4));
    cases.add("LayerNormalization", 1, List.of(whole("axis", 1)), a, cases.some(3, 4));
    GraphTensor variance = GraphTensor.of(NumberType.FLOAT32, List.of(3), 0.5, 1, 2);
    cases.add("BatchNormalization", a, cases.some(3), cases.some(3), cases.some(3), variance);
    return cases.all;
  }

  static List<Case> products() {
    Cases cases = new Cases(4);
    cases.add("MatMul", cases.some(5, 6), cases.some(6, 7));
    cases.add("MatMul", cases.some(2, 1, 5, 6), cases.some(3, 6, 7));
    cases.add("MatMul", cases.some(6), cases.some(6, 7));
    cases.add("MatMul", cases.some(2, 5, 6), cases.some(6));
    cases.add("Gemm", cases.some(5, 6), cases.some(6, 7), cases.some(7));
    cases.add(
        "Gemm",
        1,
        List.of(real("alpha", 0.5), real("beta", 2), whole("transA", 1), whole("transB", 1)),
        cases.some(6, 5),
        cases.some(7, 6),
        cases.some(5, 1));
    cases.add("Conv", cases.some(2, 3, 9), cases.some(4, 3, 3), cases.some(4));
    cases.add(
        "Conv",
        1,
        List.of(wholes("pads", 2, 1), wholes("strides", 2), wholes("dilations", 2)),
        cases.some(1, 3, 9),
        cases.some(4, 3, 3));
    cases.add(
        "Conv",
        1,
        List.of(whole("group", 2), wholes("pads", 1, 0, 0, 2), wholes("strides", 2, 1)),
        cases.some(2, 4, 5, 6),
        cases.some(6, 2, 3, 2),
        cases.some(6));
    for (String mode : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
      cases.add(
          "Conv",
          1,
          List.of(text("auto_pad", mode), wholes("strides", 2)),
          cases.some(1, 2, 8),
          cases.some(2, 2, 4));
    }
    cases.add("ConvTranspose", cases.some(2, 3, 5), cases.some(3, 4, 3), cases.some(4));
    cases.add(
        "ConvTranspose",
        1,
        List.of(
            whole("group", 2),
            wholes("strides", 2, 3),
            wholes("pads", 1, 0, 0, 1),
            wholes("output_padding", 1, 0),
            wholes("dilations", 1, 2)),
        cases.some(1, 4, 3, 4),
        cases.some(4, 2, 3, 2));
    return cases.all;
  }

  static List<Case> recurrent() {
    Cases cases = new Cases(5);
    for (String operator : List.of("RNN", "GRU", "LSTM")) {
      int gates = operator.equals("RNN") ? 1 : operator.equals("GRU") ? 3 : 4;
      for (String direction : List.of("forward", "reverse", "bidirectional")) {
        int d = direction.equals("bidirectional") ? 2 : 1;
        int rows = gates * 5;
        AttributeProto runs = text("direction", direction);
        AttributeProto hidden = whole("hidden_size", 5);
        int outputs = operator.equals("LSTM") ? 3 : 2;
        GraphTensor x = cases.some(6, 3, 4);
        GraphTensor w = Made.within(cases.random, 0.3, d, rows, 4);
        GraphTensor r = Made.within(cases.random, 0.3, d, rows, 5);
        GraphTensor b = Made.within(cases.random, 0.3, d, 2 * rows);
        GraphTensor h = cases.some(d, 3, 5);
        GraphTensor lengths = int32(6, 2, 4);
        cases.add(operator, outputs, List.of(runs, hidden), x, w, r);
        cases.add(operator, outputs, List.of(runs, hidden), x, w, r, b, lengths, h);
        cases.add(operator, outputs, List.of(runs, hidden, real("clip", 0.3)), x, w, r, b, null, h);
        if (operator.equals("GRU")) {
          AttributeProto after = whole("linear_before_reset", 1);
          cases.add(operator, outputs, List.of(runs, hidden, after), x, w, r, b, lengths, h);
        }
        if (operator.equals("LSTM")) {
          GraphTensor c = cases.some(d, 3, 5);
          GraphTensor p = cases.some(d, 15);
          cases.add(operator, outputs, List.of(runs, hidden), x, w, r, b, lengths, h, c, p);
          AttributeProto coupled = whole("input_forget", 1);
          cases.add(operator, outputs, List.of(runs, hidden, coupled), x, w, r, b, null, h, c);
        }
        for (String f :
            List.of(
                "Affine",
                "LeakyRelu",
                "ThresholdedRelu",
                "ScaledTanh",
                "HardSigmoid",
                "Elu",
                "Softsign",
                "Softplus",
                "Relu")) {
          String[] names = new String[d * (operator.equals("RNN") ? 1 : gates - 1)];
          Arrays.fill(names, f);
          double[] numbers = new double[names.length];
          Arrays.setAll(numbers, i -> 0.3 + 0.05 * i);
          cases.add(
              operator,
              outputs,
              List.of(
                  runs,
                  hidden,
                  texts("activations", names),
                  reals("activation_alpha", numbers),
                  reals("activation_beta", numbers)),
              x,
              w,
              r,
              b);
        }
      }
    }
    return cases.all;
  }

  static List<Case> control() {
    Cases cases = new Cases(6);
    GraphProto then =
        GraphProto.newBuilder()
            .setName("then")
            .addNode(node("Neg", "b", "x"))
            .addOutput(value("x", 1))
            .build();
    GraphProto otherwise =
        GraphProto.newBuilder()
            .setName("else")
            .addNode(node("Add", "b b", "y"))
            .addOutput(value("y", 1))
            .build();
    for (long condition : new long[] {0, 1}) {
      NodeProto branch =
          node("If", "a", "out0")
              .addAttribute(body("then_branch", then))
              .addAttribute(body("else_branch", otherwise))
              .build();
      Map<String, GraphTensor> inputs = new LinkedHashMap<>();
      inputs.put("a", GraphTensor.ofWholes(NumberType.BOOL, List.of(), condition));
      inputs.put("b", cases.some(3));
      cases.all.add(new Case(17, branch, inputs));
    }
    GraphProto step =
        GraphProto.newBuilder()
            .setName("step")
            .addInput(value("h", NumberType.FLOAT32, 2, 3))
            .addInput(value("x", NumberType.FLOAT32, 2, 3))
            .addNode(node("Add", "h x", "sum"))
            .addNode(node("Tanh", "sum", "next"))
            .addNode(node("Identity", "next", "y"))
            .addOutput(value("next", NumberType.FLOAT32, 2, 3))
            .addOutput(value("y", NumberType.FLOAT32, 2, 3))
            .build();
    for (int opset : new int[] {9, 11, 17}) {
      cases.opset(opset);
      AttributeProto body = body("body", step);
      AttributeProto one = whole("num_scan_inputs", 1);
      cases.add("Scan", 2, List.of(body, one), cases.some(2, 3), cases.some(5, 2, 3));
      cases.add(
          "Scan",
          2,
          List.of(
              body,
              one,
              wholes("scan_input_directions", 1),
              wholes("scan_output_directions", 1),
              wholes("scan_input_axes", 2),
              wholes("scan_output_axes", 1)),
          cases.some(2, 3),
          cases.some(2, 3, 5));
    }
    return cases.all;
  }

  @ParameterizedTest
  @MethodSource({"pointwise", "shapes", "reductions", "products", "recurrent", "control"})
  void run_ofOneNode_isWhatOnnxRuntimeSays(Case of) throws OrtException, IOException {
    GraphProto.Builder graph = GraphProto.newBuilder().setName("test").addNode(of.node());
    of.inputs()
        .forEach((name, tensor) -> {
          int[] any = new int[tensor.rank()];
          Arrays.fill(any, -1);
          graph.addInput(value(name, tensor.type(), any));
        });
    // What type an output has ONNX Runtime finds itself.
    of.node().getOutputList().forEach(name -> graph.addOutput(outputOf(name)));
    ModelProto model = Made.model(of.opset(), graph.build());
    Map<String, GraphTensor> expected;
    try (OnnxRuntime runtime = new OnnxRuntime(model.toByteArray())) {
      expected = runtime.run(of.inputs());
    }
    Path file = Files.write(folder.resolve("case.onnx"), model.toByteArray());
    GraphRunner runner = new GraphRunner(OnnxFile.read(file).graph());
    Map<String, GraphTensor> got = runner.run(of.inputs());
    assertEquals(expected.keySet(), got.keySet());
    expected.forEach(
        (name, tensor) -> Difference.expectWithin(BOUND, tensor, got.get(name), of + " " + name));
  }

  private static ValueInfoProto outputOf(String name) {
    return ValueInfoProto.newBuilder().setName(name).build();
  }
}
