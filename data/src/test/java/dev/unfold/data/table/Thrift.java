package dev.unfold.data.table;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A struct of the compact protocol of Thrift, as Parquet's metadata are, field by field in the order of their numbers.
final class Thrift {
  private static final int TRUE = 1;
  private static final int FALSE = 2;
  private static final int BYTE = 3;
  private static final int I32 = 5;
  private static final int I64 = 6;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int STRUCT = 12;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int last;

  private void field(int number, int type) {
    out.write((number - last) << 4 | type);
    last = number;
  }

  private void number(long value) {
    varint(out, value << 1 ^ value >> 63);
  }

  static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      out.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  Thrift i32(int number, int value) {
    field(number, I32);
    number(value);
    return this;
  }

  /// More bits than the type has.
  Thrift wide32(int number, long value) {
    field(number, I32);
    number(value);
    return this;
  }

  Thrift i64(int number, long value) {
    field(number, I64);
    number(value);
    return this;
  }

  Thrift i8(int number, int value) {
    field(number, BYTE);
    out.write(value);
    return this;
  }

  Thrift bool(int number, boolean value) {
    field(number, value ? TRUE : FALSE);
    return this;
  }

  Thrift text(int number, String value) {
    field(number, BINARY);
    text(value);
    return this;
  }

  private void text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    varint(out, bytes.length);
    out.writeBytes(bytes);
  }

  Thrift struct(int number, Thrift value) {
    field(number, STRUCT);
    out.writeBytes(value.bytes());
    return this;
  }

  Thrift structs(int number, List<Thrift> values) {
    list(number, values.size(), STRUCT);
    values.forEach(value -> out.writeBytes(value.bytes()));
    return this;
  }

  Thrift texts(int number, String value) {
    list(number, 1, BINARY);
    text(value);
    return this;
  }

  Thrift i32s(int number, int... values) {
    list(number, values.length, I32);
    for (int value : values) {
      number(value);
    }
    return this;
  }

  private void list(int number, int size, int type) {
    field(number, LIST);
    if (size < 15) {
      out.write(size << 4 | type);
    } else {
      out.write(0xF0 | type);
      varint(out, size);
    }
  }

  byte[] bytes() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(out.toByteArray());
    all.write(0);
    return all.toByteArray();
  }
}
