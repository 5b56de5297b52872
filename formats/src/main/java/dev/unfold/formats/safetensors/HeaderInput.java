package dev.unfold.formats.safetensors;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/// The bytes of a header, read from its file as they are asked for.
final class HeaderInput extends InputStream {
  private final Source source;
  private final long end;
  private long position = Header.PREFIX;

  HeaderInput(Source source, long length) {
    this.source = source;
    this.end = Header.PREFIX + length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] target, int from, int count) throws IOException {
    Objects.checkFromIndexSize(from, count, target.length);
    if (count == 0) {
      return 0;
    }
    int most = (int) Math.min(count, end - position);
    int read = most == 0 ? -1 : source.read(ByteBuffer.wrap(target, from, most), position);
    position += Math.max(read, 0);
    return read;
  }
}
