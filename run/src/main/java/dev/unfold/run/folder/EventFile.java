package dev.unfold.run.folder;

import dev.unfold.formats.safetensors.AtomicFile;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/// Numbers over time in a file that TensorBoard reads.
///
/// A file is a sequence of records: the length of the data (8 bytes), its checksum, the data, their checksum, all
/// little endian. A checksum is the CRC-32C, rotated right by 15 bits, plus a constant. The data are a protocol buffer
/// `Event`: `wall_time` (1, double), `step` (2, varint), and `file_version` (3, string) in the first, or `summary` (5)
/// with `value` (1) that has a `tag` (1, string) and a `simple_value` (2, float) in the others.
///
/// **Source**: the messages `tensorflow/core/util/event.proto` and `tensorflow/core/framework/summary.proto`.
public final class EventFile {
  private static final int CHECKSUM_CONSTANT = 0xa282ead8;
  private static final int DOUBLE = 1;
  private static final int VARINT = 0;
  private static final int BYTES = 2;
  private static final int FLOAT = 5;

  /// The longest data that are written.
  private static final int LONGEST = 1024;

  private final Path file;

  public EventFile(Path file) {
    this.file = file;
  }

  /// A number.
  ///
  /// @param time seconds since 1970
  public record Entry(double time, long step, String tag, double value) {}

  /// Makes the file one of `numbers`, as a whole.
  ///
  /// @param time when they began, in seconds since 1970
  public void write(List<Entry> numbers, double time) {
    ByteBuffer event = buffer();
    putDouble(event, 1, time);
    putBytes(event, 3, "brain.Event:2".getBytes(StandardCharsets.UTF_8));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(record(event));
    numbers.forEach(number -> all.writeBytes(record(event(number))));
    AtomicFile.write(file, all.toByteArray());
  }

  /// Adds a number to a file that is there.
  public void add(Entry number) {
    UpdateLines.append(file, record(event(number)));
  }

  private static ByteBuffer event(Entry added) {
    ByteBuffer number = buffer();
    putBytes(number, 1, added.tag.getBytes(StandardCharsets.UTF_8));
    putTag(number, 2, FLOAT);
    number.putFloat((float) added.value);
    ByteBuffer summary = buffer();
    putBytes(summary, 1, written(number));
    ByteBuffer event = buffer();
    putDouble(event, 1, added.time);
    putTag(event, 2, VARINT);
    putVarint(event, added.step);
    putBytes(event, 5, written(summary));
    return event;
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocate(LONGEST).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] written(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.position()];
    buffer.get(0, bytes);
    return bytes;
  }

  private static void putTag(ByteBuffer to, int field, int type) {
    putVarint(to, (field << 3) | type);
  }

  private static void putVarint(ByteBuffer to, long value) {
    long rest = value;
    while (rest >>> 7 != 0) {
      to.put((byte) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    to.put((byte) rest);
  }

  private static void putDouble(ByteBuffer to, int field, double value) {
    putTag(to, field, DOUBLE);
    to.putDouble(value);
  }

  private static void putBytes(ByteBuffer to, int field, byte[] bytes) {
    putTag(to, field, BYTES);
    putVarint(to, bytes.length);
    to.put(bytes);
  }

  private static byte[] record(ByteBuffer event) {
    byte[] data = written(event);
    ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(data.length);
    record.putInt(checksum(record.array(), Long.BYTES));
    record.put(data);
    record.putInt(checksum(data, data.length));
    return record.array();
  }

  private static int checksum(byte[] bytes, int count) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, count);
    return Integer.rotateRight((int) crc.getValue(), 15) + CHECKSUM_CONSTANT;
  }
}
