package dev.unfold.formats.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Pickles written by hand: views, kinds of numbers, and what is refused.
final class PickledDictTest {
  @TempDir private Path folder;

  private Path file(String pickle, Map<String, byte[]> storages) throws IOException {
    Path file = folder.resolve("hand.pt");
    try (OutputStream bytes = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(bytes)) {
      put(zip, "a/data.pkl", pickle.getBytes(StandardCharsets.ISO_8859_1));
      for (Map.Entry<String, byte[]> storage : storages.entrySet()) {
        put(zip, storage.getKey(), storage.getValue());
      }
    }
    return file;
  }

  private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }

  private static String text(String text) {
    return "X" + (char) text.length() + "\0\0\0" + text;
  }

  private static String tuple(int... numbers) {
    StringBuilder tuple = new StringBuilder("(");
    for (int number : numbers) {
      tuple.append('K').append((char) number);
    }
    return tuple.append('t').toString();
  }

  /// A tensor of the storage `0`.
  private static String tensor(
      String storage, int count, int offset, String shape, String strides) {
    return "ctorch._utils\n_rebuild_tensor_v2\n(("
        + text("storage")
        + "ctorch\n%s\n".formatted(storage)
        + text("0")
        + text("cpu")
        + "K"
        + (char) count
        + "tQK"
        + (char) offset
        + shape
        + strides
        + "\u0089ccollections\nOrderedDict\n)RtR";
  }

  private static String dict(String... namesAndTensors) {
    return "\u0080\u0002}(" + String.join("", namesAndTensors) + "u.";
  }

  private static byte[] floats(int count) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putFloat(i);
    }
    return bytes.array();
  }

  private double[] read(Path file, String name) {
    try (StateDict dict = PickledDict.open(file, Optional.empty())) {
      long count = dict.shapes().get(name).stream().reduce(1L, (a, b) -> a * b);
      HostBuffer target = HostBuffer.allocate(ElementType.FLOAT64, count);
      dict.read(name, target);
      return target.toArray();
    }
  }

  private void assertRefused(String reason, String pickle, Map<String, byte[]> storages)
      throws IOException {
    Path file = file(pickle, storages);
    FormatException refusal =
        assertThrows(FormatException.class, () -> PickledDict.open(file, Optional.empty()).close());
    assertTrue(refusal.getMessage().contains(reason), refusal::getMessage);
    assertEquals(1, refusal.getMessage().lines().count());
  }

  @Test
  void views_ofOneStorage_areFollowed() throws IOException {
    String pickle =
        dict(
            text("turned"), tensor("FloatStorage", 6, 0, tuple(3, 2), tuple(1, 3)),
            text("part"), tensor("FloatStorage", 6, 2, tuple(2), tuple(2)));
    Path file = file(pickle, Map.of("a/data/0", floats(6)));
    assertEquals(List.of(0.0, 3.0, 1.0, 4.0, 2.0, 5.0), boxed(read(file, "turned")));
    assertEquals(List.of(2.0, 4.0), boxed(read(file, "part")));
  }

  private static List<Double> boxed(double... numbers) {
    return java.util.Arrays.stream(numbers).boxed().toList();
  }

  @Test
  void halves_ofBothKinds_areWidened() throws IOException {
    byte[] halves = {0, 0x3C, 0, (byte) 0xC0};
    Path file =
        file(
            dict(text("h"), tensor("HalfStorage", 2, 0, tuple(2), tuple(1))),
            Map.of("a/data/0", halves));
    assertEquals(List.of(1.0, -2.0), boxed(read(file, "h")));
    byte[] brains = {(byte) 0x80, 0x3F, 0, (byte) 0xC0};
    Path other =
        file(
            dict(text("b"), tensor("BFloat16Storage", 2, 0, tuple(2), tuple(1))),
            Map.of("a/data/0", brains));
    assertEquals(List.of(1.0, -2.0), boxed(read(other, "b")));
  }

  @Test
  void tensor_beyondItsStorage_isRefused() throws IOException {
    Map<String, byte[]> storages = Map.of("a/data/0", floats(6));
    assertRefused(
        "does not lie within its storage",
        dict(text("w"), tensor("FloatStorage", 6, 1, tuple(3, 2), tuple(2, 1))),
        storages);
    assertRefused(
        "does not lie within its storage",
        dict(text("w"), tensor("FloatStorage", 6, 0, tuple(200, 200), tuple(0, 0))),
        storages);
    assertRefused(
        "expected 7 numbers of 4 bytes, got 24 bytes",
        dict(text("w"), tensor("FloatStorage", 7, 0, tuple(7), tuple(1))),
        storages);
    assertRefused(
        "\"a/data/0\", found none",
        dict(text("w"), tensor("FloatStorage", 6, 0, tuple(6), tuple(1))),
        Map.of());
  }

  @Test
  void names_thatWouldRun_areRefused() throws IOException {
    for (String name :
        List.of("os\nsystem", "builtins\neval", "torch.nn.modules.rnn\nLSTM", "numpy\narray")) {
      assertRefused(
          "holds \"" + name.replace('\n', '.'), "\u0080\u0002c" + name + "\n)R.", Map.of());
      String[] parts = name.split("\n", -1);
      assertRefused(
          "holds \"" + name.replace('\n', '.'),
          "\u0080\u0004" + text(parts[0]) + text(parts[1]) + "\u0093.",
          Map.of());
    }
    // INST, OBJ, EXT1 and the texts of protocol 0 are no operations here.
    for (String code :
        List.of("ios\nsystem\n", "(ios\nsystem\no", "\u0082\u0001", "I1\n", "S'a'\n")) {
      assertRefused("is none that state dicts need", "\u0080\u0002(" + code + ".", Map.of());
    }
  }

  @Test
  void dict_thatHoldsItself_isReadWithoutEnd() throws IOException {
    assertRefused("no tensors by name", "\u0080\u0002}q\0X\u0001\0\0\0ah\0s.", Map.of());
  }

  @Test
  void file_thatExpands_isRefused() throws IOException {
    assertRefused(
        "expected at most",
        dict(text("w"), tensor("FloatStorage", 6, 0, tuple(6), tuple(1))),
        Map.of("a/data/0", new byte[10_000_000]));
  }

  @Test
  void pickle_ofManyOperationsInFewBytes_isRefused() throws IOException {
    assertRefused("fewer operations", "\u0080\u0002" + "}".repeat(100_000) + ".", Map.of());
  }

  @Test
  void parameters_keptAsWholeNumbers_areRefusedBeforeMemoryIsTaken() throws IOException {
    // 2^30 numbers of which the file has none.
    String huge = "J\0\0\0@";
    String tensor =
        tensor("CharStorage", 1, 0, "(" + "J\0\0\1\0J\0@\0\0t", tuple(1, 0))
            .replace("K\1tQ", huge + "tQ");
    Path file =
        file(
            dict(text("weight_ih_l0"), tensor, text("weight_hh_l0"), tensor),
            Map.of("a/data/0", floats(1)));
    FormatException refusal =
        assertThrows(
            FormatException.class,
            () ->
                new TorchFormat()
                    .read(
                        file,
                        new ImportOptions(Map.of(), Backends.named("scalar", Precision.FLOAT))));
    assertTrue(
        refusal.getMessage().contains("F32 or F64 or F16 or BF16, got I8"), refusal::getMessage);
  }

  @Test
  void programAndOldFile_areRefusedByWhatToDo() throws IOException {
    assertRefused("TorchScript", dict(), Map.of("a/constants.pkl", new byte[1]));
    Path old = folder.resolve("old.pt");
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(new byte[] {(byte) 0x80, 2, (byte) 0x8A, 10});
    Files.write(old, bytes.toByteArray());
    FormatException refusal =
        assertThrows(FormatException.class, () -> PickledDict.open(old, Optional.empty()));
    assertTrue(refusal.getMessage().contains("since PyTorch 1.6"), refusal::getMessage);
  }

  @Test
  void dicts_severalInOneFile_areAskedFor() throws IOException {
    String tensor = tensor("FloatStorage", 6, 0, tuple(6), tuple(1));
    String pickle =
        "\u0080\u0002}("
            + text("model")
            + "}"
            + text("w")
            + tensor
            + "s"
            + text("average")
            + "}"
            + text("v")
            + tensor
            + "s"
            + "u.";
    Map<String, byte[]> storages = Map.of("a/data/0", floats(6));
    assertRefused("--set dict=model or average", pickle, storages);
    try (StateDict dict = PickledDict.open(file(pickle, storages), Optional.of("average"))) {
      assertEquals(List.of("v"), List.copyOf(dict.shapes().keySet()));
    }
  }
}
