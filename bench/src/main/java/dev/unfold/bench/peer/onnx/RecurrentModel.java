package dev.unfold.bench.peer.onnx;

import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Gates;
import dev.unfold.bench.problem.Problem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// An ONNX model of one node, a layer over a single step: `x` and the states `h` and, of an LSTM, `c` to `next_h` and
/// `next_c`.
///
/// Numbers of fields are those of `onnx.proto`. ONNX has the gates of an LSTM in the order i, o, f, g, those of a GRU
/// in the order z, r, n, and PyTorch's GRU is the one that it calls linear before reset.
final class RecurrentModel {
  private static final int IR_VERSION = 8;
  private static final int OPERATOR_VERSION = 14;
  private static final int FLOAT = 1;
  private static final int INT_ATTRIBUTE = 2;

  private RecurrentModel() {}

  /// The names of the states of a cell.
  static List<String> states(CellKind cell) {
    return List.of("h", "c").subList(0, cell.states());
  }

  /// What a state is called after the step.
  static String next(String state) {
    return "next_" + state;
  }

  static byte[] of(Problem problem) {
    CellKind cell = problem.shape().cell();
    int width = problem.shape().width();
    int rows = problem.shape().gateRows();
    Gates gates = gates(cell, width);
    float[] bias = new float[2 * rows];
    System.arraycopy(gates.rows(problem.biasIh(), 1), 0, bias, 0, rows);
    System.arraycopy(gates.rows(problem.biasHh(), 1), 0, bias, rows, rows);
    int batch = problem.shape().batch();
    Message graph = new Message().message(1, node(cell, width)).text(2, cell.label());
    graph.message(5, tensor("W", gates.rows(problem.weightIh(), width), 1, rows, width));
    graph.message(5, tensor("R", gates.rows(problem.weightHh(), width), 1, rows, width));
    graph.message(5, tensor("B", bias, 1, 2 * rows));
    graph.message(11, value("x", 1, batch, width));
    for (String state : states(cell)) {
      graph.message(11, value(state, 1, batch, width));
      graph.message(12, value(next(state), 1, batch, width));
    }
    return new Message()
        .number(1, IR_VERSION)
        .message(7, graph)
        .message(8, new Message().text(1, "").number(2, OPERATOR_VERSION))
        .bytes();
  }

  private static Gates gates(CellKind cell, int width) {
    return switch (cell) {
      case ELMAN -> new Gates(width, 0);
      case GRU -> new Gates(width, 1, 0, 2);
      case LSTM -> new Gates(width, 0, 3, 1, 2);
    };
  }

  private static Message node(CellKind cell, int hidden) {
    Message node = new Message();
    // Between bias and states: lengths of sequences, which are all alike.
    for (String input : List.of("x", "W", "R", "B", "")) {
      node.text(1, input);
    }
    // The first output would be h of all steps.
    node.text(2, "");
    for (String state : states(cell)) {
      node.text(1, state).text(2, next(state));
    }
    node.text(4, cell == CellKind.ELMAN ? "RNN" : cell.name());
    if (cell == CellKind.GRU) {
      node.message(5, attribute("linear_before_reset", 1));
    }
    return node.message(5, attribute("hidden_size", hidden));
  }

  private static Message attribute(String name, int value) {
    return new Message().text(1, name).number(3, value).number(20, INT_ATTRIBUTE);
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
