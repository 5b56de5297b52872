package dev.unfold.run.ring;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.model.Parameters;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What a worker adds to a sum, in the host's memory, cut into chunks.
///
/// **Memory**: windows; of a backend with memory of its own, copies of all numbers.
final class Addends {
  /// Bytes of a chunk, at most, so that several are on their way at once.
  static final int MOST_CHUNK = 1 << 18;

  /// The same, at least: what is done for each is to be small beside its bytes.
  private static final int LEAST_CHUNK = 1 << 14;

  /// Numbers that are added at a time, in arrays, which the compiler makes vector loops of.
  private static final int PIECE = 4096;

  private final int chunk;
  private final Parameters sum;
  private final List<Parameters> more;
  private final HostBuffer hostSum;
  private final List<HostBuffer> hostMore = new ArrayList<>();
  private final ByteBuffer[] chunks;
  private final float[] floats = new float[PIECE];
  private final float[] otherFloats = new float[PIECE];
  private final double[] doubles = new double[PIECE];
  private final double[] otherDoubles = new double[PIECE];

  /// @param chunk bytes of a chunk, as [#chunkOf] says
  Addends(Parameters sum, List<Parameters> more, int chunk) {
    this.chunk = chunk;
    this.sum = sum;
    this.more = List.copyOf(more);
    hostSum = host(sum.buffer());
    more.forEach(all -> hostMore.add(host(all.buffer())));
    long bytes = hostSum.segment().byteSize();
    chunks = new ByteBuffer[Math.toIntExact(Math.ceilDiv(bytes, chunk))];
    for (int c = 0; c < chunks.length; c++) {
      long from = (long) c * chunk;
      chunks[c] = hostSum.segment().asSlice(from, Math.min(chunk, bytes - from)).asByteBuffer();
    }
  }

  /// Bytes of a chunk for so many workers: a chunk goes over all links one by one, so the more there are, the smaller
  /// it is. The sum does not depend on it.
  static int chunkOf(int workers) {
    return Math.clamp((1 << 20) / Integer.highestOneBit(workers), LEAST_CHUNK, MOST_CHUNK);
  }

  private static HostBuffer host(Buffer buffer) {
    return buffer instanceof HostBuffer host
        ? host
        : HostBuffer.allocate(buffer.type(), buffer.length());
  }

  boolean isOf(Parameters otherSum, List<Parameters> others) {
    return sum.equals(otherSum) && more.equals(others);
  }

  /// Whether the numbers are in the host's memory themselves, and not as copies.
  boolean isInPlace() {
    return hostSum.equals(sum.buffer());
  }

  /// Copies the numbers to the host's memory, unless they are there.
  void begin() {
    if (isInPlace()) {
      return;
    }
    fetch(hostSum, sum);
    for (int i = 0; i < more.size(); i++) {
      fetch(hostMore.get(i), more.get(i));
    }
  }

  private static void fetch(HostBuffer host, Parameters from) {
    host.copy(from.buffer(), 0, 0, host.length());
  }

  /// Copies the sum back.
  void end() {
    if (isInPlace()) {
      return;
    }
    sum.buffer().copy(hostSum, 0, 0, hostSum.length());
  }

  /// How many chunks, from the last one down, have nothing but numbers at `from` and after.
  int chunksFrom(long from) {
    return chunks.length - Math.toIntExact(Math.ceilDiv(from * hostSum.type().bytes(), chunk));
  }

  /// How many numbers there are.
  long numbers() {
    return hostSum.length();
  }

  int chunks() {
    return chunks.length;
  }

  /// Bytes of the c-th chunk.
  int bytes(int c) {
    return chunks[c].capacity();
  }

  /// The c-th chunk of the sum, all of it.
  ByteBuffer chunk(int c) {
    return chunks[c].clear();
  }

  /// Makes a chunk of the sum `before` + itself + those of the others, one after the other.
  ///
  /// @param before what comes first; null for nothing
  void add(int c, MemorySegment before) {
    long from = (long) c * chunk;
    MemorySegment own = hostSum.segment().asSlice(from, chunks[c].capacity());
    if (before != null) {
      add(own, before);
    }
    for (HostBuffer other : hostMore) {
      add(own, other.segment().asSlice(from, chunks[c].capacity()));
    }
  }

  private void add(MemorySegment to, MemorySegment other) {
    if (hostSum.type() == ElementType.FLOAT32) {
      addFloats(to, other);
    } else {
      addDoubles(to, other);
    }
  }

  private void addFloats(MemorySegment to, MemorySegment other) {
    int numbers = (int) (to.byteSize() / Float.BYTES);
    for (int from = 0; from < numbers; from += PIECE) {
      int count = Math.min(PIECE, numbers - from);
      long at = (long) from * Float.BYTES;
      MemorySegment.copy(to, ValueLayout.JAVA_FLOAT, at, floats, 0, count);
      MemorySegment.copy(other, ValueLayout.JAVA_FLOAT, at, otherFloats, 0, count);
      for (int i = 0; i < count; i++) {
        floats[i] += otherFloats[i];
      }
      MemorySegment.copy(floats, 0, to, ValueLayout.JAVA_FLOAT, at, count);
    }
  }

  private void addDoubles(MemorySegment to, MemorySegment other) {
    int numbers = (int) (to.byteSize() / Double.BYTES);
    for (int from = 0; from < numbers; from += PIECE) {
      int count = Math.min(PIECE, numbers - from);
      long at = (long) from * Double.BYTES;
      MemorySegment.copy(to, ValueLayout.JAVA_DOUBLE, at, doubles, 0, count);
      MemorySegment.copy(other, ValueLayout.JAVA_DOUBLE, at, otherDoubles, 0, count);
      for (int i = 0; i < count; i++) {
        doubles[i] += otherDoubles[i];
      }
      MemorySegment.copy(doubles, 0, to, ValueLayout.JAVA_DOUBLE, at, count);
    }
  }
}
