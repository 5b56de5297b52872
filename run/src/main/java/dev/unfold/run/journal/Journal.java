package dev.unfold.run.journal;

import dev.unfold.argument.Expect;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Values by key in a folder of append-only files. What was written is there after the process was killed, whenever
/// that is: a change that [#write] came back from is whole, and one that it did not come back from is whole or absent.
///
/// Changes are appended to the newest file, and a full one is followed by the next. Once more than half of all bytes
/// are outdated, the oldest file's values that are not are appended anew, and it is deleted. (The oldest one alone may
/// forget that a key was removed: no older file can say that it was there.)
///
/// **Durability**: what is written is the operating system's, and survives the process. A power failure can take the
/// newest changes: the disk is waited for when the journal is closed, and when a file is full, by a thread of its own
/// while others go on writing to the next one. What is left are all changes up to some time, and none of those behind
/// it: if a full file did not reach the disk, what is in the next one goes with it. There is one such file at most:
/// whoever writes waits if the next is twice as long as it should be, and the one before is not on the disk. If it
/// cannot be brought there, nothing more is written until the journal is opened again.
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

  private final Path folder;
  private final SharedLog log;

  /// What is told of each change while a journal is opened, in the order in which they were written.
  public interface Visitor {
    /// A key has a value, or none any more.
    ///
    /// @param value valid during the call
    void change(String key, Optional<ByteBuffer> value);
  }

  private Journal(Path folder, SharedLog log) {
    this.folder = folder;
    this.log = log;
  }

  /// Opens the journal of a folder, or begins one. Only one process at a time may; who calls this sees to it.
  ///
  /// A torn record at the end of the newest file, left by a killed process, is cut off: nobody was told of it. Behind
  /// such a record there is nothing; where there is, the file was changed by something else, and is refused.
  ///
  /// **Errors**: [JournalException] if files cannot be read or written, or hold what was never written.
  public static Journal open(Path folder, Visitor visitor) {
    return open(folder, visitor, SEGMENT, Segment::force);
  }

  /// The same with files of about this many bytes, and another way to wait for the disk.
  static Journal open(Path folder, Visitor visitor, long segmentBytes, Disk disk) {
    Log log = new Log(Expect.given("folder", folder), segmentBytes);
    try {
      log.open(visitor);
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
    SharedLog shared = new SharedLog(log, disk);
    start("unfold-journal", new Compaction(shared));
    start("unfold-journal-disk", new Sealing(shared, disk));
    return new Journal(folder, shared);
  }

  private static void start(String name, Runnable task) {
    Thread _ = Thread.ofPlatform().daemon().name(name).start(task);
  }

  /// Makes changes, all in one write.
  ///
  /// **Errors**: [JournalException] if they cannot be written: none is made then.
  public void write(List<Change> changes) {
    boolean isOpen;
    try {
      isOpen = log.write(changes);
    } catch (IOException e) {
      throw new JournalException(folder + ": expected room and leave to write, got " + e, e);
    }
    if (!isOpen) {
      throw closed();
    }
  }

  /// The value of a key.
  ///
  /// **Errors**: [JournalException] if it cannot be read, or is not what was written.
  public Optional<byte[]> read(String key) {
    if (log.isClosed()) {
      throw closed();
    }
    try {
      return log.read(key);
    } catch (IOException e) {
      throw log.isClosed() ? closed() : unreadable(folder, e);
    }
  }

  private JournalException closed() {
    return JournalException.ofClosed(folder + ": expected a journal that is open");
  }

  private static JournalException unreadable(Path folder, IOException e) {
    return new JournalException(folder + ": expected files that can be read, got " + e, e);
  }

  /// Bytes of all files.
  public long bytes() {
    return log.bytes();
  }

  /// Writes all to the disk and ends.
  ///
  /// **Errors**: [JournalException] if that fails.
  @Override
  public void close() {
    try {
      log.close();
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
  }
}
