package dev.unfold.formats.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsRoundTripTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void names_file() {
    file = folder.resolve("a.safetensors");
  }

  @Test
  void floats_ofAnyBits_comeBackBitForBit() {
    int[] bits = {
      0x80000000, // -0.0
      0x00000001, // the smallest subnormal
      0x807FFFFF, // the largest negative subnormal
      0x7F7FFFFF, // the largest number
      0x7F800000, // infinity
      0x7FC12345, // not a number, with a payload
      0xFF812345 // not a number, signalling
    };
    HostBuffer values = HostBuffer.allocate(ElementType.FLOAT32, bits.length);
    for (int i = 0; i < bits.length; i++) {
      values.segment().setAtIndex(ValueLayout.JAVA_INT, i, bits[i]);
    }
    HostBuffer back = writtenAndRead(values);
    assertArrayEquals(bits, back.segment().toArray(ValueLayout.JAVA_INT));
  }

  @Test
  void doubles_ofAnyBits_comeBackBitForBit() {
    long[] bits = {1L << 63, 1, 0x7FF0000000000000L, 0x7FF8123456789ABCL, 0xFFF0123456789ABCL};
    HostBuffer values = HostBuffer.allocate(ElementType.FLOAT64, bits.length);
    for (int i = 0; i < bits.length; i++) {
      values.segment().setAtIndex(ValueLayout.JAVA_LONG, i, bits[i]);
    }
    HostBuffer back = writtenAndRead(values);
    assertArrayEquals(bits, back.segment().toArray(ValueLayout.JAVA_LONG));
  }

  @Test
  void tensors_ofRandomShapesAndTexts_comeBack() {
    long seed = 20260103;
    System.out.println("tensors_ofRandomShapesAndTexts_comeBack: seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      Map<String, String> metadata = new LinkedHashMap<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        metadata.put(text(random), text(random));
      }
      List<Tensor> tensors = new ArrayList<>();
      for (int i = random.nextInt(6); i > 0; i--) {
        tensors.add(tensor(i + text(random), random));
      }
      SafetensorsWriter.write(file, metadata, tensors);
      assertHolds(metadata, tensors);
    }
  }

  @Test
  void read_inAnotherPrecision_rounds() {
    HostBuffer values = HostBuffer.of(ElementType.FLOAT64, 0.1, 1e300, -1);
    SafetensorsWriter.write(file, Map.of(), List.of(new Tensor("a", List.of(3L), values, 0)));
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      HostBuffer target = HostBuffer.allocate(ElementType.FLOAT32, 3);
      reader.read("a", target, 0);
      assertArrayEquals(new double[] {0.1f, Double.POSITIVE_INFINITY, -1}, target.toArray());
    }
  }

  @Test
  void read_ofManyNumbersInAnotherPrecision_keepsTheirOrder() {
    HostBuffer values = HostBuffer.allocate(ElementType.FLOAT32, 10_000);
    for (int i = 0; i < values.length(); i++) {
      values.set(i, i);
    }
    SafetensorsWriter.write(file, Map.of(), List.of(new Tensor("a", List.of(9_999L), values, 1)));
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      HostBuffer target = HostBuffer.allocate(ElementType.FLOAT64, 10_000);
      reader.read("a", target, 1);
      assertArrayEquals(values.toArray(), target.toArray());
    }
  }

  @Test
  void write_ofTheSameContent_givesTheSameBytes() throws IOException {
    HostBuffer values = HostBuffer.of(ElementType.FLOAT32, 1, 2);
    List<Tensor> tensors = List.of(new Tensor("a", List.of(2L), values, 0));
    Map<String, String> forward = new LinkedHashMap<>();
    Map<String, String> backward = new LinkedHashMap<>();
    List<String> keys = new ArrayList<>(List.of("x", "a", "m", "b"));
    keys.forEach(key -> forward.put(key, key));
    Collections.reverse(keys);
    keys.forEach(key -> backward.put(key, key));
    SafetensorsWriter.write(file, forward, tensors);
    byte[] first = Files.readAllBytes(file);
    SafetensorsWriter.write(file, backward, tensors);
    assertArrayEquals(first, Files.readAllBytes(file));
  }

  @Test
  void write_ofWrongContent_namesIt() {
    HostBuffer one = HostBuffer.of(ElementType.FLOAT32, 1);
    Tensor a = new Tensor("a", List.of(), one, 0);
    assertWrong("tensors: expected each name once, got \"a\" twice", Map.of(), List.of(a, a));
    assertWrong(
        "tensor name: __metadata__ is reserved",
        Map.of(),
        List.of(new Tensor("__metadata__", List.of(), one, 0)));
    assertWrong(
        "tensor name: expected valid Unicode, got a lone surrogate in \"a?\"",
        Map.of(),
        List.of(new Tensor("a\uD800", List.of(), one, 0)));
    assertWrong(
        "metadata \"k\": expected valid Unicode, got a lone surrogate in \"?\"",
        Map.of("k", "\uDC00"),
        List.of(a));
  }

  @Test
  void tensor_outsideItsBuffer_isRefused() {
    HostBuffer values = HostBuffer.allocate(ElementType.FLOAT32, 6);
    assertEquals(
        "a: expected 6 numbers from place 1 on, got a buffer of 6",
        assertThrows(
                IllegalArgumentException.class, () -> new Tensor("a", List.of(2L, 3L), values, 1))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Tensor("a", List.of(-1L), values, 0));
    assertThrows(IllegalArgumentException.class, () -> new Tensor("a", List.of(1L), values, -1));
  }

  private HostBuffer writtenAndRead(Buffer values) {
    long count = values.length();
    SafetensorsWriter.write(file, Map.of(), List.of(new Tensor("a", List.of(count), values, 0)));
    HostBuffer back = HostBuffer.allocate(values.type(), count);
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      reader.read("a", back, 0);
    }
    return back;
  }

  private void assertHolds(Map<String, String> metadata, List<Tensor> tensors) {
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      assertEquals(metadata, reader.metadata());
      assertEquals(tensors.size(), reader.tensors().size());
      for (Tensor tensor : tensors) {
        assertEquals(tensor.shape(), reader.tensors().get(tensor.name()).shape());
        HostBuffer back = HostBuffer.allocate(tensor.values().type(), tensor.count());
        reader.readFinite(tensor.name(), back, 0);
        for (long i = 0; i < tensor.count(); i++) {
          assertEquals(((HostBuffer) tensor.values()).get(tensor.at() + i), back.get(i));
        }
      }
    }
  }

  private void assertWrong(String message, Map<String, String> metadata, List<Tensor> tensors) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class,
                () -> SafetensorsWriter.write(file, metadata, tensors))
            .getMessage());
  }

  private static Tensor tensor(String name, Random random) {
    List<Long> shape = new ArrayList<>();
    long count = 1;
    for (int i = random.nextInt(4); i > 0; i--) {
      shape.add((long) random.nextInt(5));
      count *= shape.getLast();
    }
    Precision precision = random.nextBoolean() ? Precision.FLOAT : Precision.DOUBLE;
    int at = random.nextInt(3);
    HostBuffer values = HostBuffer.allocate(precision.type(), at + count);
    for (long i = 0; i < values.length(); i++) {
      values.set(i, random.nextGaussian());
    }
    return new Tensor(name, shape, values, at);
  }

  private static String text(Random random) {
    String letters = "aé€\uD83D\uDE00\"\\\n\u0000/ ";
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.appendCodePoint(
          letters.codePointAt(
              letters.offsetByCodePoints(
                  0, random.nextInt(letters.codePointCount(0, letters.length())))));
    }
    return text.toString();
  }
}
