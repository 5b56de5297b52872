package dev.unfold.bench.peer.onnx;

import dev.unfold.bench.problem.Gates;
import dev.unfold.bench.problem.Problem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// An ONNX model of one node, an LSTM over a single step: `x`, `h`, `c` to `next_h`, `next_c`.
///
/// Numbers of fields are those of `onnx.proto`. ONNX has the gates in the order i, o, f, g.
final class LstmModel {
  private static final int IR_VERSION = 8;
  private static final int OPERATOR_VERSION = 14;
  private static final int FLOAT = 1;
  private static final int INT_ATTRIBUTE = 2;

  private LstmModel() {}

  static byte[] of(Problem problem) {
    int width = problem.shape().width();
    int rows = problem.shape().gateRows();
    Gates gates = new Gates(width, 0, 3, 1, 2);
    float[] bias = new float[2 * rows];
    System.arraycopy(gates.rows(problem.biasIh(), 1), 0, bias, 0, rows);
    System.arraycopy(gates.rows(problem.biasHh(), 1), 0, bias, rows, rows);
    int batch = problem.shape().batch();
    Message graph = new Message().message(1, node(width)).text(2, "lstm");
    graph.message(5, tensor("W", gates.rows(problem.weightIh(), width), 1, rows, width));
    graph.message(5, tensor("R", gates.rows(problem.weightHh(), width), 1, rows, width));
    graph.message(5, tensor("B", bias, 1, 2 * rows));
    for (String input : List.of("x", "h", "c")) {
      graph.message(11, value(input, 1, batch, width));
    }
    for (String output : List.of("next_h", "next_c")) {
      graph.message(12, value(output, 1, batch, width));
    }
    return new Message()
        .number(1, IR_VERSION)
        .message(7, graph)
        .message(8, new Message().text(1, "").number(2, OPERATOR_VERSION))
        .bytes();
  }

  private static Message node(int hidden) {
    Message node = new Message();
    // Between bias and states: lengths of sequences, which are all alike.
    for (String input : List.of("x", "W", "R", "B", "", "h", "c")) {
      node.text(1, input);
    }
    // The first output would be h of all steps.
    for (String output : List.of("", "next_h", "next_c")) {
      node.text(2, output);
    }
    Message size = new Message().text(1, "hidden_size").number(3, hidden).number(20, INT_ATTRIBUTE);
    return node.text(4, "LSTM").message(5, size);
  }

  private static Message tensor(String name, float[] values, int... sizes) {
    Message tensor = new Message();
    for (int size : sizes) {
      tensor.number(1, size);
    }
    ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return tensor.number(2, FLOAT).text(8, name).bytes(9, bytes.array());
  }

  private static Message value(String name, int... sizes) {
    Message shape = new Message();
    for (int size : sizes) {
      shape.message(1, new Message().number(1, size));
    }
    Message type = new Message().number(1, FLOAT).message(2, shape);
    return new Message().text(1, name).message(2, new Message().message(1, type));
  }
}
