package dev.unfold.formats.safetensors;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// Bytes that can be read from any place: those of a file, or of an array.
interface Source extends Closeable {
  /// Reads some bytes from `position` on into `target`; their count, or -1 if there are none.
  int read(ByteBuffer target, long position) throws IOException;

  /// How many there are.
  long size() throws IOException;

  /// Those of an open file, whose own position is neither used nor changed.
  static Source of(FileChannel channel) {
    return new Source() {
      @Override
      public int read(ByteBuffer target, long position) throws IOException {
        return channel.read(target, position);
      }

      @Override
      public long size() throws IOException {
        return channel.size();
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }

  /// Those of an array.
  static Source of(byte[] bytes) {
    return new Source() {
      @Override
      public int read(ByteBuffer target, long position) {
        if (position >= bytes.length) {
          return -1;
        }
        int count = (int) Math.min(target.remaining(), bytes.length - position);
        target.put(bytes, (int) position, count);
        return count;
      }

      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public void close() {
        // There is nothing to close.
      }
    };
  }
}
