package dev.unfold.formats.safetensors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each way to break the format gives a line of its own that names the file.
class SafetensorsRefusalTest {
  private static final String LONG = "9223372036854775807";

  @TempDir private Path folder;

  @Test
  void open_ofNoFile_saysSo() {
    assertFile(folder.resolve("none"), "expected a file, found none");
    assertFile(folder, "expected a file, got a folder");
    assertFile(Path.of("/dev/null"), "expected a file, got a device or a pipe");
  }

  @Test
  void open_withoutAWholeHeader_saysSo() throws IOException {
    assertRefused(new byte[7], "expected at least 8 bytes for the header's length, got 7");
    assertRefused(
        Crafted.file(0, new byte[0], new byte[0]),
        "expected a header that begins with {, got an empty one");
    assertRefused(Crafted.file(" {}", 0), "expected a header that begins with {, got byte 0x20");
    assertRefused(Crafted.file("{", 0), "header: expected valid JSON: Unexpected end-of-input:");
    assertRefused(
        Crafted.file(3, "{}".getBytes(StandardCharsets.UTF_8), new byte[0]),
        "expected a header of at most 2 bytes, got length 3");
  }

  @Test
  void open_withAClaimedLength_comparesItWithTheFile() throws IOException {
    for (long claimed : new long[] {Long.MAX_VALUE, Long.MIN_VALUE, -1, 1L << 31, 1L << 32, 93}) {
      assertRefused(
          Crafted.file(claimed, "{}".getBytes(StandardCharsets.UTF_8), new byte[90]),
          "expected a header of at most 92 bytes, got length " + Long.toUnsignedString(claimed));
    }
  }

  @Test
  void open_withAHeaderOverTheCap_saysSo() throws IOException {
    Path file =
        Crafted.write(folder, Crafted.file(100_000_001, new byte[] {'{', '}'}, new byte[0]));
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(200_000_000);
    }
    assertFile(file, "expected a header of at most 100000000 bytes, got length 100000001");
  }

  @Test
  void open_ofNoJson_saysSo() throws IOException {
    assertHeader("{]", 0, "header: expected valid JSON: Unexpected close marker");
    assertHeader("{\"a\":NaN}", 0, "header: expected valid JSON: Non-standard token 'NaN'");
    assertHeader("{} {}", 0, "header: expected its end after the object, got more");
    assertHeader("{}\u0000", 0, "header: expected valid JSON: Illegal character");
    assertRefused(
        Crafted.file(6, new byte[] {'{', '"', (byte) 0xC3, '"', ':', '}'}, new byte[0]),
        "header: expected UTF-8, got other bytes");
    assertRefused(
        Crafted.file(4, "{}".getBytes(StandardCharsets.UTF_16LE), new byte[0]),
        "header: expected valid JSON");
  }

  @Test
  void open_withDeepNesting_saysSo() throws IOException {
    assertHeader(
        "{\"a\":{\"more\":" + "[".repeat(1_000_000),
        0,
        "header: expected valid JSON: Document nesting depth (9) exceeds");
  }

  @Test
  void open_withDuplicates_saysSo() throws IOException {
    String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}";
    assertHeader("{" + a + "," + a + "}", 0, "header: expected valid JSON: Duplicate Object");
    assertHeader(
        "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}",
        0,
        "header: expected valid JSON: Duplicate");
    assertHeader(
        tensor("\"dtype\":\"F32\",\"dtype\":\"F64\""), 0, "header: expected valid JSON: Du");
    // The same name, once with an escape.
    assertHeader(
        "{" + a + "," + a.replace("\"a\"", "\"\\u0061\"") + "}",
        0,
        "header: expected valid JSON: D");
  }

  @Test
  void open_withOtherMetadata_saysSo() throws IOException {
    assertHeader("{\"__metadata__\":[]}", 0, "__metadata__: expected an object, got an array");
    assertHeader("{\"__metadata__\":null}", 0, "__metadata__: expected an object, got null");
    assertHeader(
        "{\"__metadata__\":{\"k\":1}}",
        0,
        "__metadata__ \"k\": expected a string, got a whole number");
    assertHeader(
        "{\"__metadata__\":{\"k\":{}}}", 0, "__metadata__ \"k\": expected a string, got an object");
  }

  @Test
  void open_withOtherFields_saysSo() throws IOException {
    String what = "tensor \"a\"";
    assertHeader("{\"a\":1}", 0, what + ": expected an object, got a whole number");
    assertHeader(
        tensor("\"dtype\":\"F32\",\"shape\":[1]"),
        4,
        what + ": expected dtype, shape and data_offsets, got no data_offsets");
    assertHeader(tensor("\"dtype\":1"), 0, what + " dtype: expected a string, got a whole number");
    assertHeader(tensor("\"shape\":\"1\""), 0, what + " shape: expected an array, got a string");
    assertHeader(
        tensor("\"shape\":[1.0]"),
        0,
        what + " shape: expected whole numbers, got a number with a fraction");
    assertHeader(
        tensor("\"shape\":[[1]]"), 0, what + " shape: expected whole numbers, got an array");
    assertHeader(
        tensor("\"shape\":[-1]"), 0, what + " shape: expected numbers from 0 to 2^63-1, got -1");
    assertHeader(
        tensor("\"shape\":[9223372036854775808]"),
        0,
        what + " shape: expected numbers from 0 to 2^63-1, got 9223372036854775808");
    assertHeader(
        tensor("\"shape\":[1" + ",1".repeat(64) + "]"),
        0,
        what + " shape: expected at most 64 numbers, got more");
    assertHeader(
        tensor("\"data_offsets\":[0,0,0]"),
        0,
        what + " data_offsets: expected at most 2 numbers, got more");
    assertHeader(
        tensor("\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]"),
        0,
        what + " data_offsets: expected [begin, end], got [0]");
  }

  @Test
  void open_withSizesThatDoNotFit_saysSo() throws IOException {
    String what = "tensor \"a\": expected ";
    assertHeader(
        tensor("F32", "[3]", 0, 8), 8, what + "12 bytes for F32[3], got data_offsets [0, 8]");
    assertHeader(tensor("F4", "[3]", 0, 2), 2, what + "2 bytes for F4[3], got data_offsets [0, 2]");
    assertHeader(
        tensor("F64", "[2305843009213693952]", 0, 0),
        0,
        what + "a size below 2^63, got F64[2305843009213693952]");
    assertHeader(
        tensor("F32", "[" + LONG + "," + LONG + ",0]", 0, 0),
        0,
        what + "a size below 2^63, got F32[");
    assertHeader(
        tensor("F32", "[2]", 0, 8),
        7,
        what + "data_offsets within 7 bytes of data, got data_offsets [0, 8]");
    assertHeader(
        tensor("F32", "[2]", 4, 12), 12, what + "data from byte 0, got data_offsets [4, 12]");
    assertHeader(
        tensor("F32", "[0]", 0, 0), 4, "expected 0 bytes of data, which the tensors fill, got 4");
    assertHeader("{}", 1, "expected 0 bytes of data, which the tensors fill, got 1");
    assertHeader(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0," + LONG + "]}}",
        4,
        what + "data_offsets within 4 bytes of data, got data_offsets [0, " + LONG + "]");
    assertHeader(
        "{\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + tensor("F32", "[1]", 8, 4).substring(1),
        8,
        what + "data_offsets within 8 bytes of data, got data_offsets [8, 4]");
  }

  @Test
  void open_withOverlapOrHole_saysSo() throws IOException {
    String b = "{\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},";
    assertHeader(
        b + tensor("F32", "[2]", 4, 12).substring(1),
        12,
        "tensor \"a\": expected data from byte 8, got data_offsets [4, 12]");
    assertHeader(
        b + tensor("F32", "[2]", 0, 8).substring(1),
        8,
        "tensor \"a\": expected data from byte 8, got data_offsets [0, 8]");
    assertHeader(
        b + tensor("F32", "[1]", 12, 16).substring(1),
        16,
        "tensor \"a\": expected data from byte 8, got data_offsets [12, 16]");
  }

  @Test
  void open_withHostileNames_staysOnOneLine() throws IOException {
    assertHeader(
        "{\"\\u001b[2J\\n\\u202e" + "x".repeat(200) + "\":1}",
        0,
        "tensor \"?[2J??" + "x".repeat(74) + "...\": expected an object, got a whole number");
  }

  @Test
  void open_withTooManyTensors_saysSo() throws IOException {
    StringBuilder header = new StringBuilder("{\"__metadata__\":{\"k\":\"\"");
    for (int i = 0; i < 600_000; i++) {
      header.append(",\"").append(i).append("\":\"\"");
    }
    assertHeader(header + "}}", 0, "header: expected valid JSON: Token count (1048577) exceeds");
  }

  @Test
  void open_ofUnknownFields_passesOverThem() throws IOException {
    String header = tensor("F32", "[1]", 0, 4).replace("}}", ",\"more\":[{\"x\":null}]}}");
    try (SafetensorsReader reader =
        SafetensorsReader.open(Crafted.write(folder, Crafted.file(header, 4)))) {
      assertEquals(List.of(1L), reader.tensors().get("a").shape());
    }
  }

  @Test
  void read_ofADtypeThatNoBufferHolds_isRefusedOnlyThen() throws IOException {
    for (String dtype : List.of("I32", "SOME")) {
      byte[] content = Crafted.file(tensor(dtype, "[1]", 0, 4), 4);
      try (SafetensorsReader reader = SafetensorsReader.open(Crafted.write(folder, content))) {
        assertEquals(dtype, reader.tensors().get("a").dtype());
        HostBuffer target = HostBuffer.allocate(ElementType.FLOAT32, 1);
        assertTrue(
            assertThrows(FormatException.class, () -> reader.read("a", target, 0))
                .getMessage()
                .endsWith(": tensor \"a\": expected F32, F64, F16 or BF16, got " + dtype));
      }
    }
  }

  @Test
  void read_ofNoTensorOrNoRoom_saysSo() throws IOException {
    byte[] content = Crafted.file(tensor("F32", "[2]", 0, 8), 8);
    try (SafetensorsReader reader = SafetensorsReader.open(Crafted.write(folder, content))) {
      HostBuffer target = HostBuffer.allocate(ElementType.FLOAT32, 2);
      assertTrue(
          assertThrows(FormatException.class, () -> reader.read("b", target, 0))
              .getMessage()
              .endsWith(": expected a tensor \"b\", found none"));
      assertThrows(IndexOutOfBoundsException.class, () -> reader.read("a", target, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> reader.read("a", target, -1));
    }
  }

  @Test
  void read_ofAFileThatShrank_saysWhere() throws IOException {
    Path file = Crafted.write(folder, Crafted.file(tensor("F32", "[2]", 0, 8), 8));
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      Files.write(file, new byte[65]);
      HostBuffer target = HostBuffer.allocate(ElementType.FLOAT32, 2);
      assertTrue(
          assertThrows(FormatException.class, () -> reader.read("a", target, 0))
              .getMessage()
              .endsWith(": ended at byte 65 while it was read"));
    }
  }

  @Test
  void readFinite_ofANumberThatIsNot_namesTensorAndPlace() {
    Path file = folder.resolve("a.safetensors");
    for (double bad :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      HostBuffer values = HostBuffer.of(ElementType.FLOAT32, 1, 2, 3, bad, 5, 6);
      SafetensorsWriter.write(
          file, Map.of(), List.of(new Tensor("weight_hh_l0", List.of(2L, 3L), values, 0)));
      try (SafetensorsReader reader = SafetensorsReader.open(file)) {
        HostBuffer target = HostBuffer.allocate(ElementType.FLOAT32, 6);
        assertEquals(
            file
                + ": tensor \"weight_hh_l0\": expected finite numbers, got "
                + bad
                + " as number 3 of 6",
            assertThrows(FormatException.class, () -> reader.readFinite("weight_hh_l0", target, 0))
                .getMessage());
      }
    }
  }

  /// The header of a tensor `a` with these fields.
  private static String tensor(String fields) {
    return "{\"a\":{" + fields + "}}";
  }

  private static String tensor(String dtype, String shape, long begin, long end) {
    return tensor(
        "\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]"
            .formatted(dtype, shape, begin, end));
  }

  private void assertHeader(String header, int dataBytes, String message) throws IOException {
    assertRefused(Crafted.file(header, dataBytes), message);
  }

  private void assertRefused(byte[] content, String message) throws IOException {
    assertFile(Crafted.write(folder, content), message);
  }

  private static void assertFile(Path file, String message) {
    FormatException e = assertThrows(FormatException.class, () -> SafetensorsReader.open(file));
    assertTrue(e.getMessage().startsWith(file + ": " + message), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    assertTrue(e.getMessage().length() < 500, e.getMessage());
  }
}
