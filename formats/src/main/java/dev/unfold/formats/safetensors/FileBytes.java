package dev.unfold.formats.safetensors;

import dev.unfold.kernels.storage.HostBuffer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Reads bytes and numbers from places of a file.
///
/// @param file what messages call it
/// @param source its bytes
record FileBytes(String file, Source source) {
  private static final int PIECE = 1 << 13;

  /// Fills `target` with the bytes from `position` on.
  void fill(ByteBuffer target, long position) throws IOException {
    long next = position;
    while (target.hasRemaining()) {
      int count = source.read(target, next);
      if (count < 0) {
        throw new FormatException(file + ": ended at byte " + next + " while it was read");
      }
      next += count;
    }
  }

  /// Reads `count` numbers from `position` on into `target`, there from `at` on.
  void numbers(Dtype dtype, long position, HostBuffer target, long at, long count)
      throws IOException {
    boolean asInMemory =
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
            && dtype == Dtype.of(target.type())
            && !target.isOnHeap();
    if (!asInMemory) {
      rounded(dtype, position, target, at, count);
      return;
    }
    long bytes = target.type().bytes();
    for (Segments.Piece piece : Segments.pieces(target, at * bytes, count * bytes)) {
      fill(piece.bytes(), position + piece.from());
    }
  }

  private void rounded(Dtype dtype, long position, HostBuffer target, long at, long count)
      throws IOException {
    int numberBytes = dtype.bits() / Byte.SIZE;
    ByteBuffer piece = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);
    for (long done = 0; done < count; ) {
      int size = (int) Math.min(count - done, PIECE / numberBytes);
      fill(piece.clear().limit(size * numberBytes), position + done * numberBytes);
      for (int i = 0; i < size; i++) {
        target.set(at + done + i, number(piece, dtype, i * numberBytes));
      }
      done += size;
    }
  }

  private static double number(ByteBuffer bytes, Dtype dtype, int place) {
    return switch (dtype) {
      case F64 -> bytes.getDouble(place);
      case F32 -> bytes.getFloat(place);
      case F16 -> Float.float16ToFloat(bytes.getShort(place));
      case BF16 -> Float.intBitsToFloat(bytes.getShort(place) << Short.SIZE);
      case I16 -> bytes.getShort(place);
      default -> throw new AssertionError(dtype);
    };
  }
}
