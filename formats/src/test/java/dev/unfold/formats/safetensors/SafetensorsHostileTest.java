package dev.unfold.formats.safetensors;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files made to do harm are refused, and cost little memory.
class SafetensorsHostileTest {
  /// What the parser's own buffers take, whatever the file says; seen: about 100,000.
  private static final long CONSTANT_BYTES = 1_000_000;

  /// Heap bytes for a byte of the header, at most; seen: about 15, for many tiny tensors.
  private static final long FACTOR = 32;

  private static final int MUTATIONS = 25_000;
  private static final String LONG = "9223372036854775807";

  @TempDir private Path folder;

  @Test
  void open_ofLengthsThatOnlyTheFileClaims_allocatesLittle() throws IOException {
    byte[] json = "{}".getBytes(StandardCharsets.UTF_8);
    for (long claimed :
        new long[] {Long.MAX_VALUE, Long.MIN_VALUE, -1, 1L << 31, 2_000_000_000, 99_999_999}) {
      assertCheap(Crafted.file(claimed, json, new byte[90]));
    }
  }

  @Test
  void open_ofShapesThatOnlyTheFileClaims_allocatesLittle() throws IOException {
    for (String shape :
        List.of(
            "[" + LONG + "]",
            "[4611686018427387904]",
            "[2147483648,2147483648]",
            "[" + LONG + "," + LONG + "]",
            "[0," + LONG + "," + LONG + "]")) {
      for (String end : List.of("8", LONG, "2147483648")) {
        assertCheap(
            Crafted.file(
                "{\"a\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[0,%s]}}"
                    .formatted(shape, end),
                8));
      }
    }
  }

  @Test
  void open_ofDeepOrLongJson_allocatesInProportion() throws IOException {
    int size = 1_000_000;
    assertCheap(Crafted.file("{\"a\":".repeat(size / 5), 0));
    assertCheap(Crafted.file("{\"a\":{\"x\":" + "[".repeat(size), 0));
    assertCheap(Crafted.file("{\"a\":{\"shape\":[" + "0,".repeat(size / 2), 0));
    assertCheap(Crafted.file("{\"a\":{\"shape\":[" + "1".repeat(size), 0));
    assertCheap(Crafted.file("{\"a\":{\"dtype\":\"" + "x".repeat(size) + "\"}}", 0));
    assertCheap(Crafted.file("{\"" + "x".repeat(size) + "\":1}", 0));
    assertCheap(Crafted.file("{" + " ".repeat(size), 0));
    StringBuilder fields = new StringBuilder("{\"a\":{");
    for (int i = 0; i < size / 10; i++) {
      fields.append("\"").append(i).append("\":0,");
    }
    assertCheap(Crafted.file(fields.toString(), 0));
  }

  @Test
  void open_ofManyTinyTensors_allocatesInProportion() throws IOException {
    StringBuilder header = new StringBuilder("{\"__metadata__\":{\"k\":\"\"}");
    for (int i = 0; i < 60_000; i++) {
      header
          .append(",\"")
          .append(i)
          .append("\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]}");
    }
    byte[] content = Crafted.file(header.append('}').toString(), 0);
    Path file = Crafted.write(folder, content);
    long bytes = allocated(() -> SafetensorsReader.open(file).close());
    System.out.printf(
        "60,000 tensors: %,d bytes of header, %,d allocated%n", content.length, bytes);
    assertTrue(bytes < FACTOR * content.length, () -> bytes + " bytes");
  }

  @Test
  void open_ofNamesWithTheSameHash_isNotSlow() throws IOException {
    // "Aa" and "BB" have the same hash, and so have all names made of them.
    StringBuilder header = new StringBuilder("{\"__metadata__\":{\"k\":\"\"");
    for (int i = 0; i < 1 << 15; i++) {
      header.append(",\"");
      for (int bit = 0; bit < 15; bit++) {
        header.append((i >> bit & 1) == 0 ? "Aa" : "BB");
      }
      header.append("\":\"\"");
    }
    Path file = Crafted.write(folder, Crafted.file(header.append("}}").toString(), 0));
    long start = System.nanoTime();
    SafetensorsReader.open(file).close();
    long seconds = (System.nanoTime() - start) / 1_000_000_000;
    // Comparing each with each would take minutes.
    assertTrue(seconds < 20, () -> seconds + " s");
  }

  @Test
  void open_ofMutatedFiles_readsOrRefuses() throws IOException {
    long seed = Long.getLong("unfold.seed", 20260104L);
    System.out.printf(
        "open_ofMutatedFiles_readsOrRefuses: %d mutations, seed %d (-Dunfold.seed=%d)%n",
        MUTATIONS, seed, seed);
    byte[] valid = valid();
    int refused = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] mutated = mutate(valid, new Random(seed + i));
      // A new file each time: to write over one makes some file systems wait for the disk.
      Path file = Files.write(folder.resolve(i + ".safetensors"), mutated);
      try {
        readAll(file);
      } catch (FormatException e) {
        refused++;
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
        assertFalse(e.getMessage().contains("\n"), e.getMessage());
      } catch (RuntimeException e) {
        fail("seed " + (seed + i) + ": expected FormatException, got " + e, e);
      }
      Files.delete(file);
    }
    System.out.printf("refused %d, read %d%n", refused, MUTATIONS - refused);
    // Neither side may be empty: flips within the data are harmless, most others are not.
    assertTrue(refused > MUTATIONS / 4 && refused < MUTATIONS * 19 / 20, "refused " + refused);
  }

  private byte[] valid() throws IOException {
    Path file = folder.resolve("valid.safetensors");
    SafetensorsWriter.write(
        file,
        Map.of("format", "test", "vocabulary", "[\"a\",\"\u00e9\"]"),
        List.of(
            new Tensor(
                "weight_ih_l0", List.of(4L, 3L), HostBuffer.allocate(ElementType.FLOAT32, 12), 0),
            new Tensor("bias_l0", List.of(4L), HostBuffer.allocate(ElementType.FLOAT64, 4), 0),
            new Tensor("empty", List.of(0L, 7L), HostBuffer.allocate(ElementType.FLOAT32, 0), 0)));
    return Files.readAllBytes(file);
  }

  /// A file with one to three changes.
  private static byte[] mutate(byte[] valid, Random random) {
    byte[] file = valid.clone();
    for (int changes = 1 + random.nextInt(3); changes > 0 && file.length > 8; changes--) {
      file =
          switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(file, random.nextInt(file.length));
            case 1 -> Arrays.copyOf(file, file.length + random.nextInt(20));
            case 2 -> length(file, random);
            case 3, 4 -> digit(file, random);
            case 5 -> moved(file, random);
            case 6 -> flipped(file, random.nextInt(file.length), random);
            default -> flipped(file, valid.length - 1 - random.nextInt(80), random);
          };
    }
    return file;
  }

  private static byte[] flipped(byte[] file, int place, Random random) {
    if (place < file.length) {
      file[place] ^= (byte) (1 << random.nextInt(8));
    }
    return file;
  }

  private static byte[] length(byte[] file, Random random) {
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long near = bytes.getLong(0) + random.nextInt(-4, 5);
    bytes.putLong(0, random.nextBoolean() ? near : random.nextLong() >> random.nextInt(64));
    return file;
  }

  /// Another digit, sign or bracket in the place of a digit of the header.
  private static byte[] digit(byte[] file, Random random) {
    for (int tries = 0; tries < 200; tries++) {
      int place = 8 + random.nextInt(file.length - 8);
      if (file[place] >= '0' && file[place] <= '9') {
        file[place] = (byte) "0123456789-.e[],{}\"".charAt(random.nextInt(19));
        return file;
      }
    }
    return file;
  }

  /// A few bytes copied to another place.
  private static byte[] moved(byte[] file, Random random) {
    int count = Math.min(file.length, 1 + random.nextInt(40));
    System.arraycopy(
        file,
        random.nextInt(file.length - count + 1),
        file,
        random.nextInt(file.length - count + 1),
        count);
    return file;
  }

  private static void readAll(Path file) {
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      for (TensorInfo tensor : reader.tensors().values()) {
        Dtype dtype = Dtype.named(tensor.dtype());
        if (dtype != null && dtype.isReadable()) {
          reader.read(tensor.name(), HostBuffer.allocate(ElementType.FLOAT32, tensor.count()), 0);
        }
      }
    }
  }

  /// Refused, with memory in proportion to the file.
  private void assertCheap(byte[] content) throws IOException {
    Path file = Crafted.write(folder, content);
    long bytes =
        allocated(() -> assertThrows(FormatException.class, () -> SafetensorsReader.open(file)));
    long most = CONSTANT_BYTES + FACTOR * content.length;
    assertTrue(bytes < most, () -> bytes + " bytes for a file of " + content.length);
  }

  /// Heap bytes that this thread allocates meanwhile.
  private static long allocated(Runnable action) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    // Once before, for what classes allocate when they are first used.
    action.run();
    long before = threads.getCurrentThreadAllocatedBytes();
    action.run();
    long bytes = threads.getCurrentThreadAllocatedBytes() - before;
    assertTrue(bytes > 0, "allocated bytes are not measured");
    return bytes;
  }
}
