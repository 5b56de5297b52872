package dev.unfold.formats.onnx.write;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// Runs an ONNX file by ONNX Runtime, on one thread.
final class OnnxRuntime implements AutoCloseable {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();

  OnnxRuntime(Path file) throws OrtException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      session = environment.createSession(file.toString(), options);
    }
  }

  OnnxRuntime floats(String name, float[] numbers, long... shape) throws OrtException {
    replace(name, OnnxTensor.createTensor(environment, FloatBuffer.wrap(numbers), shape));
    return this;
  }

  OnnxRuntime integers(String name, long[] numbers, long... shape) throws OrtException {
    replace(name, OnnxTensor.createTensor(environment, LongBuffer.wrap(numbers), shape));
    return this;
  }

  private void replace(String name, OnnxTensor tensor) {
    OnnxTensor old = inputs.put(name, tensor);
    if (old != null) {
      old.close();
    }
  }

  /// The outputs by name, row by row.
  Map<String, double[]> run() throws OrtException {
    Map<String, double[]> outputs = new LinkedHashMap<>();
    try (OrtSession.Result result = session.run(inputs)) {
      for (Map.Entry<String, OnnxValue> entry : result) {
        outputs.put(entry.getKey(), numbers((OnnxTensor) entry.getValue()));
      }
    }
    return outputs;
  }

  private static double[] numbers(OnnxTensor tensor) {
    TensorInfo info = tensor.getInfo();
    double[] numbers = new double[(int) info.getNumElements()];
    switch (info.type) {
      case FLOAT -> {
        FloatBuffer from = tensor.getFloatBuffer();
        java.util.Arrays.setAll(numbers, from::get);
      }
      case INT64 -> {
        LongBuffer from = tensor.getLongBuffer();
        java.util.Arrays.setAll(numbers, from::get);
      }
      default -> throw new IllegalStateException("outputs of type " + info.type);
    }
    return numbers;
  }

  @Override
  public void close() throws OrtException {
    inputs.values().forEach(OnnxTensor::close);
    session.close();
  }
}
