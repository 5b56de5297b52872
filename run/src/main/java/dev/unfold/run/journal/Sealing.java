package dev.unfold.run.journal;

import java.io.IOException;
import java.util.Optional;

/// Brings full files of a journal to the disk, so that nobody who writes waits for that.
final class Sealing implements Runnable {
  private final SharedLog log;
  private final Disk disk;

  Sealing(SharedLog log, Disk disk) {
    this.log = log;
    this.disk = disk;
  }

  @Override
  public void run() {
    try {
      Optional<Segment> next = log.awaitFull();
      while (next.isPresent()) {
        seal(next.get());
        next = log.awaitFull();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void seal(Segment segment) {
    try {
      disk.sync(segment);
      log.sealed();
    } catch (IOException e) {
      log.failed(e);
    } catch (RuntimeException | Error e) {
      // Writers wait for this thread: it must not end without a word.
      log.failed(new IOException(e));
    }
  }
}
