package dev.unfold.bench.worker;

import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.problem.Tensors;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.Map;

/// One end of the connection between the process that compares and a process that computes.
///
/// Each order has one answer: 0 and what was asked for, or 1 and what went wrong.
final class Wire implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  /// What a worker can be told.
  enum Order {
    /// Answers with the library's version.
    VERSION,
    /// Opens a problem: shape and seed; answers with version, implementation and the operations of a step.
    OPEN,
    /// Runs the first steps; answers with their results.
    CHECK,
    /// Measures the machine's peak after a warm-up of some seconds; answers with the seconds of an operation.
    PEAK,
    /// Repeats the step for some seconds; answers with a turn.
    TIME
  }

  private final SocketChannel channel;
  final DataInputStream in;
  final DataOutputStream out;

  Wire(SocketChannel channel) {
    this.channel = channel;
    in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(channel), BUFFER));
    out = new DataOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER));
  }

  void write(Shape shape) throws IOException {
    out.writeUTF(shape.task().name());
    out.writeUTF(shape.cell().name());
    out.writeInt(shape.width());
    out.writeInt(shape.batch());
    out.writeInt(shape.steps());
    out.writeUTF(shape.start().name());
    out.writeInt(shape.vocabulary());
  }

  Shape readShape() throws IOException {
    return new Shape(
        Task.valueOf(in.readUTF()),
        CellKind.valueOf(in.readUTF()),
        in.readInt(),
        in.readInt(),
        in.readInt(),
        Start.valueOf(in.readUTF()),
        in.readInt());
  }

  void write(Turn turn) throws IOException {
    out.writeInt(turn.seconds().length);
    for (int i = 0; i < turn.seconds().length; i++) {
      out.writeDouble(turn.seconds()[i]);
      out.writeDouble(turn.layOutSeconds()[i]);
    }
  }

  Turn readTurn() throws IOException {
    int count = in.readInt();
    Turn turn = new Turn(new double[count], new double[count]);
    for (int i = 0; i < count; i++) {
      turn.seconds()[i] = in.readDouble();
      turn.layOutSeconds()[i] = in.readDouble();
    }
    return turn;
  }

  void write(Tensors tensors) throws IOException {
    out.writeInt(tensors.byName().size());
    for (Map.Entry<String, float[]> tensor : tensors.byName().entrySet()) {
      out.writeUTF(tensor.getKey());
      out.writeInt(tensor.getValue().length);
      ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(tensor.getValue().length, 4));
      bytes.asFloatBuffer().put(tensor.getValue());
      out.write(bytes.array());
    }
  }

  Tensors readTensors() throws IOException {
    Tensors tensors = new Tensors();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      String name = in.readUTF();
      float[] values = new float[in.readInt()];
      byte[] bytes = in.readNBytes(Math.multiplyExact(values.length, 4));
      ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
      tensors.with(name, values);
    }
    return tensors;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
