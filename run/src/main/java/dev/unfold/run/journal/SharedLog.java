package dev.unfold.run.journal;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A log that many write to, and that two threads look after: one brings full files to the disk, and one writes the
/// oldest anew. Neither keeps others waiting while it does.
///
/// **Threads**: any number.
final class SharedLog {
  private final Log log;
  private final Disk disk;
  private final ReentrantLock lock = new ReentrantLock();

  /// Something has changed that somebody may wait for.
  private final Condition changed = lock.newCondition();

  /// Why a full file could not be brought to the disk; null if all could.
  private IOException failure;

  private boolean isClosed;

  SharedLog(Log log, Disk disk) {
    this.log = log;
    this.disk = disk;
  }

  /// Makes changes, all in one write.
  ///
  /// @return false if it is closed
  boolean write(List<Change> changes) throws IOException {
    lock.lock();
    try {
      while (!isClosed && failure == null && log.isAhead()) {
        changed.awaitUninterruptibly();
      }
      return append(() -> log.append(changes));
    } finally {
      lock.unlock();
    }
  }

  private interface Appending {
    void run() throws IOException;
  }

  private boolean append(Appending appending) throws IOException {
    if (isClosed) {
      return false;
    }
    expectSound();
    boolean wasSealed = log.segments().isSealed();
    appending.run();
    if (log.isWasteful() || log.segments().isSealed() != wasSealed) {
      changed.signalAll();
    }
    return true;
  }

  private void expectSound() throws IOException {
    if (failure != null) {
      throw new IOException("what was written before did not reach the disk: " + failure, failure);
    }
  }

  /// The value of a key.
  Optional<byte[]> read(String key) throws IOException {
    lock.lock();
    try {
      return log.read(key);
    } finally {
      lock.unlock();
    }
  }

  /// Bytes of all files.
  long bytes() {
    lock.lock();
    try {
      return log.segments().bytes();
    } finally {
      lock.unlock();
    }
  }

  /// Waits until a full file is to be brought to the disk.
  ///
  /// @return none once the journal is closed, or no file can be brought there any more
  Optional<Segment> awaitFull() throws InterruptedException {
    lock.lock();
    try {
      while (!isClosed && failure == null && log.segments().isSealed()) {
        changed.await();
      }
      return isClosed || failure != null ? Optional.empty() : log.segments().unsealed();
    } finally {
      lock.unlock();
    }
  }

  /// The full file is on the disk.
  void sealed() throws IOException {
    lock.lock();
    try {
      if (!isClosed) {
        log.segments().sealed();
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// The full file could not be brought to the disk.
  void failed(IOException problem) {
    lock.lock();
    try {
      if (!isClosed) {
        failure = problem;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /// Waits until so many bytes are outdated that a file is to be written anew.
  ///
  /// @return none once the journal is closed
  Optional<Segment> awaitWasteful() throws InterruptedException {
    lock.lock();
    try {
      while (!isClosed && !log.isWasteful()) {
        changed.await();
      }
      return isClosed ? Optional.empty() : Optional.of(log.segments().oldest());
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
      return append(() -> log.renew(segment, olds));
    } finally {
      lock.unlock();
    }
  }

  /// Deletes the oldest file, none of whose values is needed any more: those that were renewed reach the disk before,
  /// and nobody who writes waits for that.
  void drop(Segment segment) throws IOException {
    Segment newest;
    lock.lock();
    try {
      while (!isClosed && failure == null && !log.segments().isSealed()) {
        changed.awaitUninterruptibly();
      }
      if (isClosed) {
        return;
      }
      expectSound();
      newest = log.segments().newest();
    } finally {
      lock.unlock();
    }
    disk.sync(newest);
    lock.lock();
    try {
      if (!isClosed && log.segments().oldest() == segment) {
        log.segments().deleteOldest();
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

  /// Brings all to the disk and ends.
  void close() throws IOException {
    lock.lock();
    try {
      if (!isClosed) {
        isClosed = true;
        changed.signalAll();
        Optional<Segment> full = log.segments().unsealed();
        if (failure == null && full.isPresent()) {
          disk.sync(full.get());
          log.segments().sealed();
        }
        disk.sync(log.segments().newest());
      }
    } finally {
      log.segments().close();
      lock.unlock();
    }
  }
}
