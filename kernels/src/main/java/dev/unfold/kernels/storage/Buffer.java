package dev.unfold.kernels.storage;

import dev.unfold.argument.Refusal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A flat run of numbers of one [Precision]. Unless made [#onHeap] it is outside the heap and starts on a 64-byte
/// boundary.
///
/// Heap arrays start 16 bytes into a cache line, so that every 64-byte vector load from them touches
/// two lines; memory outside does not. [#get] and [#set] serve the edges and the scalar backend;
/// fast kernels work on the [#address].
///
/// **Memory**: `length * precision.bytes()`, zeroed, freed by the garbage collector some time after
/// the buffer becomes unreachable; there is nothing to close.
///
/// **Threads**: no synchronisation. Threads that write must write to different places.
///
/// **Errors**: an index outside the buffer throws [IndexOutOfBoundsException].
public final class Buffer {
  /// Every buffer outside the heap starts on a multiple of this many bytes: one cache line, one 512-bit vector.
  public static final int ALIGNMENT = 64;

  private final Precision precision;
  private final long length;
  private final MemorySegment segment;
  private final boolean onHeap;

  private Buffer(Precision precision, long length, MemorySegment segment) {
    this.precision = precision;
    this.length = length;
    this.segment = segment;
    onHeap = !segment.isNative();
  }

  /// A new buffer of `length` zeros.
  public static Buffer allocate(Precision precision, long length) {
    return allocate(precision, length, Arena.ofAuto());
  }

  /// A new buffer of `length` zeros that lives as long as `arena`.
  public static Buffer allocate(Precision precision, long length, Arena arena) {
    if (length < 0) {
      throw new Refusal("length", "0 or more", length);
    }
    long bytes = Math.multiplyExact(length, (long) precision.bytes());
    return new Buffer(precision, length, arena.allocate(bytes, ALIGNMENT));
  }

  /// A new buffer of `length` zeros in the heap: cheap to make and to drop, for numbers that are only kept. It has no
  /// [#ALIGNMENT] and no [#address]: at each call of a kernel what the kernel sees of it is copied out of the heap, and
  /// results are copied back.
  public static Buffer onHeap(Precision precision, int length) {
    if (length < 0) {
      throw new Refusal("length", "0 or more", length);
    }
    MemorySegment segment =
        precision == Precision.FLOAT
            ? MemorySegment.ofArray(new float[length])
            : MemorySegment.ofArray(new double[length]);
    return new Buffer(precision, length, segment);
  }

  /// A new buffer that holds `values`, rounded to `precision`.
  public static Buffer of(Precision precision, double... values) {
    Buffer buffer = allocate(precision, values.length);
    for (int i = 0; i < values.length; i++) {
      buffer.set(i, values[i]);
    }
    return buffer;
  }

  /// How the numbers are kept.
  public Precision precision() {
    return precision;
  }

  /// How many numbers there are.
  public long length() {
    return length;
  }

  /// The memory itself, in the byte order of the machine.
  public MemorySegment segment() {
    return segment;
  }

  /// Whether it was made [#onHeap].
  public boolean isOnHeap() {
    return onHeap;
  }

  /// The address of the memory. The buffer has to stay reachable as long as it is used.
  ///
  /// **Errors**: [IllegalStateException] for a buffer in the heap, which has none: its place in the array would pass
  /// for one, and lead to memory that is not there.
  public long address() {
    if (onHeap) {
      throw new IllegalStateException("buffer: expected one outside the heap, got " + this);
    }
    return segment.address();
  }

  /// The number at `index`.
  public double get(long index) {
    return precision == Precision.FLOAT
        ? segment.getAtIndex(ValueLayout.JAVA_FLOAT, index)
        : segment.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
  }

  /// Sets the number at `index`, rounded to the buffer's precision.
  public void set(long index, double value) {
    if (precision == Precision.FLOAT) {
      segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
    } else {
      segment.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
    }
  }

  /// Sets `count` numbers from `from` on to zero.
  public void clear(long from, long count) {
    int bytes = precision.bytes();
    segment.asSlice(from * bytes, count * bytes).fill((byte) 0);
  }

  /// Sets all numbers to zero.
  public void clear() {
    segment.fill((byte) 0);
  }

  /// Copies `count` numbers from `source`, which has the same precision, from its place `sourceFrom`
  /// to the place `from` here.
  public void copy(Buffer source, long sourceFrom, long from, long count) {
    if (source.precision != precision) {
      throw new Refusal("source", precision, source.precision);
    }
    int bytes = precision.bytes();
    MemorySegment.copy(
        source.segment, sourceFrom * bytes, segment, from * bytes, count * (long) bytes);
  }

  /// All numbers as a new array.
  public double[] toArray() {
    double[] values = new double[Math.toIntExact(length)];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  @Override
  public String toString() {
    return "Buffer[" + precision + ", " + length + (onHeap ? ", on heap" : "") + "]";
  }
}
