package dev.unfold.data.text;

import dev.unfold.data.source.DataException;
import dev.unfold.data.source.FileReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/// Turns the bytes of one file, which come in pieces, into characters for a [Cutter]; strictly, so
/// that no character is lost unnoticed. A byte order mark at the start is left out.
final class Utf8 implements FileReader.Sink {
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final String name;
  private final Cutter cutter;
  private final CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
  private final ByteBuffer bytes;
  private final CharBuffer chars;
  // Bytes of the file before those in the buffer.
  private long before;
  private boolean started;

  /// For pieces of at most `largest` bytes.
  Utf8(String name, Cutter cutter, int largest) {
    this.name = name;
    this.cutter = cutter;
    // Before a piece there may be the first bytes of a character that it completes.
    this.bytes = ByteBuffer.allocate(largest + 4);
    this.chars = CharBuffer.allocate(largest + 4);
  }

  @Override
  public void take(byte[] piece, int count) {
    refuseZero(piece, count);
    bytes.put(piece, 0, count).flip();
    step(false);
    before += bytes.position();
    bytes.compact();
  }

  @Override
  public void end() {
    bytes.flip();
    step(true);
    cutter.endFile();
  }

  private void step(boolean last) {
    CoderResult result = decoder.decode(bytes, chars, last);
    if (result.isError()) {
      throw notUtf8(before + bytes.position(), bytes.get(bytes.position()));
    }
    chars.flip();
    int from = 0;
    if (!started && chars.hasRemaining()) {
      started = true;
      from = chars.get(0) == BYTE_ORDER_MARK ? 1 : 0;
    }
    cutter.cut(chars.array(), from, chars.limit());
    chars.clear();
  }

  private void refuseZero(byte[] piece, int count) {
    for (int i = 0; i < count; i++) {
      if (piece[i] == 0) {
        long offset = before + bytes.position() + i;
        throw new DataException(
            "%s: expected text, got a zero byte at offset %d: looks like a binary file or UTF-16;%s"
                .formatted(name, offset, " the unit BYTE (--unit byte) reads any file"));
      }
    }
  }

  private DataException notUtf8(long offset, byte value) {
    return new DataException(
        "%s: expected UTF-8, got byte 0x%02X at offset %d; convert the text to UTF-8,%s"
            .formatted(name, value, offset, " or use the unit BYTE (--unit byte)"));
  }
}
