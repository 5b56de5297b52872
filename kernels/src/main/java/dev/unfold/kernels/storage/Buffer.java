package dev.unfold.kernels.storage;

import dev.unfold.argument.Refusal;
import java.util.Objects;

/// A flat run of numbers of one [ElementType], in memory that a backend computes on.
///
/// That may be the host's, a [HostBuffer], whose numbers Java can read and write one by one. Or it is another, such as
/// that of an accelerator: then they are reached by what is here alone, copies of many at once ([#copy]) and zeros
/// ([#clear]), and by a backend's operations. Code that works for any backend therefore copies to the host what it
/// reads, [Matrix#toHost], and back what it writes, [Matrix#copy].
///
/// **A new kind of memory** extends this class. Its constructor and [#upload], [#download] and [#copyWithin] are all
/// that it has to give; ranges and types were checked before they are called.
///
/// **Memory**: `length * type.bytes()`, zeroed, freed by the garbage collector some time after the buffer becomes
/// unreachable; there is nothing to close.
///
/// **Threads**: no synchronisation. Threads that write must write to different places.
///
/// **Errors**: a range outside the buffer throws [IndexOutOfBoundsException].
public abstract class Buffer {
  /// Every buffer outside the heap starts on a multiple of this many bytes: one cache line, one 512-bit vector.
  public static final int ALIGNMENT = 64;

  private final ElementType type;
  private final long length;

  /// For `length` numbers.
  ///
  /// **Errors**: [IllegalArgumentException] if there are fewer than none, or more bytes than a `long` counts.
  protected Buffer(ElementType type, long length) {
    if (length < 0 || length > Long.MAX_VALUE / type.bytes()) {
      throw new Refusal("length", "0 to " + Long.MAX_VALUE / type.bytes(), length);
    }
    this.type = type;
    this.length = length;
  }

  /// How the numbers are kept.
  public final ElementType type() {
    return type;
  }

  /// How many numbers there are.
  public final long length() {
    return length;
  }

  /// A new buffer of `length` zeros of the same type in the same memory.
  public abstract Buffer alike(long length);

  /// Sets `count` numbers from `from` on to zero.
  public abstract void clear(long from, long count);

  /// Sets all numbers to zero.
  public final void clear() {
    clear(0, length);
  }

  /// Copies `count` numbers from `source`, which has the same type and any memory, from its place `sourceFrom` to the
  /// place `from` here.
  public final void copy(Buffer source, long sourceFrom, long from, long count) {
    if (source.type != type) {
      throw new Refusal("source", type, source.type);
    }
    Objects.checkFromIndexSize(from, count, length);
    Objects.checkFromIndexSize(sourceFrom, count, source.length);
    if (source.equals(this) && sourceFrom == from) {
      return;
    }
    if (source.getClass() == getClass()) {
      copyWithin(source, sourceFrom, from, count);
    } else if (source instanceof HostBuffer host) {
      upload(host, sourceFrom, from, count);
    } else if (this instanceof HostBuffer host) {
      source.download(sourceFrom, host, from, count);
    } else {
      HostBuffer host = HostBuffer.allocate(type, count);
      source.download(sourceFrom, host, 0, count);
      upload(host, 0, from, count);
    }
  }

  /// Copies numbers from the host's memory.
  protected abstract void upload(HostBuffer source, long sourceFrom, long from, long count);

  /// Copies numbers to the host's memory.
  protected abstract void download(long from, HostBuffer target, long targetFrom, long count);

  /// Copies numbers from a buffer of the same class, which may be this and may overlap.
  protected abstract void copyWithin(Buffer source, long sourceFrom, long from, long count);

  /// All numbers as a new array.
  public double[] toArray() {
    HostBuffer host = HostBuffer.allocate(type, length);
    host.copy(this, 0, 0, length);
    return host.toArray();
  }

  /// Whether `other` is this very buffer: buffers are told apart by their memory, not by what is in it.
  @Override
  public final boolean equals(Object other) {
    return super.equals(other);
  }

  @Override
  public final int hashCode() {
    return super.hashCode();
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "[" + type + ", " + length + "]";
  }
}
