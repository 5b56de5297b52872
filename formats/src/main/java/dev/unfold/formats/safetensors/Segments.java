package dev.unfold.formats.safetensors;

import dev.unfold.kernels.storage.HostBuffer;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// The memory of a [HostBuffer] as pieces that a channel can read into and write from.
final class Segments {
  private static final long LARGEST = 1 << 30;

  private Segments() {}

  /// @param from the place of the piece's first byte, counted from the first byte of all
  /// @param bytes the piece itself, not a copy
  record Piece(long from, ByteBuffer bytes) {}

  /// The `count` bytes from `place` on of a buffer outside the heap: a channel takes no array of numbers.
  static List<Piece> pieces(HostBuffer buffer, long place, long count) {
    MemorySegment segment = buffer.segment().asSlice(place, count);
    List<Piece> pieces = new ArrayList<>();
    for (long from = 0; from < count; from += LARGEST) {
      long size = Math.min(LARGEST, count - from);
      pieces.add(new Piece(from, segment.asSlice(from, size).asByteBuffer()));
    }
    return pieces;
  }
}
