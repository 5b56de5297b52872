package dev.unfold.data.table;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.xerial.snappy.Snappy;

/// Writes small Parquet files from the format's description: a row group, a page for each column, whose values are
/// plain or of a dictionary.
final class ParquetFixture {
  static final int BOOLEAN = 0;
  static final int INT32 = 1;
  static final int INT64 = 2;
  static final int INT96 = 3;
  static final int FLOAT = 4;
  static final int DOUBLE = 5;
  static final int BYTE_ARRAY = 6;
  static final int FIXED = 7;

  private static final int PLAIN = 0;
  private static final int RLE = 3;
  private static final int RLE_DICTIONARY = 8;
  private static final int OPTIONAL = 1;

  /// How pages are compressed.
  enum Codec {
    NONE,
    SNAPPY
  }

  /// Whether a column has its values at hand, or in a dictionary.
  enum Form {
    AT_HAND,
    DICTIONARY
  }

  private record Column(
      String name, int type, int length, Thrift logical, Form form, List<byte[]> values) {}

  private final Codec codec;
  private final List<Column> columns = new ArrayList<>();

  /// Elements of the schema that are no columns of single values.
  private final List<Thrift> others = new ArrayList<>();

  /// How many values pages say that they have which come before the others, and are like them otherwise.
  private long[] pages = {};

  ParquetFixture(Codec codec) {
    this.codec = codec;
  }

  /// @param logical what is said of the type; null for nothing
  /// @param values null for what is not there
  ParquetFixture column(String name, int type, Thrift logical, Form form, Object... values) {
    List<byte[]> bytes = Arrays.stream(values).map(each -> plain(type, each)).toList();
    int length = type == FIXED ? ((byte[]) values[0]).length : 0;
    columns.add(new Column(name, type, length, logical, form, new ArrayList<>(bytes)));
    return this;
  }

  ParquetFixture column(String name, int type, Thrift logical, Object... values) {
    return column(name, type, logical, Form.AT_HAND, values);
  }

  /// A column of structures, with one of the columns in it, which is not there.
  ParquetFixture structure(String name) {
    others.add(new Thrift().i32(3, OPTIONAL).text(4, name).i32(5, 1));
    return this;
  }

  /// Adds pages that say to have so many values.
  ParquetFixture pages(long... values) {
    pages = values.clone();
    return this;
  }

  private static byte[] plain(int type, Object value) {
    if (value == null) {
      return null;
    }
    ByteBuffer out = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    switch (type) {
      case BOOLEAN -> out.put((byte) ((boolean) value ? 1 : 0));
      case INT32 -> out.putInt((int) value);
      case INT64 -> out.putLong(((Number) value).longValue());
      case FLOAT -> out.putFloat((float) value);
      case DOUBLE -> out.putDouble((double) value);
      case INT96, FIXED -> out.put((byte[]) value);
      default -> {
        byte[] bytes =
            value instanceof String text ? text.getBytes(StandardCharsets.UTF_8) : (byte[]) value;
        return ByteBuffer.allocate(4 + bytes.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt(bytes.length)
            .put(bytes)
            .array();
      }
    }
    return Arrays.copyOf(out.array(), out.position());
  }

  /// A time of old: nanoseconds of a day, and the Julian day.
  static byte[] int96(long nanos, int julianDay) {
    return ByteBuffer.allocate(12)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(nanos)
        .putInt(julianDay)
        .array();
  }

  Path write(Path file) throws IOException {
    return Files.write(file, bytes());
  }

  byte[] bytes() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes("PAR1".getBytes(StandardCharsets.US_ASCII));
    int rows = columns.getFirst().values().size();
    List<Thrift> schema = new ArrayList<>();
    schema.add(new Thrift().text(4, "schema").i32(5, columns.size() + others.size()));
    List<Thrift> chunks = new ArrayList<>();
    for (Column column : columns) {
      Thrift element = new Thrift().i32(1, column.type());
      if (column.length() > 0) {
        element.i32(2, column.length());
      }
      element.i32(3, OPTIONAL).text(4, column.name());
      if (column.logical() != null) {
        element.struct(10, column.logical());
      }
      schema.add(element);
      chunks.add(chunk(column, out));
    }
    for (Thrift other : others) {
      schema.add(other);
      schema.add(new Thrift().i32(1, INT32).i32(3, OPTIONAL).text(4, "within"));
    }
    Thrift group = new Thrift().structs(1, chunks).i64(2, Math.max(1, out.size())).i64(3, rows);
    byte[] footer =
        new Thrift().i32(1, 1).structs(2, schema).i64(3, rows).structs(4, List.of(group)).bytes();
    out.writeBytes(footer);
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(footer.length).array());
    out.writeBytes("PAR1".getBytes(StandardCharsets.US_ASCII));
    return out.toByteArray();
  }

  private Thrift chunk(Column column, ByteArrayOutputStream out) throws IOException {
    int start = out.size();
    Map<String, Integer> places = new LinkedHashMap<>();
    ByteArrayOutputStream dictionary = new ByteArrayOutputStream();
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    levels(column, page);
    boolean hasDictionary = column.form() == Form.DICTIONARY;
    if (hasDictionary) {
      page.write(8);
    }
    int bits = 0;
    int count = 0;
    for (byte[] value : column.values()) {
      if (value == null) {
        continue;
      }
      if (hasDictionary) {
        Integer place = places.get(Arrays.toString(value));
        if (place == null) {
          place = places.size();
          places.put(Arrays.toString(value), place);
          dictionary.writeBytes(value);
        }
        Thrift.varint(page, 1 << 1);
        page.write(place);
      } else if (column.type() == BOOLEAN) {
        bits |= value[0] << count++;
      } else {
        page.writeBytes(value);
      }
    }
    if (column.type() == BOOLEAN) {
      page.write(bits);
    }
    if (hasDictionary) {
      Thrift header = new Thrift().i32(1, places.size()).i32(2, PLAIN);
      page(dictionary.toByteArray(), 2, 7, header, out);
    }
    int data = out.size();
    for (long values :
        LongStream.concat(LongStream.of(pages), LongStream.of(column.values().size())).toArray()) {
      Thrift header =
          new Thrift()
              .wide32(1, values)
              .i32(2, hasDictionary ? RLE_DICTIONARY : PLAIN)
              .i32(3, RLE)
              .i32(4, RLE);
      page(page.toByteArray(), 0, 5, header, out);
    }
    Thrift metadata =
        new Thrift()
            .i32(1, column.type())
            .i32s(2, hasDictionary ? RLE_DICTIONARY : PLAIN, RLE)
            .texts(3, column.name())
            .i32(4, codec == Codec.SNAPPY ? 1 : 0)
            .i64(5, column.values().size())
            .i64(6, out.size() - start)
            .i64(7, out.size() - start)
            .i64(9, data);
    if (hasDictionary) {
      metadata.i64(11, start);
    }
    return new Thrift().i64(2, start).struct(3, metadata);
  }

  private void page(byte[] content, int type, int field, Thrift header, ByteArrayOutputStream out)
      throws IOException {
    byte[] kept = codec == Codec.SNAPPY ? Snappy.compress(content) : content;
    out.writeBytes(
        new Thrift()
            .i32(1, type)
            .i32(2, content.length)
            .i32(3, kept.length)
            .struct(field, header)
            .bytes());
    out.writeBytes(kept);
  }

  /// Which values are there, as runs of one.
  private static void levels(Column column, ByteArrayOutputStream page) {
    ByteArrayOutputStream levels = new ByteArrayOutputStream();
    for (byte[] value : column.values()) {
      Thrift.varint(levels, 1 << 1);
      levels.write(value == null ? 0 : 1);
    }
    page.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(levels.size()).array());
    page.writeBytes(levels.toByteArray());
  }
}
