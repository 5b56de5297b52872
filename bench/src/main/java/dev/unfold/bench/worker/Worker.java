package dev.unfold.bench.worker;

import dev.unfold.bench.peer.Peer;
import dev.unfold.bench.peer.PeerKind;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import dev.unfold.bench.problem.TextProblem;
import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;

/// The process that computes: one library, one problem.
public final class Worker {
  private final Wire wire;
  private final Peer peer;
  private PeerStep step;
  private int checkedSteps;

  private Worker(Wire wire, Peer peer) {
    this.wire = wire;
    this.peer = peer;
  }

  /// Loads a library and does what it is told.
  ///
  /// @param args the library, its threads, a folder for its files, the socket of who gives the orders
  public static void main(String[] args) throws IOException {
    Peer peer = PeerKind.valueOf(args[0]).open(Integer.parseInt(args[1]), Path.of(args[2]));
    try (Wire wire = new Wire(SocketChannel.open(UnixDomainSocketAddress.of(args[3])))) {
      new Worker(wire, peer).obey();
    }
    // Some libraries keep threads that would keep the process.
    System.exit(0);
  }

  /// Until nobody gives orders any more.
  private void obey() throws IOException {
    while (true) {
      Wire.Order order;
      try {
        order = Wire.Order.valueOf(wire.in.readUTF());
      } catch (EOFException _) {
        return;
      }
      switch (order) {
        case VERSION -> version();
        case OPEN -> open(wire.readShape(), wire.in.readLong());
        case CHECK -> check();
        case PEAK -> peak(wire.in.readDouble());
        case TIME -> time(wire.in.readDouble());
      }
      wire.out.flush();
    }
  }

  private void version() throws IOException {
    wire.out.writeByte(0);
    wire.out.writeUTF(peer.version());
  }

  private void open(Shape shape, long seed) throws IOException {
    Optional<String> refusal = peer.refusal(shape);
    if (refusal.isPresent()) {
      wire.out.writeByte(1);
      wire.out.writeUTF(refusal.get());
      return;
    }
    step =
        shape.task() == Task.WHOLE_TRAINING
            ? peer.open(TextProblem.of(shape, seed))
            : peer.open(Problem.of(shape, seed));
    checkedSteps = shape.task().checkedSteps();
    wire.out.writeByte(0);
    wire.out.writeUTF(peer.version());
    wire.out.writeUTF(step.implementation());
    wire.out.writeDouble(step.operations());
  }

  private void check() throws IOException {
    for (int i = 0; i < checkedSteps; i++) {
      step.layOut();
      step.run();
    }
    wire.out.writeByte(0);
    wire.write(step.results());
  }

  private void peak(double warmup) throws IOException {
    double seconds = peer.secondsPerOperation(warmup);
    wire.out.writeByte(0);
    wire.out.writeDouble(seconds);
  }

  private void time(double seconds) throws IOException {
    Turn turn = Turn.of(step, seconds);
    wire.out.writeByte(0);
    wire.write(turn);
  }
}
