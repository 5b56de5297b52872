package dev.unfold.run.journal;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Values by key in a folder of append-only files. What was written is there after the process was killed, whenever
/// that is: a change that [#write] came back from is whole, and one that it did not come back from is whole or absent.
///
/// Changes are appended to the newest file, and a full one is followed by the next. Once more than half of all bytes
/// are outdated, the oldest file's values that are not are appended anew, and it is deleted. (The oldest one alone may
/// forget that a key was removed: no older file can say that it was there.)
///
/// **Durability**: what is written is the operating system's, and survives the process. A power failure can take the
/// newest changes, since the disk is waited for only when a file is full and when the journal is closed.
///
/// **Memory**: some 100 bytes a key, besides the key.
///
/// **Threads**: any number.
public final class Journal implements AutoCloseable {
  /// Bytes of a key at most.
  public static final int LONGEST_KEY = 1024;

  /// Bytes of a value at most.
  public static final int LARGEST_VALUE = 1 << 28;

  private static final long SEGMENT = 64L << 20;
  private static final int BUFFER = 1 << 16;

  private final Path folder;
  private final long segmentBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition grown = lock.newCondition();
  private final Map<String, Place> places = new HashMap<>();
  private final Deque<Segment> segments = new ArrayDeque<>();
  private final Compaction compaction = new Compaction(this);
  private final Thread cleaner;
  private final byte[] buffer = new byte[BUFFER];
  private long live;
  private boolean isClosed;

  /// Where a record is.
  private record Place(Segment segment, long offset, int bytes) {}

  /// What is told of each change while a journal is opened, in the order in which they were written.
  public interface Visitor {
    /// A key has a value, or none any more.
    ///
    /// @param value valid during the call
    void change(String key, Optional<ByteBuffer> value);
  }

  private Journal(Path folder, long segmentBytes) {
    this.folder = folder;
    this.segmentBytes = segmentBytes;
    cleaner = Thread.ofPlatform().daemon().name("unfold-journal").unstarted(compaction);
  }

  /// Opens the journal of a folder, or begins one. Only one process at a time may; who calls this sees to it.
  ///
  /// A torn record at the end of the newest file, left by a killed process, is cut off: nobody was told of it. Behind
  /// such a record there is nothing; where there is, the file was changed by something else, and is refused.
  ///
  /// **Errors**: [JournalException] if files cannot be read or written, or hold what was never written.
  public static Journal open(Path folder, Visitor visitor) {
    return open(folder, visitor, SEGMENT);
  }

  /// The same with files of about this many bytes.
  static Journal open(Path folder, Visitor visitor, long segmentBytes) {
    Journal journal = new Journal(Expect.given("folder", folder), segmentBytes);
    boolean isOpen = false;
    try {
      List<Path> files = SegmentFiles.of(folder);
      for (int i = 0; i < files.size(); i++) {
        journal.recover(files.get(i), i == files.size() - 1, visitor);
      }
      if (journal.segments.isEmpty()) {
        journal.roll();
      }
      journal.cleaner.start();
      isOpen = true;
      return journal;
    } catch (IOException e) {
      throw journal.unreadable(e);
    } finally {
      if (!isOpen) {
        journal.closeFiles();
      }
    }
  }

  private void recover(Path file, boolean isLast, Visitor visitor) throws IOException {
    Segment segment = Segment.open(file, SegmentFiles.number(file));
    segments.addLast(segment);
    long whole =
        segment.visit((offset, body) -> {
          String key = RecordFormat.key(body);
          Optional<ByteBuffer> value = RecordFormat.value(body);
          int bytes = RecordFormat.HEAD + body.remaining();
          replace(key, value.isPresent() ? new Place(segment, offset, bytes) : null);
          visitor.change(key, value);
        });
    if (whole == segment.end()) {
      return;
    }
    boolean isTorn = isLast && (segment.end() < Segment.START || whole >= Segment.START);
    if (!isTorn || segment.hasRecordBehind(whole)) {
      throw new JournalException(
          "%s: expected whole records, got another at byte %d; move the file away to go on without it"
              .formatted(file, whole));
    }
    if (whole < Segment.START) {
      segments.removeLast();
      segment.delete();
    } else {
      segment.cut(whole);
    }
  }

  /// Makes changes, all in one write.
  ///
  /// **Errors**: [JournalException] if they cannot be written: none is made then.
  public void write(List<Change> changes) {
    lock.lock();
    try {
      expectOpen();
      append(changes);
      if (isWasteful()) {
        grown.signal();
      }
    } catch (IOException e) {
      throw new JournalException(folder + ": expected room and leave to write, got " + e, e);
    } finally {
      lock.unlock();
    }
  }

  private void append(List<Change> changes) throws IOException {
    List<byte[]> keys = new ArrayList<>(changes.size());
    long bytes = 0;
    for (Change change : changes) {
      byte[] key = change.key().getBytes(StandardCharsets.UTF_8);
      int value = change.value().map(all -> all.length).orElse(0);
      if (key.length == 0 || key.length > LONGEST_KEY || value > LARGEST_VALUE) {
        throw new Refusal(
            "change",
            "a key of 1 to %d bytes and a value of %d at most"
                .formatted(LONGEST_KEY, LARGEST_VALUE),
            key.length + " and " + value);
      }
      keys.add(key);
      bytes += RecordFormat.bytes(key.length, value);
    }
    byte[] room = room(bytes);
    ByteBuffer all = ByteBuffer.wrap(room);
    for (int i = 0; i < keys.size(); i++) {
      RecordFormat.write(all, keys.get(i), changes.get(i).value());
    }
    // Before anything is written: once it is, nothing may fail.
    if (segments.getLast().end() >= segmentBytes) {
      roll();
    }
    Segment segment = segments.getLast();
    long offset = segment.end();
    segment.append(room, all.position());
    for (int i = 0; i < keys.size(); i++) {
      Change change = changes.get(i);
      int value = change.value().map(own -> own.length).orElse(0);
      int length = (int) RecordFormat.bytes(keys.get(i).length, value);
      replace(change.key(), change.value().isPresent() ? new Place(segment, offset, length) : null);
      offset += length;
    }
  }

  /// Memory for so many bytes: the usual, or for more than that some of its own.
  private byte[] room(long bytes) {
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new Refusal("changes", "2 GiB at most", bytes);
    }
    return bytes <= buffer.length ? buffer : new byte[(int) bytes];
  }

  private void replace(String key, Place place) {
    Place before = place == null ? places.remove(key) : places.put(key, place);
    live += (place == null ? 0 : place.bytes()) - (before == null ? 0 : before.bytes());
  }

  private void roll() throws IOException {
    int number = 1;
    if (!segments.isEmpty()) {
      segments.getLast().force();
      number = segments.getLast().number() + 1;
    }
    segments.addLast(Segment.create(folder, number));
  }

  /// The value of a key.
  ///
  /// **Errors**: [JournalException] if it cannot be read, or is not what was written.
  public Optional<byte[]> read(String key) {
    lock.lock();
    try {
      expectOpen();
      Place place = places.get(key);
      if (place == null) {
        return Optional.empty();
      }
      ByteBuffer record = ByteBuffer.wrap(place.segment().read(place.offset(), place.bytes()));
      ByteBuffer body = record.slice(RecordFormat.HEAD, record.remaining() - RecordFormat.HEAD);
      if (!RecordFormat.isWhole(record.getInt(Integer.BYTES), body)
          || !RecordFormat.key(body).equals(key)) {
        throw new JournalException(
            "%s: expected a whole record at byte %d"
                .formatted(place.segment().path(), place.offset()));
      }
      ByteBuffer value = RecordFormat.value(body).orElseThrow();
      byte[] bytes = new byte[value.remaining()];
      value.get(bytes);
      return Optional.of(bytes);
    } catch (IOException e) {
      throw unreadable(e);
    } finally {
      lock.unlock();
    }
  }

  /// Bytes of all files.
  public long bytes() {
    lock.lock();
    try {
      return total();
    } finally {
      lock.unlock();
    }
  }

  private long total() {
    return segments.stream().mapToLong(Segment::end).sum();
  }

  private boolean isWasteful() {
    return segments.size() > 1 && total() - live > Math.max(live, segmentBytes);
  }

  /// Waits until so many bytes are outdated that a file is to be written anew.
  ///
  /// @return none once the journal is closed
  Optional<Segment> awaitWasteful() throws InterruptedException {
    lock.lock();
    try {
      while (!isClosed && !isWasteful()) {
        grown.await();
      }
      return isClosed ? Optional.empty() : Optional.of(segments.getFirst());
    } finally {
      lock.unlock();
    }
  }

  /// Appends those of the changes anew whose record is still where it was.
  ///
  /// @return false once the journal is closed
  boolean renew(Segment segment, List<Compaction.Old> olds) throws IOException {
    lock.lock();
    try {
      if (isClosed) {
        return false;
      }
      List<Change> changes = new ArrayList<>();
      for (Compaction.Old old : olds) {
        Place place = places.get(old.key());
        if (place != null && place.segment() == segment && place.offset() == old.offset()) {
          changes.add(Change.put(old.key(), old.value()));
        }
      }
      if (!changes.isEmpty()) {
        append(changes);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /// Deletes the oldest file, none of whose values is needed any more: those that were renewed reach the disk before.
  void drop(Segment segment) throws IOException {
    lock.lock();
    try {
      if (!isClosed && segments.getFirst() == segment) {
        segments.getLast().force();
        segments.removeFirst();
        segment.delete();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Whether it has been closed.
  boolean isClosed() {
    lock.lock();
    try {
      return isClosed;
    } finally {
      lock.unlock();
    }
  }

  private void expectOpen() {
    if (isClosed) {
      throw JournalException.ofClosed(folder + ": expected a journal that is open");
    }
  }

  private JournalException unreadable(IOException e) {
    return new JournalException(folder + ": expected files that can be read, got " + e, e);
  }

  /// Writes all to the disk and ends.
  ///
  /// **Errors**: [JournalException] if that fails.
  @Override
  public void close() {
    lock.lock();
    try {
      if (!isClosed) {
        isClosed = true;
        grown.signalAll();
        segments.getLast().force();
      }
    } catch (IOException e) {
      throw unreadable(e);
    } finally {
      closeFiles();
      lock.unlock();
    }
  }

  private void closeFiles() {
    for (Segment segment : segments) {
      try {
        segment.close();
      } catch (IOException e) {
        System.getLogger(Journal.class.getName())
            .log(System.Logger.Level.DEBUG, "a file could not be closed", e);
      }
    }
  }
}
