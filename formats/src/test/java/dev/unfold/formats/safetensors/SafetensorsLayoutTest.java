package dev.unfold.formats.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The bytes of a file, written down by hand from the format's description.
class SafetensorsLayoutTest {
  /// Two tensors: `a` holds 1 and -2.5 as F32, `b` holds 0.1 as F64, whose data come first.
  private static final String JSON =
      "{\"__metadata__\":{\"k\":\"v\\\"\"},"
          + "\"b\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]},"
          + "\"a\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[8,16]}}";

  /// 0.1 as F64, then 1 and -2.5 as F32, each with its lowest byte first.
  private static final String DATA = "9A9999999999B93F 0000803F 000020C0";

  @TempDir private Path folder;

  @Test
  void write_ofTwoTensors_givesTheBytesWrittenByHand() throws IOException {
    // 136 characters of JSON, 48 blanks, so that the data begin at byte 192.
    assertEquals(136, JSON.length());
    byte[] expected =
        HexFormat.of()
            .parseHex(
                "B800000000000000"
                    + HexFormat.of().formatHex(JSON.getBytes(StandardCharsets.US_ASCII))
                    + "20".repeat(48)
                    + DATA.replace(" ", ""));
    Path file = folder.resolve("a.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of("k", "v\""),
        List.of(
            new Tensor("a", List.of(1L, 2L), HostBuffer.of(ElementType.FLOAT32, 7, 1, -2.5, 7), 1),
            new Tensor("b", List.of(), HostBuffer.of(ElementType.FLOAT64, 0.1), 0)));
    assertArrayEquals(expected, Files.readAllBytes(file));
  }

  @Test
  void read_ofBytesWrittenByHand_givesTheNumbers() throws IOException {
    // Without padding, which the format does not ask for.
    byte[] json = JSON.getBytes(StandardCharsets.US_ASCII);
    byte[] data = HexFormat.of().parseHex(DATA.replace(" ", ""));
    Path file = Crafted.write(folder, Crafted.file(json.length, json, data));
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertEquals(Map.of("k", "v\""), reader.metadata());
      assertEquals(List.of("b", "a"), List.copyOf(reader.tensors().keySet()));
      assertEquals(new TensorInfo("a", "F32", List.of(1L, 2L), 8, 16), reader.tensors().get("a"));
      HostBuffer target = HostBuffer.of(ElementType.FLOAT32, 7, 7, 7, 7);
      reader.read("a", target, 1);
      assertArrayEquals(new double[] {7, 1, -2.5, 7}, target.toArray());
      HostBuffer single = HostBuffer.allocate(ElementType.FLOAT64, 1);
      reader.read("b", single, 0);
      assertArrayEquals(new double[] {0.1}, single.toArray());
    }
  }

  @Test
  void read_ofHalfPrecision_givesTheNumbers() throws IOException {
    // F16: 1, -2, 65504, the smallest subnormal, minus zero. BF16: 1, -2.5, infinity.
    String json =
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[5],\"data_offsets\":[0,10]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[10,16]}}";
    byte[] data = HexFormat.of().parseHex("003C00C0FF7B01000080" + "803F20C0807F");
    Path file =
        Crafted.write(
            folder, Crafted.file(json.length(), json.getBytes(StandardCharsets.US_ASCII), data));
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      for (Precision precision : Precision.values()) {
        HostBuffer half = HostBuffer.allocate(precision.type(), 5);
        reader.read("h", half, 0);
        assertArrayEquals(new double[] {1, -2, 65504, 0x1p-24, -0.0}, half.toArray());
        HostBuffer brain = HostBuffer.allocate(precision.type(), 3);
        reader.read("b", brain, 0);
        assertArrayEquals(new double[] {1, -2.5, Double.POSITIVE_INFINITY}, brain.toArray());
      }
    }
  }
}
