package dev.unfold.formats.onnx.read;

import com.google.protobuf.ByteString;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.graph.Attribute;
import dev.unfold.formats.graph.Dimension;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphCheck;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.Node;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.formats.onnx.message.AttributeProto;
import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.formats.onnx.message.NodeProto;
import dev.unfold.formats.onnx.message.TensorProto;
import dev.unfold.formats.onnx.message.TensorShapeProto;
import dev.unfold.formats.onnx.message.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Graphs of messages. What older versions of the operators say otherwise is said as the graph's operators understand
/// it.
final class GraphReader {
  /// From here on softmax is along one axis.
  private static final int SOFTMAX_OF_ONE_AXIS = 13;

  /// From here on sequences of Scan have no axis of batches.
  private static final int SCAN_WITHOUT_BATCHES = 9;

  private final int opset;

  GraphReader(int opset) {
    this.opset = opset;
  }

  static boolean isStandard(String domain) {
    return domain.isEmpty() || domain.equals("ai.onnx");
  }

  Graph read(GraphProto message) {
    return read(message, 0);
  }

  private Graph read(GraphProto message, int depth) {
    if (depth > GraphCheck.DEEPEST) {
      throw new Refusal("graph", "bodies at most " + GraphCheck.DEEPEST + " deep", "more");
    }
    if (message.getSparseInitializerCount() > 0) {
      throw new Refusal("graph", "no sparse tensors", "some");
    }
    Map<String, GraphTensor> constants = new LinkedHashMap<>();
    for (TensorProto tensor : message.getInitializerList()) {
      add(constants, tensor.getName(), TensorReader.read("tensor " + tensor.getName(), tensor));
    }
    List<ValueInfo> inputs = new ArrayList<>();
    for (ValueInfoProto input : message.getInputList()) {
      // Old files list constants among the inputs, too.
      if (!constants.containsKey(input.getName())) {
        inputs.add(value(input, depth == 0));
      }
    }
    List<ValueInfo> outputs = new ArrayList<>();
    for (ValueInfoProto output : message.getOutputList()) {
      outputs.add(value(output, false));
    }
    List<Node> nodes = new ArrayList<>();
    for (NodeProto node : message.getNodeList()) {
      if (node.getOpType().equals("Constant")) {
        constant(node, constants);
      } else {
        nodes.add(node(node, depth));
      }
    }
    return new Graph(inputs, outputs, constants, nodes);
  }

  private static void add(Map<String, GraphTensor> constants, String name, GraphTensor tensor) {
    if (constants.put(name, tensor) != null) {
      throw new Refusal("tensor", "a name that no other has", name);
    }
  }

  private static ValueInfo value(ValueInfoProto message, boolean isGiven) {
    Optional<NumberType> type = Optional.empty();
    int code = message.getType().getTensorType().getElemType();
    try {
      type = Optional.of(NumberType.of(code));
    } catch (Refusal e) {
      if (isGiven) {
        throw new Refusal("input " + message.getName() + ": type", e.expected(), e.got(), e);
      }
    }
    boolean hasShape = message.getType().getTensorType().hasShape();
    TensorShapeProto shape = message.getType().getTensorType().getShape();
    return new ValueInfo(
        message.getName(),
        type,
        hasShape
            ? Optional.of(shape.getDimList().stream().map(GraphReader::dimension).toList())
            : Optional.empty());
  }

  private static Dimension dimension(TensorShapeProto.Dimension message) {
    long size = message.getDimValue();
    return message.hasDimValue() && size >= 0 && size <= Integer.MAX_VALUE
        ? Dimension.of((int) size)
        : Dimension.any(message.getDimParam());
  }

  private static String title(NodeProto node) {
    return "node %s (%s)"
        .formatted(
            node.getName().isEmpty() && node.getOutputCount() > 0
                ? node.getOutput(0)
                : node.getName(),
            node.getOpType());
  }

  private static void constant(NodeProto node, Map<String, GraphTensor> constants) {
    String title = title(node);
    if (node.getOutputCount() != 1 || node.getAttributeCount() != 1) {
      throw new Refusal(title, "one value and one output", "others");
    }
    AttributeProto attribute = node.getAttribute(0);
    GraphTensor tensor =
        switch (attribute.getName()) {
          case "value" -> TensorReader.read(title, attribute.getT());
          case "value_float" -> GraphTensor.of(NumberType.FLOAT32, List.of(), attribute.getF());
          case "value_int" -> GraphTensor.ofWholes(NumberType.INT64, List.of(), attribute.getI());
          case "value_floats" ->
              GraphTensor.of(
                  NumberType.FLOAT32,
                  List.of(attribute.getFloatsCount()),
                  attribute.getFloatsList().stream().mapToDouble(Float::doubleValue).toArray());
          case "value_ints" ->
              GraphTensor.ofWholes(
                  NumberType.INT64,
                  List.of(attribute.getIntsCount()),
                  attribute.getIntsList().stream().mapToLong(Long::longValue).toArray());
          default -> throw new Refusal(title, "numbers", attribute.getName());
        };
    add(constants, node.getOutput(0), tensor);
  }

  private Node node(NodeProto message, int depth) {
    String title = title(message);
    if (!isStandard(message.getDomain())) {
      throw new Refusal(title, "an operator of ONNX's own", "one of " + message.getDomain());
    }
    String operator = message.getOpType();
    if (operator.equals("Scan") && opset < SCAN_WITHOUT_BATCHES) {
      throw new Refusal(title, "one of opset 9 or later", "opset " + opset);
    }
    Map<String, Attribute> attributes = new HashMap<>();
    for (AttributeProto attribute : message.getAttributeList()) {
      Attribute read = attribute(title, attribute, depth);
      if (attributes.put(attribute.getName(), read) != null) {
        throw new Refusal(title, "each attribute once", attribute.getName());
      }
    }
    boolean isSoftmax = operator.equals("Softmax") || operator.equals("LogSoftmax");
    if (isSoftmax && opset < SOFTMAX_OF_ONE_AXIS) {
      attributes.put("flattened", new Attribute.Whole(1));
    }
    return new Node(
        message.getName(),
        operator,
        List.copyOf(message.getInputList()),
        List.copyOf(message.getOutputList()),
        attributes);
  }

  private Attribute attribute(String title, AttributeProto message, int depth) {
    if (message.hasRefAttrName()) {
      throw new Refusal(title, "values of its own", "a reference in " + message.getName());
    }
    return switch (type(message)) {
      case FLOAT -> new Attribute.Real(message.getF());
      case INT -> new Attribute.Whole(message.getI());
      case STRING -> new Attribute.Text(message.getS().toStringUtf8());
      case TENSOR ->
          new Attribute.Tensor(TensorReader.read(title + ": " + message.getName(), message.getT()));
      case GRAPH -> new Attribute.Body(read(message.getG(), depth + 1));
      case FLOATS ->
          new Attribute.Reals(message.getFloatsList().stream().map(Float::doubleValue).toList());
      case INTS -> new Attribute.Wholes(message.getIntsList());
      case STRINGS ->
          new Attribute.Texts(
              message.getStringsList().stream().map(ByteString::toStringUtf8).toList());
      case UNDEFINED, TENSORS, GRAPHS ->
          throw new Refusal(title, "an attribute of a known kind", message.getName());
    };
  }

  /// Old files do not say what kind an attribute is.
  private static AttributeProto.AttributeType type(AttributeProto message) {
    if (message.getType() != AttributeProto.AttributeType.UNDEFINED) {
      return message.getType();
    }
    if (message.hasF()) {
      return AttributeProto.AttributeType.FLOAT;
    }
    if (message.hasI()) {
      return AttributeProto.AttributeType.INT;
    }
    if (message.hasS()) {
      return AttributeProto.AttributeType.STRING;
    }
    if (message.hasT()) {
      return AttributeProto.AttributeType.TENSOR;
    }
    if (message.hasG()) {
      return AttributeProto.AttributeType.GRAPH;
    }
    if (message.getFloatsCount() > 0) {
      return AttributeProto.AttributeType.FLOATS;
    }
    if (message.getStringsCount() > 0) {
      return AttributeProto.AttributeType.STRINGS;
    }
    return message.getIntsCount() > 0
        ? AttributeProto.AttributeType.INTS
        : AttributeProto.AttributeType.UNDEFINED;
  }
}
