package dev.unfold.kernels.storage;

import dev.unfold.argument.Refusal;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A buffer in the host's memory. Unless made [#onHeap] it is outside the heap and starts on a 64-byte boundary.
///
/// Heap arrays start 16 bytes into a cache line, so that every 64-byte vector load from them touches
/// two lines; memory outside does not. [#get] and [#set] serve the edges and the scalar backend;
/// fast kernels work on the [#address].
///
/// **Errors**: an index outside the buffer throws [IndexOutOfBoundsException].
public final class HostBuffer extends Buffer {
  private final MemorySegment segment;
  private final boolean onHeap;

  private HostBuffer(ElementType type, long length, MemorySegment segment) {
    super(type, length);
    this.segment = segment;
    onHeap = !segment.isNative();
  }

  /// A new buffer of `length` zeros.
  public static HostBuffer allocate(ElementType type, long length) {
    return allocate(type, length, Arena.ofAuto());
  }

  /// A new buffer of `length` zeros that lives as long as `arena`.
  public static HostBuffer allocate(ElementType type, long length, Arena arena) {
    if (length < 0) {
      throw new Refusal("length", "0 or more", length);
    }
    long bytes = Math.multiplyExact(length, (long) type.bytes());
    return new HostBuffer(type, length, arena.allocate(bytes, ALIGNMENT));
  }

  /// A new buffer of `length` zeros in the heap: cheap to make and to drop, for numbers that are only kept. It has no
  /// [#ALIGNMENT] and no [#address]: at each call of a kernel what the kernel sees of it is copied out of the heap, and
  /// results are copied back.
  public static HostBuffer onHeap(ElementType type, int length) {
    if (length < 0) {
      throw new Refusal("length", "0 or more", length);
    }
    MemorySegment segment =
        switch (type) {
          case FLOAT32 -> MemorySegment.ofArray(new float[length]);
          case FLOAT64 -> MemorySegment.ofArray(new double[length]);
        };
    return new HostBuffer(type, length, segment);
  }

  /// A new buffer that holds `values`, rounded to `type`.
  public static HostBuffer of(ElementType type, double... values) {
    HostBuffer buffer = allocate(type, values.length);
    for (int i = 0; i < values.length; i++) {
      buffer.set(i, values[i]);
    }
    return buffer;
  }

  @Override
  public HostBuffer alike(long length) {
    return allocate(type(), length);
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
    return switch (type()) {
      case FLOAT32 -> segment.getAtIndex(ValueLayout.JAVA_FLOAT, index);
      case FLOAT64 -> segment.getAtIndex(ValueLayout.JAVA_DOUBLE, index);
    };
  }

  /// Sets the number at `index`, rounded to the buffer's type.
  public void set(long index, double value) {
    switch (type()) {
      case FLOAT32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
      case FLOAT64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, index, value);
    }
  }

  @Override
  public void clear(long from, long count) {
    int bytes = type().bytes();
    segment.asSlice(from * bytes, count * bytes).fill((byte) 0);
  }

  @Override
  protected void upload(HostBuffer source, long sourceFrom, long from, long count) {
    copyWithin(source, sourceFrom, from, count);
  }

  @Override
  protected void download(long from, HostBuffer target, long targetFrom, long count) {
    target.copyWithin(this, from, targetFrom, count);
  }

  @Override
  protected void copyWithin(Buffer source, long sourceFrom, long from, long count) {
    int bytes = type().bytes();
    MemorySegment.copy(
        ((HostBuffer) source).segment,
        sourceFrom * bytes,
        segment,
        from * bytes,
        count * (long) bytes);
  }

  @Override
  public double[] toArray() {
    double[] values = new double[Math.toIntExact(length())];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(i);
    }
    return values;
  }

  @Override
  public String toString() {
    return "Buffer[" + type() + ", " + length() + (onHeap ? ", on heap" : "") + "]";
  }
}
