package dev.unfold.run.journal;

import dev.unfold.run.journal.Places.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The records of a journal, and where the newest of each key is.
///
/// **Threads**: one at a time.
final class Log {
  /// How long the newest file may become while the one before it is not on the disk, in files.
  private static final int MOST_WAITING = 2;

  private final Path folder;
  private final long segmentBytes;
  private final Places places = new Places();
  private final Segments segments;
  private final Encoder encoder = new Encoder();

  /// @param segmentBytes after which a file is full
  Log(Path folder, long segmentBytes) {
    this.folder = folder;
    this.segmentBytes = segmentBytes;
    segments = new Segments(folder);
  }

  /// Reads what is there, or begins anew.
  void open(Journal.Visitor visitor) throws IOException {
    Recovery recovery = new Recovery(folder, places, visitor);
    boolean isOpen = false;
    try {
      recovery.run();
      segments.addAll(recovery.segments());
      isOpen = true;
    } finally {
      if (!isOpen) {
        recovery.segments().forEach(Segment::closeQuietly);
      }
    }
  }

  /// The files.
  Segments segments() {
    return segments;
  }

  /// Appends changes in one write, or none.
  void append(List<Change> changes) throws IOException {
    Encoder.Records records = encoder.of(changes);
    // Before anything is written: once it is, nothing may fail.
    if (segments.newest().end() >= segmentBytes && segments.isSealed()) {
      segments.follow();
    }
    Segment segment = segments.newest();
    long offset = segment.end();
    segment.append(records.bytes(), records.count());
    for (int i = 0; i < changes.size(); i++) {
      String key = changes.get(i).key();
      int length = records.lengths().get(i);
      if (changes.get(i).value().isPresent()) {
        places.set(key, new Place(segment, offset, length));
      } else {
        places.remove(key);
      }
      offset += length;
    }
  }

  /// The value of a key.
  ///
  /// **Errors**: [JournalException] if it is not what was written.
  Optional<byte[]> read(String key) throws IOException {
    Optional<Place> found = places.of(key);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Place place = found.get();
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
  }

  /// Appends those of the values anew whose record is still where it was.
  void renew(Segment segment, List<Compaction.Old> olds) throws IOException {
    List<Change> changes =
        olds.stream()
            .filter(old ->
                places
                    .of(old.key())
                    .filter(place -> place.segment() == segment && place.offset() == old.offset())
                    .isPresent())
            .map(old -> Change.put(old.key(), old.value()))
            .toList();
    if (!changes.isEmpty()) {
      append(changes);
    }
  }

  /// Whether so many bytes are outdated that the oldest file is to be written anew.
  boolean isWasteful() {
    long live = places.live();
    return segments.size() > 1 && segments.bytes() - live > Math.max(live, segmentBytes);
  }

  /// Whether writers are so far ahead of the disk that they have to wait.
  boolean isAhead() {
    return segments.newest().end() >= MOST_WAITING * segmentBytes && !segments.isSealed();
  }
}
