package dev.unfold.kernels;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A flat run of numbers of one [Precision], outside the heap unless made [#onHeap], starting on a 64-byte boundary.
///
/// Heap arrays start 16 bytes into a cache line, so that every 64-byte vector load from them touches
/// two lines; memory from here does not. [#get] and [#set] serve the edges and the scalar backend;
/// fast kernels work on [#segment].
///
/// **Memory**: `length * precision.bytes()`, zeroed, freed by the garbage collector some time after
/// the buffer becomes unreachable; there is nothing to close.
///
/// **Threads**: no synchronisation. Threads that write must write to different places.
///
/// **Errors**: an index outside the buffer throws [IndexOutOfBoundsException].
public final class Buffer {
  /// Every buffer starts on a multiple of this many bytes: one cache line, one 512-bit vector.
  public static final int ALIGNMENT = 64;

  private final Precision precision;
  private final long length;
  private final MemorySegment segment;

  private Buffer(Precision precision, long length, MemorySegment segment) {
    this.precision = precision;
    this.length = length;
    this.segment = segment;
  }

  /// A new buffer of `length` zeros.
  public static Buffer allocate(Precision precision, long length) {
    if (length < 0) {
      throw new IllegalArgumentException("length: expected 0 or more, got " + length);
    }
    long bytes = Math.multiplyExact(length, (long) precision.bytes());
    return new Buffer(precision, length, Arena.ofAuto().allocate(bytes, ALIGNMENT));
  }

  /// A new buffer of `length` zeros in the heap: cheap to make and to drop, for numbers that are only kept. It has no
  /// [#ALIGNMENT], and kernels are slower on it.
  public static Buffer onHeap(Precision precision, int length) {
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
      throw new IllegalArgumentException(
          "source: expected " + precision + ", got " + source.precision);
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
    return "Buffer[" + precision + ", " + length + "]";
  }
}
