package dev.unfold.run.session;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32C;

/// How the state of one sequence lies in memory and in files: the numbers of each of its matrices, one after the other,
/// in the byte order of the machine.
final class StateLayout {
  /// A state of more is no state of a session: it would be written anew with each row.
  private static final long MOST = 1L << 28;

  private final NetworkSpec spec;
  private final List<String> names;
  private final List<Integer> widths;
  private final State zeros;
  private final int numberBytes;
  private final int bytes;

  /// **Errors**: [Refusal] for a state that is too large.
  StateLayout(Network network) {
    spec = network.spec();
    zeros = network.zeroState(1);
    names = State.names(spec);
    widths = matrices(zeros).stream().map(Matrix::cols).toList();
    numberBytes = network.kernels().precision().type().bytes();
    long all = widths.stream().mapToLong(Integer::longValue).sum() * numberBytes;
    if (all > MOST) {
      throw new Refusal("model", "a state of %d bytes at most".formatted(MOST), all);
    }
    bytes = (int) all;
  }

  /// Those of one sequence.
  int bytes() {
    return bytes;
  }

  /// A number that tells layouts from each other: those of states that are alike have the same.
  int shape() {
    CRC32C sum = new CRC32C();
    sum.update("%d %s %s".formatted(numberBytes, names, widths).getBytes(StandardCharsets.UTF_8));
    return (int) sum.getValue();
  }

  /// Whether a state of one is a state of the other: the same names, sizes and kind of number.
  boolean isAlike(StateLayout other) {
    return numberBytes == other.numberBytes
        && names.equals(other.names)
        && widths.equals(other.widths);
  }

  /// Where a sequence starts.
  byte[] zeros() {
    return new byte[bytes];
  }

  /// From row `b` of a state to `to`.
  void write(State from, int b, byte[] to) {
    MemorySegment target = MemorySegment.ofArray(to);
    long place = 0;
    for (List<Matrix> layer : from.layers()) {
      for (Matrix matrix : layer) {
        long width = (long) matrix.cols() * numberBytes;
        MemorySegment.copy(matrix.host().segment(), rowStart(matrix, b), target, place, width);
        place += width;
      }
    }
  }

  /// From `from` to row `b` of a state.
  void read(byte[] from, State to, int b) {
    MemorySegment source = MemorySegment.ofArray(from);
    long place = 0;
    for (List<Matrix> layer : to.layers()) {
      for (Matrix matrix : layer) {
        long width = (long) matrix.cols() * numberBytes;
        MemorySegment.copy(source, place, matrix.host().segment(), rowStart(matrix, b), width);
        place += width;
      }
    }
  }

  /// The state of one sequence as a value.
  State state(byte[] from) {
    State state = zeros.copy();
    read(from, state, 0);
    return state;
  }

  /// The numbers of a state.
  ///
  /// **Errors**: [Refusal] if it is none of one sequence of such a network, or not finite.
  byte[] bytes(State state) {
    if (state.batch() != 1) {
      throw new Refusal("state", "that of one sequence", state.batch());
    }
    List<Integer> its = matrices(state).stream().map(Matrix::cols).toList();
    if (!its.equals(widths) || matrices(state).getFirst().buffer().type().bytes() != numberBytes) {
      throw new Refusal("state", "%s of %s numbers".formatted(names, widths), its);
    }
    state.expectFinite(spec);
    byte[] all = new byte[bytes];
    write(state, 0, all);
    return all;
  }

  private long rowStart(Matrix matrix, int b) {
    return (matrix.offset() + (long) b * matrix.stride()) * numberBytes;
  }

  private static List<Matrix> matrices(State state) {
    return state.layers().stream().flatMap(List::stream).toList();
  }
}
