package dev.unfold.run.session;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// A session at a step, as files keep it. The numbers of a state are in the byte order of the machine.
///
///     opened 8 | used 8 | step 8 | shape 4 | flags 1 | length of version 1 | version | state
///
/// @param version that of the model that runs it
/// @param opened milliseconds since 1970
/// @param used the same, when it was used last
/// @param shape that of the state, as [StateLayout#shape] tells
/// @param isNew whether nothing was read and no state given
/// @param isOwn whether a version of its own ran it, which is in no file
/// @param stateBytes how many of the state there are
record SessionRecord(
    String version,
    long opened,
    long used,
    long step,
    int shape,
    boolean isNew,
    boolean isOwn,
    int stateBytes) {
  private static final int HEAD = 3 * Long.BYTES + Integer.BYTES + 2;
  private static final int BIG_ENDIAN = 1;
  private static final int NEW = 2;
  private static final int OWN = 4;

  /// What a file keeps of an entry at a step.
  static byte[] encode(Entry entry, long used, long step, boolean isNew, byte... state) {
    byte[] name = entry.running.version().version().getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes = ByteBuffer.allocate(HEAD + name.length + state.length);
    bytes.putLong(entry.opened).putLong(used).putLong(step);
    bytes.putInt(entry.running.layout().shape());
    int flags = order() | (isNew ? NEW : 0) | (entry.isOwn() ? OWN : 0);
    bytes.put((byte) flags).put((byte) name.length);
    return bytes.put(name).put(state).array();
  }

  private static int order() {
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? BIG_ENDIAN : 0;
  }

  /// What is said of a state, none if this is no record, or that of a machine of another byte order.
  static Optional<SessionRecord> decode(ByteBuffer bytes) {
    ByteBuffer own = bytes.slice();
    if (own.remaining() < HEAD) {
      return Optional.empty();
    }
    long opened = own.getLong();
    long used = own.getLong();
    long step = own.getLong();
    int shape = own.getInt();
    byte flags = own.get();
    int length = Byte.toUnsignedInt(own.get());
    if ((flags & BIG_ENDIAN) != order() || length > own.remaining() || step < 0) {
      return Optional.empty();
    }
    byte[] name = new byte[length];
    own.get(name);
    String version = new String(name, StandardCharsets.US_ASCII);
    boolean isNew = (flags & NEW) != 0;
    boolean isOwn = (flags & OWN) != 0;
    return Optional.of(
        new SessionRecord(version, opened, used, step, shape, isNew, isOwn, own.remaining()));
  }

  /// The state of a record.
  byte[] state(byte... record) {
    return Arrays.copyOfRange(record, record.length - stateBytes, record.length);
  }
}
