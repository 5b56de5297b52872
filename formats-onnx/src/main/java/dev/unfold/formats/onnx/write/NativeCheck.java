package dev.unfold.formats.onnx.write;

import dev.unfold.cell.Cell;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.graph.GraphRunner;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.formats.onnx.message.ModelProto;
import dev.unfold.formats.onnx.message.OperatorSetIdProto;
import dev.unfold.formats.onnx.read.OnnxFile;
import dev.unfold.head.Head;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/// Whether an operator computes what the equations of a cell say: a small layer of random parameters is written both
/// ways, as the operator and as a Scan of the equations, and both run on random input from random states, as the
/// definitions of the operators say.
final class NativeCheck {
  private static final long SEED = 7;
  private static final int INPUT = 2;
  private static final int HIDDEN = 3;
  private static final int STEPS = 4;
  private static final int BATCH = 2;
  private static final double CLOSE = 1e-5;

  private final Kernels kernels;
  private final int opset;

  NativeCheck(Kernels kernels, int opset) {
    this.kernels = kernels;
    this.opset = opset;
  }

  /// Whether both agree in all outputs and states.
  boolean agrees(NativeCell operator, Cell cell) {
    Network network = network(cell);
    Map<String, GraphTensor> own = run(network, any -> Optional.of(operator));
    Map<String, GraphTensor> equations = run(network, any -> Optional.empty());
    for (Map.Entry<String, GraphTensor> entry : own.entrySet()) {
      double[] a = entry.getValue().reals();
      double[] b = equations.get(entry.getKey()).reals();
      for (int i = 0; i < a.length; i++) {
        if (!(Math.abs(a[i] - b[i]) <= CLOSE * Math.max(1, Math.abs(b[i])))) {
          return false;
        }
      }
    }
    return true;
  }

  private Network network(Cell cell) {
    NetworkSpec spec =
        new NetworkSpec(
            new Encoder.Vectors(INPUT),
            List.of(new LayerSpec(cell, HIDDEN)),
            new Head.Values(HIDDEN, new ValueLoss.SquaredError()));
    Network network = Network.zeros(spec, kernels);
    Random random = new Random(SEED);
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      Matrix numbers = network.parameters().matrix(tensor.name());
      for (int row = 0; row < numbers.rows(); row++) {
        for (int col = 0; col < numbers.cols(); col++) {
          numbers.set(row, col, 2 * random.nextDouble() - 1);
        }
      }
    }
    return network;
  }

  private Map<String, GraphTensor> run(
      Network network, Function<Cell, Optional<NativeCell>> operators) {
    GraphProto graph =
        new NetworkWriter(network, opset, ExportOptions.States.IO, operators).write();
    ModelProto model =
        ModelProto.newBuilder()
            .setGraph(graph)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
            .build();
    GraphRunner runner = new GraphRunner(OnnxFile.of(model).graph());
    Random random = new Random(SEED + 1);
    Map<String, GraphTensor> inputs = new HashMap<>();
    for (ValueInfo input : runner.graph().inputs()) {
      boolean isSequence = input.name().equals("input");
      List<Integer> shape = isSequence ? List.of(STEPS, BATCH, INPUT) : List.of(BATCH, HIDDEN);
      int count = shape.stream().reduce(1, Math::multiplyExact);
      double[] numbers = random.doubles(count, -1, 1).toArray();
      inputs.put(input.name(), GraphTensor.of(NumberType.FLOAT32, shape, numbers));
    }
    return runner.run(inputs);
  }
}
