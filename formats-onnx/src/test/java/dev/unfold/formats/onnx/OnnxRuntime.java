package dev.unfold.formats.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// ONNX Runtime, which nobody here wrote.
public final class OnnxRuntime implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;

  /// For a file's content.
  public OnnxRuntime(byte[] model) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    options.setInterOpNumThreads(1);
    session = environment.createSession(model, options);
  }

  /// The outputs by name.
  public Map<String, GraphTensor> run(Map<String, GraphTensor> inputs) throws OrtException {
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    for (Map.Entry<String, GraphTensor> input : inputs.entrySet()) {
      given.put(input.getKey(), tensor(input.getValue()));
    }
    Map<String, GraphTensor> outputs = new LinkedHashMap<>();
    try (OrtSession.Result result = session.run(given)) {
      for (Map.Entry<String, OnnxValue> output : result) {
        outputs.put(output.getKey(), tensor((OnnxTensor) output.getValue()));
      }
    } finally {
      given.values().forEach(OnnxTensor::close);
    }
    return outputs;
  }

  private OnnxTensor tensor(GraphTensor of) throws OrtException {
    long[] shape = of.shape().stream().mapToLong(Integer::longValue).toArray();
    double[] reals = of.reals();
    long[] wholes = of.wholes();
    return switch (of.type()) {
      case FLOAT32 -> {
        float[] numbers = new float[reals.length];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = (float) reals[i];
        }
        yield OnnxTensor.createTensor(environment, FloatBuffer.wrap(numbers), shape);
      }
      case FLOAT64 -> OnnxTensor.createTensor(environment, DoubleBuffer.wrap(reals), shape);
      case INT64 -> OnnxTensor.createTensor(environment, LongBuffer.wrap(wholes), shape);
      case INT32 -> {
        int[] numbers = Arrays.stream(wholes).mapToInt(number -> (int) number).toArray();
        yield OnnxTensor.createTensor(environment, IntBuffer.wrap(numbers), shape);
      }
      case BOOL -> {
        byte[] numbers = new byte[wholes.length];
        for (int i = 0; i < numbers.length; i++) {
          numbers[i] = (byte) wholes[i];
        }
        yield OnnxTensor.createTensor(
            environment, ByteBuffer.wrap(numbers), shape, OnnxJavaType.BOOL);
      }
    };
  }

  private static GraphTensor tensor(OnnxTensor of) {
    List<Integer> shape =
        Arrays.stream(of.getInfo().getShape()).mapToInt(Math::toIntExact).boxed().toList();
    int count = shape.stream().reduce(1, (a, b) -> a * b);
    double[] reals = new double[count];
    long[] wholes = new long[count];
    return switch (of.getInfo().type) {
      case FLOAT -> {
        FloatBuffer numbers = of.getFloatBuffer();
        Arrays.setAll(reals, numbers::get);
        yield GraphTensor.of(NumberType.FLOAT32, shape, reals);
      }
      case DOUBLE -> {
        of.getDoubleBuffer().get(reals);
        yield GraphTensor.of(NumberType.FLOAT64, shape, reals);
      }
      case INT64 -> {
        of.getLongBuffer().get(wholes);
        yield GraphTensor.ofWholes(NumberType.INT64, shape, wholes);
      }
      case INT32 -> {
        IntBuffer numbers = of.getIntBuffer();
        Arrays.setAll(wholes, numbers::get);
        yield GraphTensor.ofWholes(NumberType.INT32, shape, wholes);
      }
      case BOOL -> {
        ByteBuffer numbers = of.getByteBuffer();
        Arrays.setAll(wholes, numbers::get);
        yield GraphTensor.ofWholes(NumberType.BOOL, shape, wholes);
      }
      default -> throw new IllegalArgumentException(of.getInfo().type.toString());
    };
  }

  @Override
  public void close() throws OrtException {
    session.close();
  }
}
