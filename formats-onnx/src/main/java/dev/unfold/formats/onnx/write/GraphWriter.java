package dev.unfold.formats.onnx.write;

import com.google.protobuf.ByteString;
import dev.unfold.formats.onnx.message.AttributeProto;
import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.formats.onnx.message.NodeProto;
import dev.unfold.formats.onnx.message.TensorProto;
import dev.unfold.formats.onnx.message.TensorShapeProto;
import dev.unfold.formats.onnx.message.TypeProto;
import dev.unfold.formats.onnx.message.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// A graph that is being written: nodes in the order in which they are added, each value under a name of its own. The
/// constants of bodies are those of the graph around them, which bodies may read.
final class GraphWriter {
  /// What numbers are.
  enum Kind {
    FLOAT(1),
    INT64(7);

    final int code;

    Kind(int code) {
      this.code = code;
    }
  }

  private final GraphProto.Builder graph;
  private final GraphWriter top;
  private final int opset;
  private final Map<String, Integer> uses;
  private final Map<String, String> constants;

  private GraphWriter(String name, GraphWriter top, int opset) {
    graph = GraphProto.newBuilder().setName(name);
    this.top = top == null ? this : top;
    this.opset = opset;
    uses = top == null ? new HashMap<>() : top.uses;
    constants = top == null ? new HashMap<>() : top.constants;
  }

  /// A graph for operators of version `opset`.
  GraphWriter(String name, int opset) {
    this(name, null, opset);
  }

  /// The body of a node of this graph.
  GraphWriter body(String name) {
    return new GraphWriter(name, top, opset);
  }

  int opset() {
    return opset;
  }

  /// A name that no other value has: `wish`, or that and a number.
  String name(String wish) {
    int use = uses.merge(wish, 1, Integer::sum);
    return use == 1 ? wish : name(wish + "." + use);
  }

  /// Adds a node of one output and returns the name of that.
  String node(String operator, String wish, List<String> inputs, AttributeProto... attributes) {
    return nodes(operator, List.of(wish), inputs, attributes).getFirst();
  }

  /// Adds a node; an input or output with an empty name is left out.
  List<String> nodes(
      String operator, List<String> wishes, List<String> inputs, AttributeProto... attributes) {
    List<String> outputs = wishes.stream().map(wish -> wish.isEmpty() ? "" : name(wish)).toList();
    add(operator, outputs, inputs, attributes);
    return outputs;
  }

  /// Adds a node with the value `output`, whose name is taken.
  void assign(String operator, String output, List<String> inputs, AttributeProto... attributes) {
    add(operator, List.of(output), inputs, attributes);
  }

  private void add(
      String operator, List<String> outputs, List<String> inputs, AttributeProto... attributes) {
    List<String> given = new ArrayList<>(inputs);
    while (!given.isEmpty() && given.getLast().isEmpty()) {
      given.removeLast();
    }
    String first = outputs.stream().filter(output -> !output.isEmpty()).findFirst().orElseThrow();
    graph.addNode(
        NodeProto.newBuilder()
            .setName(first + "/" + operator)
            .setOpType(operator)
            .addAllInput(given)
            .addAllOutput(outputs)
            .addAllAttribute(Arrays.asList(attributes)));
  }

  /// A constant of floats, one for each name.
  String floats(String wish, float[] numbers, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(numbers.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(numbers);
    return constant(name(wish), Kind.FLOAT, bytes, shape);
  }

  /// A number that stands for all elements.
  String scalar(double number) {
    float rounded = (float) number;
    return constants.computeIfAbsent(
        "scalar " + rounded, key -> floats("number." + rounded, new float[] {rounded}));
  }

  /// A vector of integers, such as axes.
  String integers(long... numbers) {
    return constants.computeIfAbsent(
        "integers " + Arrays.toString(numbers),
        key -> {
          ByteBuffer bytes = ByteBuffer.allocate(numbers.length * 8).order(ByteOrder.LITTLE_ENDIAN);
          bytes.asLongBuffer().put(numbers);
          return constant(name("integers"), Kind.INT64, bytes, numbers.length);
        });
  }

  private String constant(String name, Kind kind, ByteBuffer bytes, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(kind.code).setRawData(raw(bytes));
    Arrays.stream(shape).forEach(tensor::addDims);
    top.graph.addInitializer(tensor);
    return name;
  }

  private static ByteString raw(ByteBuffer bytes) {
    return ByteString.copyFrom(bytes.rewind());
  }

  /// Says what comes in; dimensions are numbers, or names of what may differ from call to call.
  void input(String name, Kind kind, Object... shape) {
    graph.addInput(info(name, kind, shape));
  }

  /// Says what goes out.
  void output(String name, Kind kind, Object... shape) {
    graph.addOutput(info(name, kind, shape));
  }

  private static ValueInfoProto info(String name, Kind kind, Object... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (Object size : shape) {
      TensorShapeProto.Dimension.Builder dimension = dimensions.addDimBuilder();
      if (size instanceof Integer number) {
        dimension.setDimValue(number);
      } else {
        dimension.setDimParam(size.toString());
      }
    }
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(kind.code).setShape(dimensions);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }

  /// What was written.
  GraphProto build() {
    return graph.build();
  }

  static AttributeProto integer(String name, long number) {
    return attribute(name, AttributeProto.AttributeType.INT).setI(number).build();
  }

  static AttributeProto text(String name, String text) {
    return attribute(name, AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(text))
        .build();
  }

  static AttributeProto integerList(String name, long... numbers) {
    AttributeProto.Builder list = attribute(name, AttributeProto.AttributeType.INTS);
    Arrays.stream(numbers).forEach(list::addInts);
    return list.build();
  }

  static AttributeProto textList(String name, List<String> texts) {
    AttributeProto.Builder list = attribute(name, AttributeProto.AttributeType.STRINGS);
    texts.forEach(text -> list.addStrings(ByteString.copyFromUtf8(text)));
    return list.build();
  }

  static AttributeProto graph(String name, GraphProto body) {
    return attribute(name, AttributeProto.AttributeType.GRAPH).setG(body).build();
  }

  private static AttributeProto.Builder attribute(String name, AttributeProto.AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }
}
