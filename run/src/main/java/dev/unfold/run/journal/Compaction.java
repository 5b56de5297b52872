package dev.unfold.run.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Writes what is left of a journal's oldest files anew, a little at a time, so that nobody who writes waits for long.
final class Compaction implements Runnable {
  private static final int CHUNK = 1 << 17;

  /// After a failure, such as a disk that is full for a moment.
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final SharedLog log;
  private final List<Old> chunk = new ArrayList<>();
  private int chunkBytes;
  private boolean isOpen = true;

  Compaction(SharedLog log) {
    this.log = log;
  }

  /// A value that was written at a place.
  record Old(String key, long offset, byte[] value) {}

  @Override
  public void run() {
    try {
      Optional<Segment> next = log.awaitWasteful();
      while (next.isPresent() && isOpen) {
        if (!hasRenewed(next.get())) {
          Thread.sleep(PAUSE);
        }
        next = log.awaitWasteful();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Nothing is lost where it fails, but files grow: whoever writes is told once the disk is full.
  private boolean hasRenewed(Segment segment) {
    try {
      renew(segment);
      return true;
    } catch (IOException | RuntimeException e) {
      chunk.clear();
      chunkBytes = 0;
      if (!log.isClosed()) {
        System.getLogger(Journal.class.getName())
            .log(System.Logger.Level.WARNING, "files of sessions cannot be written anew: " + e);
      }
      return false;
    }
  }

  private void renew(Segment segment) throws IOException {
    long whole = segment.visit((offset, body) -> add(segment, offset, body));
    if (whole != segment.end()) {
      // What stands behind it is needed: the file stays.
      throw new IOException(
          "%s: expected whole records, got another at byte %d".formatted(segment.path(), whole));
    }
    flush(segment);
    if (isOpen) {
      log.drop(segment);
    }
  }

  private void add(Segment segment, long offset, ByteBuffer body) throws IOException {
    Optional<ByteBuffer> value = RecordFormat.value(body);
    if (value.isPresent()) {
      byte[] bytes = new byte[value.get().remaining()];
      value.get().get(bytes);
      chunk.add(new Old(RecordFormat.key(body), offset, bytes));
      chunkBytes += bytes.length;
      if (chunkBytes >= CHUNK) {
        flush(segment);
      }
    }
  }

  private void flush(Segment segment) throws IOException {
    isOpen = isOpen && log.renew(segment, chunk);
    chunk.clear();
    chunkBytes = 0;
  }
}
