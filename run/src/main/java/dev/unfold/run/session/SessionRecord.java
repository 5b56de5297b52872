package dev.unfold.run.session;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// A session at a step, as files keep it. The numbers of a state are in the byte order of the machine.
///
///     opened 8 | used 8 | step 8 | byte order 1 | length of version 1 | version | state
///
/// @param version that of the model that runs it
/// @param opened milliseconds since 1970
/// @param used the same, when it was used last
/// @param stateBytes how many of the state there are
record SessionRecord(String version, long opened, long used, long step, int stateBytes) {
  private static final int HEAD = 3 * Long.BYTES + 2;

  /// What a file keeps.
  ///
  /// @param version ASCII, 255 letters at most
  static byte[] encode(String version, long opened, long used, long step, byte... state) {
    byte[] name = version.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer bytes = ByteBuffer.allocate(HEAD + name.length + state.length);
    bytes.putLong(opened).putLong(used).putLong(step).put(order()).put((byte) name.length);
    return bytes.put(name).put(state).array();
  }

  private static byte order() {
    return (byte) (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? 1 : 0);
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
    byte order = own.get();
    int length = Byte.toUnsignedInt(own.get());
    if (order != order() || length > own.remaining() || step < 0) {
      return Optional.empty();
    }
    byte[] name = new byte[length];
    own.get(name);
    String version = new String(name, StandardCharsets.US_ASCII);
    return Optional.of(new SessionRecord(version, opened, used, step, own.remaining()));
  }

  /// The state of a record.
  byte[] state(byte... record) {
    return Arrays.copyOfRange(record, record.length - stateBytes, record.length);
  }
}
