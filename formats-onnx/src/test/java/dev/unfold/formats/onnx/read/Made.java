package dev.unfold.formats.onnx.read;

import com.google.protobuf.ByteString;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.onnx.message.AttributeProto;
import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.formats.onnx.message.ModelProto;
import dev.unfold.formats.onnx.message.NodeProto;
import dev.unfold.formats.onnx.message.OperatorSetIdProto;
import dev.unfold.formats.onnx.message.TensorProto;
import dev.unfold.formats.onnx.message.TensorShapeProto;
import dev.unfold.formats.onnx.message.TypeProto;
import dev.unfold.formats.onnx.message.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Makes ONNX files for tests.
final class Made {
  private static final int IR_VERSION = 8;

  private Made() {}

  static ModelProto model(int opset, GraphProto graph) {
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("test")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
        .setGraph(graph)
        .build();
  }

  /// Inputs and outputs are separated by blanks; `-` stands for one that is not given.
  static NodeProto.Builder node(String operator, String inputs, String outputs) {
    NodeProto.Builder node = NodeProto.newBuilder().setOpType(operator);
    names(inputs).forEach(node::addInput);
    names(outputs).forEach(node::addOutput);
    return node;
  }

  private static List<String> names(String text) {
    return Arrays.stream(text.split(" "))
        .filter(name -> !name.isEmpty())
        .map(name -> name.equals("-") ? "" : name)
        .toList();
  }

  static AttributeProto whole(String name, long value) {
    return attribute(name, AttributeProto.AttributeType.INT).setI(value).build();
  }

  static AttributeProto real(String name, double value) {
    return attribute(name, AttributeProto.AttributeType.FLOAT).setF((float) value).build();
  }

  static AttributeProto text(String name, String value) {
    return attribute(name, AttributeProto.AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static AttributeProto wholes(String name, long... values) {
    AttributeProto.Builder attribute = attribute(name, AttributeProto.AttributeType.INTS);
    Arrays.stream(values).forEach(attribute::addInts);
    return attribute.build();
  }

  static AttributeProto reals(String name, double... values) {
    AttributeProto.Builder attribute = attribute(name, AttributeProto.AttributeType.FLOATS);
    Arrays.stream(values).forEach(value -> attribute.addFloats((float) value));
    return attribute.build();
  }

  static AttributeProto texts(String name, String... values) {
    AttributeProto.Builder attribute = attribute(name, AttributeProto.AttributeType.STRINGS);
    Arrays.stream(values).map(ByteString::copyFromUtf8).forEach(attribute::addStrings);
    return attribute.build();
  }

  static AttributeProto body(String name, GraphProto graph) {
    return attribute(name, AttributeProto.AttributeType.GRAPH).setG(graph).build();
  }

  private static AttributeProto.Builder attribute(String name, AttributeProto.AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  /// Negative sizes stand for any.
  static ValueInfoProto value(String name, NumberType type, int... shape) {
    TensorShapeProto.Builder sizes = TensorShapeProto.newBuilder();
    for (int d = 0; d < shape.length; d++) {
      TensorShapeProto.Dimension.Builder size = TensorShapeProto.Dimension.newBuilder();
      sizes.addDim(shape[d] < 0 ? size.setDimParam(name + d) : size.setDimValue(shape[d]));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.code()).setShape(sizes)))
        .build();
  }

  /// A value of which only the type is said.
  static ValueInfoProto value(String name, int code) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(code)))
        .build();
  }

  static TensorProto tensor(String name, GraphTensor of) {
    ByteBuffer bytes = ByteBuffer.allocate(of.count() * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < of.count(); i++) {
      switch (of.type()) {
        case FLOAT32 -> bytes.putFloat((float) of.real(i));
        case FLOAT64 -> bytes.putDouble(of.real(i));
        case INT32 -> bytes.putInt((int) of.whole(i));
        case INT64 -> bytes.putLong(of.whole(i));
        case BOOL -> bytes.put((byte) of.whole(i));
      }
    }
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(of.type().code())
            .setRawData(ByteString.copyFrom(bytes.flip()));
    of.shape().forEach(tensor::addDims);
    return tensor.build();
  }

  static GraphTensor random(SplittableRandom random, Integer... shape) {
    return within(random, 1, shape);
  }

  /// Numbers from -size to size.
  static GraphTensor within(SplittableRandom random, double size, Integer... shape) {
    int count = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    double[] numbers = new double[count];
    Arrays.setAll(numbers, i -> (float) (size * (2 * random.nextDouble() - 1)));
    return GraphTensor.of(NumberType.FLOAT32, List.of(shape), numbers);
  }

  static GraphTensor list(long... numbers) {
    return GraphTensor.ofWholes(NumberType.INT64, List.of(numbers.length), numbers);
  }
}
