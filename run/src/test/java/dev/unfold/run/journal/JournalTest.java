package dev.unfold.run.journal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class JournalTest {
  private static final long SEED = 20261130L;
  private static final long SMALL = 2000;

  @TempDir private Path folder;

  private static Optional<byte[]> copy(Optional<ByteBuffer> value) {
    return value.map(all -> {
      byte[] bytes = new byte[all.remaining()];
      all.get(bytes);
      return bytes;
    });
  }

  /// What a folder holds, told as it is opened.
  private Map<String, byte[]> contents(long segmentBytes) {
    return contents(folder, segmentBytes);
  }

  private static Map<String, byte[]> contents(Path folder, long segmentBytes) {
    Map<String, byte[]> all = new TreeMap<>();
    Journal.Visitor visitor =
        (key, value) ->
            copy(value).ifPresentOrElse(bytes -> all.put(key, bytes), () -> all.remove(key));
    Journal journal = Journal.open(folder, visitor, segmentBytes, Segment::force);
    try (journal) {
      all.forEach((key, value) -> assertArrayEquals(value, journal.read(key).orElseThrow(), key));
    }
    return all;
  }

  private Journal open(long segmentBytes) {
    return Journal.open(folder, (_, _) -> {}, segmentBytes, Segment::force);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.sorted().toList();
    }
  }

  private static void assertSame(Map<String, byte[]> expected, Map<String, byte[]> got) {
    assertEquals(expected.keySet(), got.keySet());
    expected.forEach((key, value) -> assertArrayEquals(value, got.get(key), key));
  }

  @Test
  void values_ofManyChanges_areTheLastOnesNowAndWhenOpenedAgain() {
    Random random = new Random(SEED);
    Map<String, byte[]> expected = new TreeMap<>();
    try (Journal journal = open(SMALL)) {
      for (int i = 0; i < 3000; i++) {
        String key = "k" + random.nextInt(40);
        if (random.nextInt(4) == 0) {
          journal.write(List.of(Change.remove(key)));
          expected.remove(key);
        } else {
          byte[] value = new byte[random.nextInt(120)];
          random.nextBytes(value);
          journal.write(List.of(Change.put(key, value), Change.put("other", (byte) i)));
          expected.put(key, value);
          expected.put("other", new byte[] {(byte) i});
        }
      }
      expected.forEach((key, value) ->
          assertArrayEquals(value, journal.read(key).orElseThrow(), "seed " + SEED + " " + key));
      assertEquals(Optional.empty(), journal.read("none"));
    }

    assertSame(expected, contents(SMALL));
    assertSame(expected, contents(SMALL));
  }

  /// Without it 3,000 values of 100 bytes would be there.
  @Test
  void files_ofValuesThatAreOutdated_areWrittenAnew() throws Exception {
    try (Journal journal = open(SMALL)) {
      journal.write(List.of(Change.put("still", (byte) 7), Change.put("gone", (byte) 8)));
      journal.write(List.of(Change.remove("gone")));
      for (int i = 0; i < 3000; i++) {
        journal.write(List.of(Change.put("hot" + i % 3, new byte[100])));
      }
      for (int i = 0; i < 500 && journal.bytes() > 8 * SMALL; i++) {
        Thread.sleep(10);
      }
      assertTrue(journal.bytes() <= 8 * SMALL, () -> journal.bytes() + " bytes");
      assertArrayEquals(new byte[] {7}, journal.read("still").orElseThrow());
    }
    assertFalse(Files.exists(folder.resolve(SegmentFiles.name(1))));
    Map<String, byte[]> all = contents(SMALL);
    assertEquals(List.of("hot0", "hot1", "hot2", "still"), List.copyOf(all.keySet()));
  }

  /// What stands behind the damage is still needed.
  @Test
  void file_thatIsDamagedWhileItIsWrittenAnew_stays() throws Exception {
    Path first = folder.resolve(SegmentFiles.name(1));
    try (Journal journal = open(SMALL)) {
      journal.write(List.of(Change.put("first", new byte[50])));
      journal.write(List.of(Change.put("still", (byte) 7)));
      byte[] bytes = Files.readAllBytes(first);
      bytes[Segment.START + RecordFormat.HEAD + 20] ^= 0x40;
      Files.write(first, bytes);
      for (int i = 0; i < 600; i++) {
        journal.write(List.of(Change.put("hot", new byte[100])));
      }
      // As long as it takes otherwise, and more.
      for (int i = 0; i < 50 && Files.exists(first); i++) {
        Thread.sleep(10);
      }
      assertTrue(Files.exists(first));
      assertArrayEquals(new byte[] {7}, journal.read("still").orElseThrow());
    }
  }

  /// Wherever a process is killed: what [Journal#write] came back from is there, and nothing else.
  @Test
  void file_cutAnywhereInItsLastRecord_holdsAllThatWasWrittenBefore() throws Exception {
    Path file = folder.resolve(SegmentFiles.name(1));
    try (Journal journal = open(1 << 20)) {
      journal.write(List.of(Change.put("a", (byte) 1), Change.put("b", (byte) 2)));
    }
    byte[] before = Files.readAllBytes(file);
    byte[] after;
    try (Journal journal = open(1 << 20)) {
      journal.write(List.of(Change.put("a", (byte) 3), Change.remove("b")));
      after = Files.readAllBytes(file);
    }
    int first = (int) (before.length + RecordFormat.bytes(1, 1));
    for (int length = before.length; length < after.length; length++) {
      for (Path each : files()) {
        Files.delete(each);
      }
      Files.write(file, Arrays.copyOf(after, length));

      Map<String, byte[]> all = contents(1 << 20);

      assertEquals(List.of("a", "b"), List.copyOf(all.keySet()), "cut at " + length);
      assertEquals(length < first ? 1 : 3, all.get("a")[0], "cut at " + length);
      assertSame(all, contents(1 << 20));
    }
  }

  /// A killed process leaves no such file: this is another's doing, and values would be lost without a word.
  @Test
  void file_withABitThatIsAnother_isRefusedByNameAndPlace() throws Exception {
    try (Journal journal = open(SMALL)) {
      for (int i = 0; i < 60; i++) {
        journal.write(List.of(Change.put("k" + i, new byte[50])));
      }
    }
    Path first = files().getFirst();
    byte[] bytes = Files.readAllBytes(first);
    int second = (int) (Segment.START + RecordFormat.bytes(2, 50));
    for (int place : new int[] {second, second + 5, second + 9, second + 30}) {
      byte[] changed = bytes.clone();
      changed[place] ^= 0x40;
      Files.write(first, changed);

      JournalException problem = assertThrows(JournalException.class, () -> contents(SMALL));

      assertEquals(
          "%s: expected whole records, got another at byte %d; move the file away to go on without it"
              .formatted(first, second),
          problem.getMessage());
    }
    Files.write(first, bytes);
    assertEquals(60, contents(SMALL).size());
  }

  /// It is no torn end: what stands behind it was told to somebody.
  @Test
  void newestFile_withABitThatIsAnother_isRefusedToo() throws Exception {
    try (Journal journal = open(1 << 20)) {
      for (int i = 0; i < 60; i++) {
        journal.write(List.of(Change.put("k" + i, new byte[50])));
      }
    }
    Path file = files().getLast();
    byte[] bytes = Files.readAllBytes(file);
    for (int place : new int[] {2, Segment.START, Segment.START + 6, bytes.length / 2}) {
      byte[] changed = bytes.clone();
      changed[place] ^= 0x40;
      Files.write(file, changed);

      assertThrows(JournalException.class, () -> contents(1 << 20), "byte " + place);
      assertArrayEquals(changed, Files.readAllBytes(file), "byte " + place);
    }
    Files.write(file, bytes);
    assertEquals(60, contents(1 << 20).size());
  }

  /// A write that fails is none: neither now nor when the journal is opened again.
  @Test
  void file_thatIsFullAndHasNoRoomForTheNext_takesNothingMore() throws Exception {
    Path next = folder.resolve(SegmentFiles.name(2));
    try (Journal journal = open(SMALL)) {
      Files.createDirectory(next);
      int written = 0;
      JournalException problem = null;
      while (problem == null && written < 1000) {
        try {
          journal.write(List.of(Change.put("k", new byte[] {(byte) written, 1})));
          written++;
        } catch (JournalException e) {
          problem = e;
        }
      }
      assertTrue(written > 10 && written < 1000, written + " written");
      assertEquals((byte) (written - 1), journal.read("k").orElseThrow()[0]);
      Files.delete(next);
      journal.write(List.of(Change.put("k", (byte) 77)));
    }
    assertEquals(77, contents(SMALL).get("k")[0]);
  }

  @Test
  void journal_openedAgain_goesOnInTheSameFile() throws Exception {
    for (int i = 0; i < 5; i++) {
      try (Journal journal = open(1 << 20)) {
        journal.write(List.of(Change.put("k" + i, (byte) i)));
      }
    }
    assertEquals(1, files().size());
    assertEquals(5, contents(1 << 20).size());
  }

  @Test
  void change_thatCannotBeWritten_leavesAllAsItWas() {
    try (Journal journal = open(SMALL)) {
      journal.write(List.of(Change.put("a", (byte) 1)));

      assertThrows(
          Refusal.class,
          () ->
              journal.write(
                  List.of(
                      Change.put("a", (byte) 2),
                      Change.put("x".repeat(Journal.LONGEST_KEY + 1), (byte) 2))));
      assertThrows(Refusal.class, () -> journal.write(List.of(Change.remove(""))));

      assertArrayEquals(new byte[] {1}, journal.read("a").orElseThrow());
    }
    assertEquals(1, contents(SMALL).get("a")[0]);
  }

  @Test
  void journal_thatWasClosed_refusesInsteadOfLosing() {
    Journal journal = open(SMALL);
    journal.close();
    journal.close();

    assertThrows(JournalException.class, () -> journal.write(List.of(Change.put("a", (byte) 1))));
    assertThrows(JournalException.class, () -> journal.read("a"));
  }

  @Test
  void threads_atOnce_eachFindTheirOwnValues() throws Exception {
    try (Journal journal = open(SMALL)) {
      List<Thread> threads =
          Stream.of("a", "b", "c")
              .map(name ->
                  Thread.ofVirtual()
                      .start(() -> {
                        for (int i = 0; i < 1000; i++) {
                          journal.write(
                              List.of(
                                  Change.put(name, (name + i).getBytes(StandardCharsets.UTF_8))));
                          // Not lost by an interrupt, as a channel would be.
                          Thread.currentThread().interrupt();
                          String got =
                              new String(journal.read(name).orElseThrow(), StandardCharsets.UTF_8);
                          if (!got.equals(name + i)) {
                            throw new AssertionError(got);
                          }
                        }
                      }))
              .toList();
      for (Thread thread : threads) {
        thread.join();
      }
      for (String name : List.of("a", "b", "c")) {
        assertEquals(
            name + 999, new String(journal.read(name).orElseThrow(), StandardCharsets.UTF_8));
      }
    }
  }

  private List<String> names() throws IOException {
    return files().stream().map(file -> file.getFileName().toString()).toList();
  }

  private Path copy(Path to) throws IOException {
    Files.createDirectory(to);
    for (Path file : files()) {
      Files.copy(file, to.resolve(file.getFileName()));
    }
    return to;
  }

  /// A disk on which nothing is until it is let go.
  private static Disk gate(CountDownLatch go) {
    return segment -> {
      try {
        go.await();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
      segment.force();
    };
  }

  /// Of 116 bytes each: 18 fill a file.
  private static void put(Journal journal, int from, int to) {
    for (int i = from; i < to; i++) {
      journal.write(List.of(Change.put("k%02d".formatted(i), new byte[100])));
    }
  }

  private static Set<String> keys(int count) {
    return IntStream.range(0, count)
        .mapToObj("k%02d"::formatted)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  @Timeout(30)
  void write_whileAFullFileIsOnItsWayToTheDisk_doesNotWait(@TempDir Path copies) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Journal journal = Journal.open(folder, (_, _) -> {}, SMALL, gate(go))) {
      put(journal, 0, 30);
      assertEquals(List.of("00000001.segment", "00000002.after-2060", "00000002.segment"), names());
      assertArrayEquals(new byte[100], journal.read("k03").orElseThrow());

      Path killed = copy(copies.resolve("killed"));
      assertEquals(keys(30), contents(killed, SMALL).keySet());
      assertFalse(Files.exists(killed.resolve("00000002.after-2060")), "it is on the disk now");

      go.countDown();
      while (names().size() > 2) {
        Thread.sleep(1);
      }
    }
    assertEquals(keys(30), contents(SMALL).keySet());
  }

  /// What is left is what was written up to some time: nothing of the next file without what the full one has lost.
  @Test
  @Timeout(30)
  void files_afterAPowerFailureThatTookTheEndOfAFullOne_haveNothingThatCameBehindIt(
      @TempDir Path copies) throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Journal journal = Journal.open(folder, (_, _) -> {}, SMALL, gate(go))) {
      put(journal, 0, 30);
      // In a record, at the end of one, and all of it.
      for (int length : new int[] {2060 - 150, 2060 - 114, 8, 0}) {
        Path failed = copy(copies.resolve("failed" + length));
        try (FileChannel full =
            FileChannel.open(failed.resolve("00000001.segment"), StandardOpenOption.WRITE)) {
          full.truncate(length);
        }
        int left = Math.max(0, (length - 8) / 114);
        assertEquals(keys(left), contents(failed, SMALL).keySet(), "length " + length);
        try (Journal again = Journal.open(failed, (_, _) -> {}, SMALL, Segment::force)) {
          put(again, left, left + 20);
        }
        assertEquals(keys(left + 20), contents(failed, SMALL).keySet(), "length " + length);
      }
      go.countDown();
    }
  }

  /// A process may be killed after it has made a file, and before it has written to it.
  @Test
  void file_newestAndEmpty_isMadeAnew() throws IOException {
    try (Journal journal = open(SMALL)) {
      put(journal, 0, 10);
    }
    Files.createFile(folder.resolve(SegmentFiles.name(2)));
    Files.createFile(folder.resolve("00000002.after-1148"));
    for (int i = 10; i < 12; i++) {
      try (Journal journal = open(SMALL)) {
        put(journal, i, i + 1);
      }
    }
    assertEquals(keys(12), contents(SMALL).keySet());
    assertEquals(List.of("00000001.segment"), names());
  }

  /// Without the note a full file was on the disk, and who changed it was somebody else.
  @Test
  void file_beforeTheNewest_thatIsTornThoughItWasOnTheDisk_isRefused() throws IOException {
    try (Journal journal = open(SMALL)) {
      put(journal, 0, 30);
    }
    assertEquals(List.of("00000001.segment", "00000002.segment"), names());
    try (FileChannel full =
        FileChannel.open(folder.resolve("00000001.segment"), StandardOpenOption.WRITE)) {
      full.truncate(2060 - 150);
    }
    assertThrows(JournalException.class, () -> contents(SMALL));
  }

  @Test
  @Timeout(30)
  void writers_farAheadOfTheDisk_wait() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Journal journal = Journal.open(folder, (_, _) -> {}, SMALL, gate(go));
        ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<?> ahead = threads.submit(() -> put(journal, 0, 90));
      assertThrows(TimeoutException.class, () -> ahead.get(200, TimeUnit.MILLISECONDS));
      assertTrue(journal.bytes() < 4 * SMALL, () -> journal.bytes() + " bytes");
      go.countDown();
      ahead.get();
    }
    assertEquals(keys(90), contents(SMALL).keySet());
  }

  @Test
  @Timeout(30)
  void file_thatIsOutdated_isThereUntilWhatWasRenewedIsOnTheDisk() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Path first = folder.resolve(SegmentFiles.name(1));
    try (Journal journal = Journal.open(folder, (_, _) -> {}, SMALL, gate(go))) {
      journal.write(List.of(Change.put("still", (byte) 7)));
      for (int i = 0; i < 30; i++) {
        journal.write(List.of(Change.put("hot", new byte[100])));
      }
      Thread.sleep(100);
      assertTrue(Files.exists(first));
      go.countDown();
      while (Files.exists(first)) {
        Thread.sleep(1);
      }
      assertArrayEquals(new byte[] {7}, journal.read("still").orElseThrow());
    }
    assertEquals(Set.of("hot", "still"), contents(SMALL).keySet());
  }

  @Test
  @Timeout(30)
  void disk_thatFails_isToldToWhoeverWritesNext() throws Exception {
    Journal journal =
        Journal.open(
            folder,
            (_, _) -> {},
            SMALL,
            _ -> {
              throw new IOException("of a test");
            });
    put(journal, 0, 18);
    JournalException failure =
        assertThrows(
            JournalException.class,
            () -> {
              while (true) {
                journal.write(List.of(Change.put("k17", new byte[100])));
              }
            });
    assertTrue(failure.getMessage().contains("did not reach the disk"), failure::getMessage);
    assertArrayEquals(new byte[100], journal.read("k17").orElseThrow());
    assertThrows(JournalException.class, journal::close);
    assertEquals(keys(18), contents(SMALL).keySet());
  }
}
