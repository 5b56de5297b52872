package dev.unfold.formats.exchange;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.safetensors.FormatException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Arrays of NumPy are read as they are meant, and hostile ones refused in a line.
final class NpyArrayTest {
  private static final double[] NUMBERS = {0, 1, 1.5, -2, 3, 0.25};

  private static byte[] bytes(String kind, double... numbers) {
    int width = kind.charAt(2) - '0';
    ByteBuffer all =
        ByteBuffer.allocate(width * numbers.length)
            .order(kind.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    for (double number : numbers) {
      switch (kind.substring(1)) {
        case "f2" -> all.putShort(Float.floatToFloat16((float) number));
        case "f4" -> all.putFloat((float) number);
        case "f8" -> all.putDouble(number);
        case "i4" -> all.putInt((int) number);
        case "i8" -> all.putLong((long) number);
        default -> all.put((byte) (number == 0 ? 0 : 1));
      }
    }
    return all.array();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "<i4", ">i4", "<i8", ">i8", "|b1"})
  void array_ofEachKind_hasItsNumbers(String kind) {
    GraphTensor read =
        NpyArray.read("x", Npz.array(Npz.header(kind, "False", "2, 3"), bytes(kind, NUMBERS)));
    assertEquals(List.of(2, 3), read.shape());
    double[] expected =
        switch (kind.charAt(1)) {
          case 'f' -> NUMBERS;
          case 'i' -> Arrays.stream(NUMBERS).map(number -> (long) number).toArray();
          default -> Arrays.stream(NUMBERS).map(number -> number == 0 ? 0 : 1).toArray();
        };
    assertArrayEquals(expected, read.reals());
    assertEquals(kind.endsWith("f8"), read.type() == NumberType.FLOAT64);
  }

  @Test
  void array_inColumnMajorOrder_isTurned() {
    GraphTensor read =
        NpyArray.read(
            "x", Npz.array(Npz.header("<f4", "True", "2, 3"), bytes("<f4", 1, 4, 2, 5, 3, 6)));
    assertArrayEquals(new double[] {1, 2, 3, 4, 5, 6}, read.reals());
    GraphTensor alone =
        NpyArray.read("x", Npz.array(Npz.header("<f4", "True", ""), bytes("<f4", 7)));
    assertEquals(List.of(), alone.shape());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 2147483647), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
        "__import__('os').system('true')",
      })
  void array_hostile_isRefusedInALine(String header) {
    FormatException refusal =
        assertThrows(
            FormatException.class, () -> NpyArray.read("x", Npz.array(header, new byte[8])));
    assertTrue(refusal.getMessage().startsWith("x: expected "), refusal::getMessage);
    assertFalse(refusal.getMessage().contains("\n"), refusal::getMessage);
  }

  @Test
  void array_mutated_isReadOrRefused() {
    byte[] sound = Npz.array(Npz.header("<f4", "False", "2, 3"), bytes("<f4", NUMBERS));
    SplittableRandom random = new SplittableRandom(5);
    int refused = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] other =
          Arrays.copyOf(
              sound, random.nextInt(4) == 0 ? random.nextInt(sound.length) : sound.length);
      for (int b = 0; b < 3 && other.length > 0; b++) {
        other[random.nextInt(other.length)] = (byte) random.nextInt();
      }
      try {
        NpyArray.read("x", other);
      } catch (FormatException e) {
        refused++;
      }
    }
    assertTrue(refused > 1000 && refused < 20_000, "refused: " + refused);
  }
}
