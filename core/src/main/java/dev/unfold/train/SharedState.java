package dev.unfold.train;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.zip.CRC32C;

/// The states that several workers have of the sequences of a batch, put together by all of them. What is sent is a
/// checksum of the worker's parameters, then the numbers of its states, matrix by matrix.
final class SharedState {
  /// An index of a buffer is an `int`.
  private static final long PIECE = 1 << 30;

  private SharedState() {}

  /// One state of all sequences, in all workers.
  ///
  /// @param mine of this worker's sequences
  /// @param from the first sequence of each worker, and after the last one's B
  ///
  /// **Errors**: [WorkerException] if a worker has other parameters than the first, or a state of another size than it
  /// should have.
  static State gather(State mine, Network network, Workers workers, IntUnaryOperator from) {
    byte[][] all = workers.gather(bytes(mine, checksum(network.parameters())));
    List<State> parts = new ArrayList<>();
    long first = ByteBuffer.wrap(all[0]).getLong();
    for (int rank = 0; rank < all.length; rank++) {
      ByteBuffer sent = ByteBuffer.wrap(all[rank]);
      long own = sent.getLong();
      if (own != first) {
        throw new WorkerException(
            "workers: expected the same parameters in all, got others in worker %d than in worker 0"
                .formatted(rank));
      }
      int rows = from.applyAsInt(rank + 1) - from.applyAsInt(rank);
      State part = State.zeros(network.spec(), network.kernels().precision(), rows);
      fill(part, sent, rank);
      parts.add(part);
    }
    return State.join(parts);
  }

  private static byte[] bytes(State state, long checksum) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(Long.BYTES + numbers(state) * Double.BYTES));
    bytes.putLong(checksum);
    for (List<Matrix> states : state.layers()) {
      for (Matrix all : states) {
        for (int i = 0; i < all.rows() * all.cols(); i++) {
          bytes.putDouble(all.get(i / all.cols(), i % all.cols()));
        }
      }
    }
    return bytes.array();
  }

  private static long numbers(State state) {
    return state.layers().stream()
        .flatMap(List::stream)
        .mapToLong(all -> (long) all.rows() * all.cols())
        .sum();
  }

  private static void fill(State state, ByteBuffer from, int rank) {
    long expected = numbers(state);
    if (from.remaining() != expected * Double.BYTES) {
      throw new WorkerException(
          "workers: expected a state of %d numbers from worker %d, got %d bytes"
              .formatted(expected, rank, from.remaining()));
    }
    for (List<Matrix> states : state.layers()) {
      for (Matrix all : states) {
        for (int i = 0; i < all.rows() * all.cols(); i++) {
          all.set(i / all.cols(), i % all.cols(), from.getDouble());
        }
      }
    }
  }

  /// Of all bits of `parameters`.
  private static long checksum(Parameters parameters) {
    Buffer all = parameters.buffer();
    HostBuffer host =
        all instanceof HostBuffer own ? own : HostBuffer.allocate(all.type(), all.length());
    host.copy(all, 0, 0, all.length());
    CRC32C sum = new CRC32C();
    ElementType type = all.type();
    long bytes = all.length() * type.bytes();
    for (long done = 0; done < bytes; done += PIECE) {
      sum.update(
          host.segment()
              .asSlice(done, Math.min(PIECE, bytes - done))
              .asByteBuffer()
              .order(ByteOrder.nativeOrder()));
    }
    return sum.getValue();
  }
}
