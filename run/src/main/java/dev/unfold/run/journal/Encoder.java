package dev.unfold.run.journal;

import dev.unfold.argument.Refusal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Makes records of changes, one after the other, in memory that is used again.
///
/// **Threads**: one at a time.
final class Encoder {
  private static final int BUFFER = 1 << 16;

  private final byte[] buffer = new byte[BUFFER];

  /// Records.
  ///
  /// @param bytes that they are in; valid until the next
  /// @param count bytes of them all
  /// @param lengths of each
  record Records(byte[] bytes, int count, List<Integer> lengths) {}

  /// The records of changes.
  ///
  /// **Errors**: [Refusal] for a key or a value that is too long, or too many of them.
  Records of(List<Change> changes) {
    List<byte[]> keys = new ArrayList<>(changes.size());
    List<Integer> lengths = new ArrayList<>(changes.size());
    long bytes = 0;
    for (Change change : changes) {
      byte[] key = change.key().getBytes(StandardCharsets.UTF_8);
      int value = change.value().map(all -> all.length).orElse(0);
      if (key.length == 0 || key.length > Journal.LONGEST_KEY || value > Journal.LARGEST_VALUE) {
        throw new Refusal(
            "change",
            "a key of 1 to %d bytes and a value of %d at most"
                .formatted(Journal.LONGEST_KEY, Journal.LARGEST_VALUE),
            key.length + " and " + value);
      }
      keys.add(key);
      long length = RecordFormat.bytes(key.length, value);
      lengths.add((int) length);
      bytes += length;
    }
    byte[] room = room(bytes);
    ByteBuffer all = ByteBuffer.wrap(room);
    for (int i = 0; i < keys.size(); i++) {
      RecordFormat.write(all, keys.get(i), changes.get(i).value());
    }
    return new Records(room, all.position(), lengths);
  }

  /// Memory for so many bytes: the usual, or for more than that some of its own.
  private byte[] room(long bytes) {
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new Refusal("changes", "2 GiB at most", bytes);
    }
    return bytes <= buffer.length ? buffer : new byte[(int) bytes];
  }
}
