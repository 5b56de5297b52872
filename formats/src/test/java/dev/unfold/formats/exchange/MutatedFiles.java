package dev.unfold.formats.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import dev.unfold.formats.safetensors.FormatException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Files that were changed are read or refused: nothing else is thrown, and no memory is taken that a file only claims.
public final class MutatedFiles {
  /// What reading a small file takes: a network's objects, and the parser's own buffers.
  private static final long HEAP_BYTES = 16_000_000;

  private static final long DIRECT_BYTES = 1_000_000;
  private static final int PER_BYTE = 64;

  private static final long[] NUMBERS = {
    0,
    1,
    2,
    3,
    8,
    255,
    65535,
    65536,
    50_000_000,
    0x7FFFFFFF,
    0xFFFFFFFFL,
    1L << 32,
    1L << 62,
    -1,
    Long.MIN_VALUE,
    Long.MAX_VALUE
  };

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final BufferPoolMXBean DIRECT =
      ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
          .filter(pool -> pool.getName().equals("direct"))
          .findFirst()
          .orElseThrow();

  private MutatedFiles() {}

  /// A file, and how it is read.
  ///
  /// @param ending of its name
  /// @param isZip whether entries are changed, too
  public record Case(String ending, boolean isZip, byte[] content, Consumer<Path> reading) {}

  /// Reads `mutations` changed files, of each case in turn.
  public static void check(Path folder, int mutations, List<Case> cases) throws IOException {
    long seed = Long.getLong("unfold.seed", 20261201L);
    System.out.printf("%d mutations, seed %d (-Dunfold.seed=%d)%n", mutations, seed, seed);
    int[][] outcomes = new int[cases.size()][2];
    long slowest = 0;
    long slowestSeed = seed;
    for (int i = 0; i < cases.size(); i++) {
      Path file = folder.resolve("valid" + i + cases.get(i).ending());
      cases.get(i).reading().accept(Files.write(file, cases.get(i).content()));
    }
    for (int i = 0; i < mutations; i++) {
      Case valid = cases.get(i % cases.size());
      byte[] mutated = changed(valid, new SplittableRandom(seed + i));
      Path file = Files.write(folder.resolve("mutated" + i + valid.ending()), mutated);
      long begin = THREADS.getCurrentThreadCpuTime();
      boolean isRead = isRead(valid, file, mutated.length, "seed " + (seed + i));
      long time = THREADS.getCurrentThreadCpuTime() - begin;
      if (time > slowest) {
        slowest = time;
        slowestSeed = seed + i;
      }
      outcomes[i % cases.size()][isRead ? 1 : 0]++;
      Files.delete(file);
    }
    for (int i = 0; i < cases.size(); i++) {
      System.out.printf(
          "%d, %s: refused %d, read %d%n",
          i, cases.get(i).ending(), outcomes[i][0], outcomes[i][1]);
      assertTrue(outcomes[i][0] > 0, "none of case %d refused".formatted(i));
    }
    System.out.printf(
        "the slowest took %d ms of its thread, seed %d%n", slowest / 1_000_000, slowestSeed);
  }

  private static boolean isRead(Case valid, Path file, int length, String which) {
    long heap = THREADS.getCurrentThreadAllocatedBytes();
    long direct = DIRECT.getMemoryUsed();
    boolean isRead = true;
    try {
      valid.reading().accept(file);
    } catch (FormatException e) {
      isRead = false;
      assertTrue(e.getMessage().startsWith(file.toString()), which + ": " + e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), which);
    } catch (RuntimeException | Error e) {
      fail(which + valid.ending() + ": expected FormatException, got " + e, e);
    }
    long heapBytes = THREADS.getCurrentThreadAllocatedBytes() - heap;
    long directBytes = DIRECT.getMemoryUsed() - direct;
    assertTrue(
        heapBytes < HEAP_BYTES + (long) PER_BYTE * length,
        which + valid.ending() + ": " + heapBytes + " bytes of heap");
    assertTrue(
        directBytes < DIRECT_BYTES + (long) PER_BYTE * length,
        which + valid.ending() + ": " + directBytes + " bytes");
    return isRead;
  }

  private static byte[] changed(Case valid, SplittableRandom random) throws IOException {
    if (!valid.isZip() || random.nextInt(5) == 0) {
      return changed(valid.content(), random);
    }
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream input = new ZipInputStream(new ByteArrayInputStream(valid.content()))) {
      for (ZipEntry entry = input.getNextEntry(); entry != null; entry = input.getNextEntry()) {
        entries.put(entry.getName(), input.readAllBytes());
      }
    }
    // The larger entries more often: they say more.
    List<String> names = List.copyOf(entries.keySet());
    String one = names.get(random.nextInt(names.size()));
    String other = names.get(random.nextInt(names.size()));
    String name = entries.get(one).length > entries.get(other).length ? one : other;
    entries.put(name, changed(entries.get(name), random));
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream output = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        output.putNextEntry(new ZipEntry(entry.getKey()));
        output.write(entry.getValue());
        output.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  /// One to three changes.
  private static byte[] changed(byte[] original, SplittableRandom random) {
    byte[] bytes = original.clone();
    int changes = 1 + (random.nextBoolean() ? 0 : random.nextInt(3));
    for (int i = 0; i < changes && bytes.length > 0; i++) {
      bytes = change(bytes, random);
    }
    return bytes;
  }

  private static byte[] change(byte[] bytes, SplittableRandom random) {
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(9)) {
      case 0, 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[at] = (byte) random.nextInt(256);
      case 3, 4 -> {
        int width = 1 << random.nextInt(4);
        ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
        number.putLong(NUMBERS[random.nextInt(NUMBERS.length)]);
        System.arraycopy(number.array(), 0, bytes, at, Math.min(width, bytes.length - at));
      }
      case 5 -> {
        return Arrays.copyOf(bytes, at);
      }
      // A piece somewhere else, in place of what is there.
      case 6 -> {
        int from = random.nextInt(bytes.length);
        int count = Math.min(1 + random.nextInt(16), bytes.length - Math.max(from, at));
        System.arraycopy(bytes.clone(), from, bytes, at, count);
      }
      // A piece twice.
      case 7 -> {
        int count = Math.min(1 + random.nextInt(40), bytes.length - at);
        return joined(bytes, at + count, at);
      }
      // A piece left out.
      default -> {
        return joined(bytes, at, Math.min(bytes.length, at + 1 + random.nextInt(8)));
      }
    }
    return bytes;
  }

  private static byte[] joined(byte[] bytes, int until, int from) {
    byte[] joined = Arrays.copyOf(bytes, until + bytes.length - from);
    System.arraycopy(bytes, from, joined, until, bytes.length - from);
    return joined;
  }
}
