package dev.unfold.run.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32C;

/// How a change is written: the length of what follows, its CRC-32C, and then a kind, the length of the key, the key
/// and the value. Numbers are big-endian.
///
///     length 4 | checksum 4 | kind 1 | length of key 2 | key | value
final class RecordFormat {
  static final int HEAD = 8;
  private static final int BODY_HEAD = 3;
  private static final byte PUT = 1;
  private static final byte REMOVE = 2;

  private RecordFormat() {}

  /// Bytes of a record with this key and value.
  static long bytes(int key, int value) {
    return (long) HEAD + BODY_HEAD + key + value;
  }

  /// Appends a change to `to`.
  static void write(ByteBuffer to, byte[] key, Optional<byte[]> value) {
    int start = to.position();
    to.position(start + HEAD);
    to.put(value.isPresent() ? PUT : REMOVE);
    to.putShort((short) key.length);
    to.put(key);
    value.ifPresent(to::put);
    int end = to.position();
    int length = end - start - HEAD;
    to.putInt(start, length);
    to.putInt(start + Integer.BYTES, checksum(to, start + HEAD, length));
  }

  private static int checksum(ByteBuffer bytes, int from, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes.slice(from, length));
    return (int) sum.getValue();
  }

  /// The length of the body that a head tells of, or -1 if there is no head, or it can be none.
  ///
  /// @param left bytes behind the head
  static int bodyLength(ByteBuffer head, long left) {
    if (head.remaining() < HEAD) {
      return -1;
    }
    int length = head.getInt(head.position());
    return length > BODY_HEAD && length <= left ? length : -1;
  }

  /// Whether a body is what was written.
  ///
  /// @param checksum that of the head
  static boolean isWhole(int checksum, ByteBuffer body) {
    if (checksum(body, body.position(), body.remaining()) != checksum) {
      return false;
    }
    byte kind = body.get(body.position());
    int key = Short.toUnsignedInt(body.getShort(body.position() + 1));
    return (kind == PUT || kind == REMOVE) && key > 0 && key <= body.remaining() - BODY_HEAD;
  }

  /// The key of a whole body.
  static String key(ByteBuffer body) {
    byte[] key = new byte[Short.toUnsignedInt(body.getShort(body.position() + 1))];
    body.get(body.position() + BODY_HEAD, key);
    return new String(key, StandardCharsets.UTF_8);
  }

  /// The value of a whole body, none if the key has none any more.
  static Optional<ByteBuffer> value(ByteBuffer body) {
    if (body.get(body.position()) == REMOVE) {
      return Optional.empty();
    }
    int start = BODY_HEAD + Short.toUnsignedInt(body.getShort(body.position() + 1));
    return Optional.of(body.slice(body.position() + start, body.remaining() - start));
  }
}
