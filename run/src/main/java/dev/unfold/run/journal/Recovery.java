package dev.unfold.run.journal;

import dev.unfold.run.journal.Places.Place;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Reads the files of a journal that is opened.
///
/// A torn record at the end of the newest file was left by a process that was killed, and is cut off. The file before
/// it may be torn or shorter than it was if the power failed before it was on the disk ([SegmentFiles#note]): then it
/// is cut, and the newer one goes, so that what is left is what was written up to some time.
final class Recovery {
  private final Path folder;
  private final Places places;
  private final Journal.Visitor visitor;
  private final List<Segment> segments = new ArrayList<>();

  Recovery(Path folder, Places places, Journal.Visitor visitor) {
    this.folder = folder;
    this.places = places;
    this.visitor = visitor;
  }

  /// Those that are open by now.
  List<Segment> segments() {
    return segments;
  }

  /// Opens and reads all.
  ///
  /// **Errors**: [JournalException] for what was never written.
  void run() throws IOException {
    List<Path> files = SegmentFiles.of(folder);
    int last = files.size() - 1;
    OptionalLong length =
        last < 1
            ? OptionalLong.empty()
            : SegmentFiles.noted(folder, SegmentFiles.number(files.get(last)));
    for (int i = 0; i <= last; i++) {
      boolean isUnsealed = length.isPresent() && i == last - 1;
      boolean isWhole = read(files.get(i), i == last || isUnsealed);
      if (isUnsealed && (!isWhole || segments.getLast().end() < length.getAsLong())) {
        SegmentFiles.delete(files.get(last));
        break;
      }
      if (isUnsealed) {
        segments.getLast().force();
      }
    }
    SegmentFiles.forgetAll(folder);
  }

  /// @return whether it was whole
  private boolean read(Path file, boolean mayBeTorn) throws IOException {
    Segment segment = Segment.open(file, SegmentFiles.number(file));
    segments.add(segment);
    long whole = segment.visit((offset, body) -> visit(segment, offset, body));
    if (whole == segment.end() && whole >= Segment.START) {
      return true;
    }
    boolean isTorn = mayBeTorn && (segment.end() < Segment.START || whole >= Segment.START);
    if (!isTorn || segment.hasRecordBehind(whole)) {
      throw new JournalException(
          "%s: expected whole records, got another at byte %d; move the file away to go on without it"
              .formatted(file, whole));
    }
    if (whole < Segment.START) {
      segments.removeLast().delete();
    } else {
      segment.cut(whole);
    }
    return false;
  }

  private void visit(Segment segment, long offset, ByteBuffer body) {
    String key = RecordFormat.key(body);
    Optional<ByteBuffer> value = RecordFormat.value(body);
    if (value.isPresent()) {
      places.set(key, new Place(segment, offset, RecordFormat.HEAD + body.remaining()));
    } else {
      places.remove(key);
    }
    visitor.change(key, value);
  }
}
