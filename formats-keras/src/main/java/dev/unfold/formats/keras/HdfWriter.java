package dev.unfold.formats.keras;

import dev.unfold.kernels.storage.ElementType;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// The bytes of an HDF5 file with arrays in groups, in the few parts of the format that these need: a superblock of
/// version 0, object headers of version 1, links within the headers, arrays in one piece. The same arrays give the same
/// bytes.
///
/// **Source**: HDF5 File Format Specification, version 3.0, The HDF Group.
final class HdfWriter {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1A, '\n'};
  private static final int SUPERBLOCK = 96;
  private static final long UNDEFINED = -1;

  private static final int DATASPACE = 0x1;
  private static final int LINK_INFO = 0x2;
  private static final int DATATYPE = 0x3;
  private static final int FILL = 0x5;
  private static final int LINK = 0x6;
  private static final int LAYOUT = 0x8;
  private static final int GROUP_INFO = 0xA;
  private static final int ATTRIBUTE = 0xC;

  /// How many bytes a text of an attribute may have, which stands in the header of its group.
  static final int LONGEST = 60_000;

  /// An array.
  ///
  /// @param numbers in their own type, little-endian, row by row
  record Array(ElementType type, int[] shape, byte... numbers) {}

  /// A group: what is in it by name, groups or arrays.
  private record Group(Map<String, Object> children, Map<String, String> attributes) {
    Group() {
      this(new TreeMap<>(), Map.of());
    }
  }

  private final ByteArrayOutputStream objects = new ByteArrayOutputStream();

  private HdfWriter() {}

  /// @param arrays by path; a path that ends with `/` is that of an empty group
  static byte[] bytes(Map<String, Array> arrays) {
    return bytes(arrays, Map.of());
  }

  /// @param attributes texts of the file by name, in UTF-8 of at most [#LONGEST] bytes
  static byte[] bytes(Map<String, Array> arrays, Map<String, String> attributes) {
    Group root = new Group(new TreeMap<>(), new TreeMap<>(attributes));
    arrays.forEach((path, array) -> {
      String[] names = path.split("/", -1);
      Group group = root;
      for (int i = 0; i < names.length - 1; i++) {
        group = (Group) group.children.computeIfAbsent(names[i], _ -> new Group());
      }
      if (!names[names.length - 1].isEmpty()) {
        group.children.put(names[names.length - 1], array);
      }
    });
    HdfWriter writer = new HdfWriter();
    long address = writer.write(root);
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(writer.superblock(address));
    file.writeBytes(writer.objects.toByteArray());
    return file.toByteArray();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private long here() {
    return SUPERBLOCK + (long) objects.size();
  }

  private byte[] superblock(long root) {
    return buffer(SUPERBLOCK)
        .put(SIGNATURE)
        // Versions of the superblock, of free space, and of the root group; then of shared headers.
        .putInt(0)
        .put((byte) 0)
        // Bytes of an address and of a length.
        .put((byte) Long.BYTES)
        .put((byte) Long.BYTES)
        .put((byte) 0)
        // Of trees that are not used here.
        .putShort((short) 4)
        .putShort((short) 16)
        .putInt(0)
        .putLong(0)
        .putLong(UNDEFINED)
        .putLong(here())
        .putLong(UNDEFINED)
        .putLong(0)
        .putLong(root)
        .array();
  }

  /// Writes an object after all within it.
  ///
  /// @return where its header is
  private long write(Object object) {
    return object instanceof Group group ? writeGroup(group) : writeArray((Array) object);
  }

  private long writeGroup(Group group) {
    Messages messages = new Messages();
    messages.add(LINK_INFO, buffer(18).putShort((short) 0).putLong(UNDEFINED).putLong(UNDEFINED));
    messages.add(GROUP_INFO, buffer(2));
    group.attributes.forEach((name, text) -> messages.add(ATTRIBUTE, attribute(name, text)));
    group.children.forEach((name, child) -> {
      byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
      messages.add(
          LINK,
          buffer(3 + utf8.length + Long.BYTES)
              .put((byte) 1)
              .put((byte) 0)
              .put((byte) utf8.length)
              .put(utf8)
              .putLong(write(child)));
    });
    return header(messages);
  }

  /// Version 1: name, type and dataspace, each with zeros up to a multiple of 8, and the text.
  private static ByteBuffer attribute(String name, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    byte[] label = (name + "\0").getBytes(StandardCharsets.UTF_8);
    int padded = Math.ceilDiv(label.length, 8) * 8;
    return buffer(8 + padded + 16 + utf8.length)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) label.length)
        .putShort((short) 8)
        .putShort((short) 8)
        .put(Arrays.copyOf(label, padded))
        // A text of one length, in UTF-8, filled up with zeros.
        .put((byte) 0x13)
        .put((byte) 0x11)
        .putShort((short) 0)
        .putInt(utf8.length)
        // One of it.
        .putLong(1)
        .put(utf8);
  }

  private long writeArray(Array array) {
    long data = here();
    objects.writeBytes(array.numbers());
    align();
    ByteBuffer space = buffer(8 + array.shape().length * Long.BYTES);
    space.put((byte) 1).put((byte) array.shape().length).put((byte) 0).put((byte) 0).putInt(0);
    for (int size : array.shape()) {
      space.putLong(size);
    }
    Messages messages = new Messages();
    messages.add(DATASPACE, space);
    messages.add(DATATYPE, type(array.type()));
    // Version 2, room from the beginning, no value of its own.
    messages.add(FILL, buffer(4).put((byte) 2).put((byte) 1).put((byte) 0).put((byte) 0));
    // Version 3, in one piece.
    messages.add(
        LAYOUT,
        buffer(18).put((byte) 3).put((byte) 1).putLong(data).putLong(array.numbers().length));
    return header(messages);
  }

  /// IEEE 754, little-endian.
  private static ByteBuffer type(ElementType type) {
    boolean isDouble = type == ElementType.FLOAT64;
    return buffer(20)
        .put((byte) 0x11)
        .put((byte) 0x20)
        .put((byte) (isDouble ? 63 : 31))
        .put((byte) 0)
        .putInt(type.bytes())
        .putShort((short) 0)
        .putShort((short) (type.bytes() * Byte.SIZE))
        .put((byte) (isDouble ? 52 : 23))
        .put((byte) (isDouble ? 11 : 8))
        .put((byte) 0)
        .put((byte) (isDouble ? 52 : 23))
        .putInt(isDouble ? 1023 : 127);
  }

  private static final class Messages {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int count;

    void add(int type, ByteBuffer data) {
      int size = Math.ceilDiv(data.capacity(), 8) * 8;
      bytes.writeBytes(
          buffer(8 + size)
              .putShort((short) type)
              .putShort((short) size)
              .putInt(0)
              .put(data.rewind())
              .array());
      count++;
    }
  }

  private long header(Messages messages) {
    long address = here();
    objects.writeBytes(
        buffer(16)
            .put((byte) 1)
            .put((byte) 0)
            .putShort((short) messages.count)
            .putInt(1)
            .putInt(messages.bytes.size())
            .array());
    objects.writeBytes(messages.bytes.toByteArray());
    return address;
  }

  private void align() {
    while (objects.size() % 8 != 0) {
      objects.write(0);
    }
  }
}
