package dev.unfold.formats.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.Crafted;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that claim what they do not hold, and things that are no such files: each reader refuses them in one line, and
/// takes no memory for them.
final class FileRefusalTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);
  private static final NetworkSpec SPEC = NetworkSpec.tokens(Cells.lstm(), 2, 3, 4);

  /// A network of this size has some hundreds of kilobytes of objects.
  private static final long HEAP_BYTES = 4_000_000;

  @TempDir private Path folder;

  @Test
  void state_ofSequencesThatOnlyTheHeaderClaims_isRefused() throws IOException {
    for (String dtype : List.of("X9", "F4", "U8", "F32")) {
      for (String batch : List.of("50000000", "2147483647", "2147483648", "9223372036854775807")) {
        Path file = Crafted.write(folder, Crafted.file(state(dtype, batch, 0), 0));
        assertRefused("tensor \"h_l0\": expected", file, FileRefusalTest::loadState);
      }
    }
    // As many bytes as bits are claimed, so that the layout is right.
    Path file = Crafted.write(folder, Crafted.file(state("X9", "1000000", 500_000), 1_000_000));
    assertRefused("expected F32, F64, F16 or BF16, got X9", file, FileRefusalTest::loadState);
  }

  @Test
  void state_ofMoreNumbersThanAnArrayHas_isRefused() throws IOException {
    // The file is as long as it says, but takes no room on the disk.
    long batch = Integer.MAX_VALUE;
    long bytes = 8 * batch;
    Path file = Crafted.write(folder, Crafted.file(state("BF16", Long.toString(batch), bytes), 0));
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(sparse.length() + 2 * bytes);
    }
    assertRefused(
        "tensor \"h_l0\": expected at most 2147483639 numbers, got [2147483647, 4]",
        file,
        FileRefusalTest::loadState);
  }

  private static String state(String dtype, String batch, long bytes) {
    return """
    {"__metadata__":{"format":"unfold-state","format_version":"1","cell":"lstm"},
    "h_l0":{"dtype":"%1$s","shape":[%2$s,4],"data_offsets":[0,%3$d]},
    "c_l0":{"dtype":"%1$s","shape":[%2$s,4],"data_offsets":[%3$d,%4$d]}}\
    """
        .formatted(dtype, batch, bytes, 2 * bytes);
  }

  @Test
  void model_ofNumbersThatOnlyTheHeaderClaims_isRefused() throws IOException {
    Path file = folder.resolve("model");
    ModelFile.save(file, model());
    byte[] content = Files.readAllBytes(file);
    int length = (int) ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    String header = new String(content, 8, length, StandardCharsets.UTF_8);
    String hollow = header.replaceAll("\"data_offsets\":\\[[0-9,]*]", "\"data_offsets\":[0,0]");
    for (String dtype : List.of("X9", "F4", "F32")) {
      // H = 4: gates [16, H].
      String claims =
          hollow
              .replace("F32", dtype)
              .replace("\"hidden\":\"4\"", "\"hidden\":\"5000\"")
              .replace("[16", "[20000")
              .replace(",4]", ",5000]");
      assertFalse(claims.equals(header));
      assertRefused(
          "bytes", Crafted.write(folder, Crafted.file(claims, 0)), FileRefusalTest::loadModel);
    }
    String real = header.replace("F32", "X9");
    byte[] data = Arrays.copyOfRange(content, 8 + length, content.length);
    byte[] json = real.getBytes(StandardCharsets.UTF_8);
    assertRefused(
        "expected F32, F64, F16 or BF16, got X9",
        Crafted.write(folder, Crafted.file(json.length, json, data)),
        FileRefusalTest::loadModel);
  }

  @Test
  void load_ofWhatIsNoSuchFile_saysWhatItIs() throws IOException {
    Path cut = folder.resolve("cut");
    ModelFile.save(cut, model());
    byte[] whole = Files.readAllBytes(cut);
    Files.write(cut, Arrays.copyOf(whole, whole.length - 1));
    Path empty = Files.createFile(folder.resolve("empty"));
    Path text = Files.writeString(folder.resolve("text"), "To be, or not to be: that is it.");
    Path odd = Files.writeString(folder.resolve("odd\nname\u202e"), "");
    for (Consumer<Path> reader :
        List.<Consumer<Path>>of(
            FileRefusalTest::loadModel,
            FileRefusalTest::loadState,
            path -> CheckpointFile.load(path, model()))) {
      assertRefused("expected a file, found none", folder.resolve("none"), reader);
      assertRefused("expected a file, got a folder", folder, reader);
      assertRefused("expected at least 8 bytes for the header's length, got 0", empty, reader);
      assertRefused("of data", cut, reader);
      assertRefused("not a safetensors file, or cut", text, reader);
      FormatException e = assertThrows(FormatException.class, () -> reader.accept(odd));
      assertTrue(e.getMessage().contains("odd?name?: expected at least 8 bytes"), e.getMessage());
      assertEquals(1, e.getMessage().lines().count());
    }
  }

  @Test
  void read_ofAFileThatShrinks_saysSo() throws IOException {
    Path file = folder.resolve("shrinks");
    ModelFile.save(file, model());
    try (SafetensorsReader reader = SafetensorsReader.open(file);
        RandomAccessFile shrinking = new RandomAccessFile(file.toFile(), "rw")) {
      shrinking.setLength(shrinking.length() - 8);
      String last = List.copyOf(reader.tensors().keySet()).getLast();
      FormatException e =
          assertThrows(
              FormatException.class,
              () -> reader.read(last, HostBuffer.allocate(ElementType.FLOAT32, 100), 0));
      assertTrue(e.getMessage().contains("while it was read"), e.getMessage());
      assertEquals(1, e.getMessage().lines().count());
    }
  }

  @Test
  void buffers_inTheHeap_areWrittenAndRead() {
    for (Precision precision : Precision.values()) {
      Path file = folder.resolve("heap" + precision);
      HostBuffer numbers = HostBuffer.onHeap(precision.type(), 40_000);
      for (int i = 0; i < numbers.length(); i++) {
        numbers.set(i, i * 0.1);
      }
      SafetensorsWriter.write(
          file, Map.of(), List.of(new Tensor("a", List.of(39_999L), numbers, 1)));
      try (SafetensorsReader reader = SafetensorsReader.open(file)) {
        HostBuffer read = HostBuffer.onHeap(precision.type(), 40_000);
        read.set(0, numbers.get(0));
        reader.readFinite("a", read, 1);
        assertArrayEquals(numbers.toArray(), read.toArray());
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> reader.read("a", HostBuffer.onHeap(precision.type(), 40_000), 2));
      }
    }
  }

  private static void loadModel(Path file) {
    ModelFile.load(file, KERNELS);
  }

  private static void loadState(Path file) {
    StateFile.load(file, SPEC, Precision.FLOAT);
  }

  private static Model model() {
    return LanguageModel.of(Network.create(SPEC, KERNELS, 1), "CHAR", List.of("a", "\uFFFD"));
  }

  private static void assertRefused(String reason, Path file, Consumer<Path> reader) {
    // The first call loads classes.
    assertThrows(FormatException.class, () -> reader.accept(file));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    FormatException e = assertThrows(FormatException.class, () -> reader.accept(file));
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(reason), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
    assertTrue(bytes < HEAP_BYTES, () -> bytes + " bytes: " + e.getMessage());
  }
}
