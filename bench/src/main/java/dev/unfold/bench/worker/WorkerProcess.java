package dev.unfold.bench.worker;

import dev.unfold.bench.peer.PeerKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/// A [Worker] as seen from the process that compares.
///
/// **Errors**: [PeerException] if the library refuses the problem or its process ends; [CancellationException] if
/// somebody has stopped that.
public final class WorkerProcess implements AutoCloseable {
  private static final int STARTING_SECONDS = 120;
  private static final int ENDING_SECONDS = 5;

  /// Exit codes after SIGINT and SIGTERM. Ctrl-C reaches all processes: it says nothing of the library.
  private static final Set<Integer> STOPPED = Set.of(130, 143);

  private static final List<String> FLAGS =
      List.of(
          "--add-modules",
          "jdk.incubator.vector",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private final Process process;
  private final Path log;
  private final Wire wire;

  /// Where workers run.
  ///
  /// @param folder for sockets, logs and unpacked libraries
  /// @param threads of each library
  public record Place(Path folder, int threads) {}

  private WorkerProcess(Process process, Path log, Wire wire) {
    this.process = process;
    this.log = log;
    this.wire = wire;
  }

  /// Starts a process in which `peer` is to compute `shape`.
  public static WorkerProcess start(PeerKind peer, Shape shape, Place place) {
    Path socket = place.folder.resolve(peer.label() + ".socket");
    Path log = place.folder.resolve(peer.label() + ".log");
    try {
      Files.deleteIfExists(socket);
      try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
        server.bind(UnixDomainSocketAddress.of(socket));
        server.configureBlocking(false);
        Process process = command(peer, shape, place, socket).redirectOutput(log.toFile()).start();
        Wire wire = null;
        try {
          SocketChannel channel = accept(server, process);
          if (channel == null) {
            throw new PeerException("did not start: " + lastWords(log));
          }
          channel.configureBlocking(true);
          wire = new Wire(channel);
          return new WorkerProcess(process, log, wire);
        } finally {
          if (wire == null) {
            process.destroyForcibly();
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ProcessBuilder command(PeerKind peer, Shape shape, Place place, Path socket) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(FLAGS);
    command.add("-Dai.djl.offline=true");
    command.add("-Dorg.bytedeco.javacpp.cachedir=" + place.folder);
    command.addAll(
        List.of(
            Worker.class.getName(),
            peer.name(),
            Integer.toString(place.threads),
            place.folder.toString(),
            socket.toString()));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("OMP_NUM_THREADS", Integer.toString(place.threads));
    // Not on the command line: ONNX Runtime crashes where that has 4,000 characters.
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder.environment().putAll(peer.environment(shape, place.folder));
    return builder;
  }

  private static SocketChannel accept(ServerSocketChannel server, Process process)
      throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(STARTING_SECONDS);
    SocketChannel channel = server.accept();
    while (channel == null && process.isAlive() && System.nanoTime() < end) {
      try {
        Thread.sleep(5);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      channel = server.accept();
    }
    return channel;
  }

  /// Library and what of it computes.
  ///
  /// @param version of the library
  /// @param implementation that it has chosen, or empty
  /// @param operations of the products of a step; 0 if it does not tell
  public record Opened(String version, String implementation, double operations) {}

  /// The library's version.
  public String version() {
    return ask(Wire.Order.VERSION, () -> {}, wire.in::readUTF);
  }

  /// Opens the problem of `shape` drawn from `seed`.
  public Opened open(Shape shape, long seed) {
    return ask(
        Wire.Order.OPEN,
        () -> {
          wire.write(shape);
          wire.out.writeLong(seed);
        },
        () -> new Opened(wire.in.readUTF(), wire.in.readUTF(), wire.in.readDouble()));
  }

  /// The results of the first steps.
  public Tensors check() {
    return ask(Wire.Order.CHECK, () -> {}, wire::readTensors);
  }

  /// Seconds for one floating-point operation at the machine's peak, after a warm-up of `warmup` seconds; 0 if it does
  /// not tell.
  public double peak(double warmup) {
    return ask(Wire.Order.PEAK, () -> wire.out.writeDouble(warmup), wire.in::readDouble);
  }

  /// Repeats the step for `seconds`.
  public Turn time(double seconds) {
    return ask(Wire.Order.TIME, () -> wire.out.writeDouble(seconds), wire::readTurn);
  }

  private interface Writing {
    void run() throws IOException;
  }

  private interface Reading<T> {
    T run() throws IOException;
  }

  private <T> T ask(Wire.Order order, Writing arguments, Reading<T> answer) {
    try {
      wire.out.writeUTF(order.name());
      arguments.run();
      wire.out.flush();
      if (wire.in.readByte() != 0) {
        throw new PeerException(wire.in.readUTF());
      }
      return answer.run();
    } catch (IOException _) {
      expectNotStopped();
      throw new PeerException("its process ended: " + lastWords(log));
    }
  }

  private void expectNotStopped() {
    try {
      if (process.waitFor(ENDING_SECONDS, TimeUnit.SECONDS)
          && STOPPED.contains(process.exitValue())) {
        throw new CancellationException("stopped by a signal");
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String lastWords(Path log) throws UncheckedIOException {
    try {
      List<String> lines = Files.readAllLines(log);
      // An exception's cause says most; without an exception, what came last does.
      return lines.reversed().stream()
          .filter(line -> line.startsWith("Caused by") || line.startsWith("Exception"))
          .findFirst()
          .orElse(lines.isEmpty() ? "it said nothing" : lines.getLast())
          .strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      wire.close();
      if (!process.waitFor(ENDING_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new IllegalStateException(e);
    }
  }
}
