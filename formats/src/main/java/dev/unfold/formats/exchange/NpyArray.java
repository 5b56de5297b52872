package dev.unfold.formats.exchange;

import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An array as `numpy.save` writes it: a header that says kind, order and shape, then the numbers. Nothing is made
/// before the header is found to say what is there.
///
/// **Source**: NEP 1, A simple file format for NumPy arrays; versions 1 to 3.
final class NpyArray {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int LONGEST_HEADER = 1 << 16;

  /// What the sizes of an array without numbers may come to if those of 0 are left out.
  private static final long MOST_EMPTY = 1 << 16;

  private static final Pattern HEADER =
      Pattern.compile(
          "\\s*\\{\\s*'descr'\\s*:\\s*'([^']*)'\\s*,\\s*'fortran_order'\\s*:\\s*(True|False)\\s*,"
              + "\\s*'shape'\\s*:\\s*\\(([0-9, ]*)\\)\\s*,?\\s*\\}\\s*");

  private final String what;
  private final ByteBuffer bytes;

  private NpyArray(String what, byte[] bytes) {
    this.what = what;
    this.bytes = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The numbers of an array, in row-major order whatever the file's.
  ///
  /// @param what what messages call it
  ///
  /// **Errors**: [FormatException] if it is none, or one of other numbers than float16 to float64, int32, int64 and bool.
  static GraphTensor read(String what, byte[] bytes) {
    return new NpyArray(what, bytes).read();
  }

  private FormatException wrong(String expected, Object got) {
    return new FormatException(
        "%s: expected %s, got %s".formatted(what, expected, Quote.plain(String.valueOf(got))));
  }

  private GraphTensor read() {
    Matcher header = HEADER.matcher(header());
    if (!header.matches()) {
      throw wrong("a header of numpy.save with a simple kind of numbers", "another");
    }
    List<Integer> shape = shape(header.group(3));
    String kind = header.group(1);
    bytes.order(kind.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    int width =
        switch (kind) {
          case "|b1" -> 1;
          case "<f2", ">f2" -> 2;
          case "<f4", ">f4", "<i4", ">i4" -> 4;
          case "<f8", ">f8", "<i8", ">i8" -> 8;
          default -> throw wrong("numbers of f2, f4, f8, i4, i8 or b1", kind);
        };
    long count = shape.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    if (count * width != bytes.remaining()) {
      throw wrong("%d bytes for %s of %s".formatted(count * width, shape, kind), bytes.remaining());
    }
    int[] places = places(shape, header.group(2).equals("True"), (int) count);
    int start = bytes.position();
    if (kind.charAt(1) == 'f') {
      double[] numbers = new double[places.length];
      for (int i = 0; i < places.length; i++) {
        int at = start + places[i] * width;
        numbers[i] =
            switch (width) {
              case 2 -> Float.float16ToFloat(bytes.getShort(at));
              case 4 -> bytes.getFloat(at);
              default -> bytes.getDouble(at);
            };
      }
      return GraphTensor.of(width == 8 ? NumberType.FLOAT64 : NumberType.FLOAT32, shape, numbers);
    }
    long[] numbers = new long[places.length];
    for (int i = 0; i < places.length; i++) {
      int at = start + places[i] * width;
      numbers[i] =
          switch (width) {
            case 1 -> bytes.get(at) == 0 ? 0 : 1;
            case 4 -> bytes.getInt(at);
            default -> bytes.getLong(at);
          };
    }
    NumberType type =
        switch (width) {
          case 1 -> NumberType.BOOL;
          case 4 -> NumberType.INT32;
          default -> NumberType.INT64;
        };
    return GraphTensor.ofWholes(type, shape, numbers);
  }

  private String header() {
    int before = MAGIC.length + 2;
    boolean isArray = bytes.remaining() > before + Integer.BYTES;
    for (int i = 0; isArray && i < MAGIC.length; i++) {
      isArray = bytes.get(i) == MAGIC[i];
    }
    if (!isArray) {
      throw wrong("an array of numpy.save", "something else");
    }
    int version = bytes.get(MAGIC.length);
    if (version < 1 || version > 3) {
      throw wrong("version 1 to 3 of the format", version);
    }
    bytes.position(before);
    long length = version == 1 ? Short.toUnsignedLong(bytes.getShort()) : bytes.getInt();
    if (length < 0 || length > LONGEST_HEADER || length > bytes.remaining()) {
      throw wrong("a header of at most %d bytes".formatted(LONGEST_HEADER), length);
    }
    byte[] text = new byte[(int) length];
    bytes.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private List<Integer> shape(String text) {
    List<Integer> shape = new ArrayList<>();
    long count = 1;
    boolean isEmpty = false;
    for (String size : text.split(",", -1)) {
      String digits = size.strip();
      if (digits.isEmpty()) {
        // Behind the last comma, or all of a shape without dimensions.
        continue;
      }
      if (digits.length() > 10
          || digits.indexOf(' ') >= 0
          || shape.size() == GraphTensor.MOST_DIMENSIONS) {
        throw wrong("a shape of fewer or smaller dimensions", text);
      }
      long number = Long.parseLong(digits);
      count *= Math.max(1, number);
      if (count > Integer.MAX_VALUE) {
        throw wrong("a shape of fewer than 2^31 numbers", text);
      }
      isEmpty |= number == 0;
      shape.add((int) number);
    }
    if (isEmpty && count > MOST_EMPTY) {
      throw wrong("a shape that a file has numbers for", text);
    }
    return shape;
  }

  /// Where each number is in the file, in row-major order.
  private static int[] places(List<Integer> shape, boolean isColumnMajor, int count) {
    int[] places = new int[count];
    int[] index = new int[shape.size()];
    for (int i = 0; i < count; i++) {
      int place = i;
      if (isColumnMajor) {
        place = 0;
        for (int d = shape.size() - 1; d >= 0; d--) {
          place = place * shape.get(d) + index[d];
        }
        for (int d = shape.size() - 1; d >= 0 && ++index[d] == shape.get(d); d--) {
          index[d] = 0;
        }
      }
      places[i] = place;
    }
    return places;
  }
}
