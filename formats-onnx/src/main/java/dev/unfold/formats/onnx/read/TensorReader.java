package dev.unfold.formats.onnx.read;

import com.google.protobuf.ByteString;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.onnx.message.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Tensors of messages, whose numbers are counted before anything is made of them.
final class TensorReader {
  private static final int MOST_DIMENSIONS = 16;

  /// What the sizes of a tensor without numbers may come to if those of 0 are left out.
  private static final long MOST_EMPTY = 1 << 16;

  private TensorReader() {}

  /// @param what it is, for people
  static GraphTensor read(String what, TensorProto message) {
    if (message.getDataLocation() == TensorProto.DataLocation.EXTERNAL) {
      throw new Refusal(what, "numbers in the file itself", "external data");
    }
    NumberType type;
    try {
      type = NumberType.of(message.getDataType());
    } catch (Refusal e) {
      throw new Refusal(what + ": type", e.expected(), e.got(), e);
    }
    List<Integer> shape = shape(what, message);
    int count = shape.stream().reduce(1, (a, b) -> a * b);
    if (message.hasRawData()) {
      return raw(what, type, shape, count, message.getRawData());
    }
    return switch (type) {
      case FLOAT32 -> {
        expectCount(what, count, message.getFloatDataCount());
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
          numbers[i] = message.getFloatData(i);
        }
        yield GraphTensor.of(type, shape, numbers);
      }
      case FLOAT64 -> {
        expectCount(what, count, message.getDoubleDataCount());
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
          numbers[i] = message.getDoubleData(i);
        }
        yield GraphTensor.of(type, shape, numbers);
      }
      case INT32, BOOL -> {
        expectCount(what, count, message.getInt32DataCount());
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++) {
          numbers[i] = message.getInt32Data(i);
        }
        yield GraphTensor.ofWholes(type, shape, numbers);
      }
      case INT64 -> {
        expectCount(what, count, message.getInt64DataCount());
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++) {
          numbers[i] = message.getInt64Data(i);
        }
        yield GraphTensor.ofWholes(type, shape, numbers);
      }
    };
  }

  private static List<Integer> shape(String what, TensorProto message) {
    if (message.getDimsCount() > MOST_DIMENSIONS) {
      throw new Refusal(what, "at most " + MOST_DIMENSIONS + " dimensions", message.getDimsCount());
    }
    List<Integer> shape = new ArrayList<>();
    long count = 1;
    boolean isEmpty = false;
    for (long size : message.getDimsList()) {
      if (size < 0 || size > Integer.MAX_VALUE || count * Math.max(1, size) > Integer.MAX_VALUE) {
        throw new Refusal(what, "sizes of 0 or more, 2^31 numbers at most", message.getDimsList());
      }
      count *= Math.max(1, size);
      isEmpty |= size == 0;
      shape.add((int) size);
    }
    if (isEmpty && count > MOST_EMPTY) {
      throw new Refusal(what, "sizes that a file has numbers for", message.getDimsList());
    }
    return shape;
  }

  private static void expectCount(String what, int count, long got) {
    if (got != count) {
      throw new Refusal(what, count + " numbers, as its shape says", got);
    }
  }

  private static GraphTensor raw(
      String what, NumberType type, List<Integer> shape, int count, ByteString raw) {
    int width =
        switch (type) {
          case FLOAT32, INT32 -> 4;
          case FLOAT64, INT64 -> 8;
          case BOOL -> 1;
        };
    if ((long) count * width != raw.size()) {
      throw new Refusal(what, (long) count * width + " bytes, as its shape says", raw.size());
    }
    ByteBuffer bytes = raw.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    if (type.isReal()) {
      double[] numbers = new double[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = width == 4 ? bytes.getFloat() : bytes.getDouble();
      }
      return GraphTensor.of(type, shape, numbers);
    }
    long[] numbers = new long[count];
    for (int i = 0; i < count; i++) {
      numbers[i] =
          switch (width) {
            case 1 -> bytes.get();
            case 4 -> bytes.getInt();
            default -> bytes.getLong();
          };
    }
    return GraphTensor.ofWholes(type, shape, numbers);
  }
}
