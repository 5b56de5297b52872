package dev.unfold.run.journal;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/// A file of records, one after the other.
///
/// A channel would be closed for all by the interrupt of one thread that uses it, so this is none.
final class Segment {
  /// What a file begins with, so that no other is taken for one.
  private static final byte[] MAGIC = {'u', 'n', 'f', 'o', 'l', 'd', '-', '1'};

  static final int START = MAGIC.length;
  private static final int WINDOW = 1 << 18;
  private static final long MOST_TORN = 1L << 26;

  private final Path path;
  private final int number;
  private final RandomAccessFile file;
  private long end;

  private Segment(Path path, int number, RandomAccessFile file, long end) {
    this.path = path;
    this.number = number;
    this.file = file;
    this.end = end;
  }

  /// What is done with each record.
  interface Visitor {
    /// Is told of a record.
    ///
    /// @param offset where it begins
    /// @param body all but its head, valid until the next
    void record(long offset, ByteBuffer body) throws IOException;
  }

  static Segment create(Path folder, int number) throws IOException {
    Path path = Files.createFile(folder.resolve(SegmentFiles.name(number)));
    Segment segment;
    try {
      segment = open(path, number);
    } catch (IOException e) {
      // It would be in the way of the next try.
      Files.deleteIfExists(path);
      throw e;
    }
    try {
      segment.append(MAGIC, MAGIC.length);
    } catch (IOException e) {
      segment.delete();
      throw e;
    }
    return segment;
  }

  /// Opens one that is there. Whether it is whole, [#visit] tells.
  static Segment open(Path path, int number) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
    return new Segment(path, number, file, file.length());
  }

  int number() {
    return number;
  }

  Path path() {
    return path;
  }

  /// Where the next record begins.
  long end() {
    return end;
  }

  /// Writes the first `count` of `bytes` at the end, or takes back what was written of them.
  void append(byte[] bytes, int count) throws IOException {
    try {
      file.seek(end);
      file.write(bytes, 0, count);
      end += count;
    } catch (IOException e) {
      file.setLength(end);
      throw e;
    }
  }

  /// Forgets all from `offset` on.
  void cut(long offset) throws IOException {
    file.setLength(offset);
    end = offset;
  }

  /// Waits until all is on the disk.
  void force() throws IOException {
    file.getFD().sync();
  }

  byte[] read(long offset, int count) throws IOException {
    byte[] bytes = new byte[count];
    file.seek(offset);
    file.readFully(bytes);
    return bytes;
  }

  /// Closes the file; nothing is lost if that fails.
  void closeQuietly() {
    try {
      file.close();
    } catch (IOException e) {
      System.getLogger(Journal.class.getName())
          .log(System.Logger.Level.DEBUG, "a file could not be closed", e);
    }
  }

  void delete() throws IOException {
    file.close();
    Files.deleteIfExists(path);
  }

  /// Reads the records in their order, from a file that nobody writes to meanwhile.
  ///
  /// @return where the first one begins that is not whole; the end if all are
  long visit(Visitor visitor) throws IOException {
    try (InputStream stream = new FileInputStream(path.toFile())) {
      if (!Arrays.equals(stream.readNBytes(START), MAGIC)) {
        return 0;
      }
      ByteBuffer window = ByteBuffer.allocate(WINDOW).flip();
      long offset = START;
      while (offset < end) {
        window = filled(window, stream, RecordFormat.HEAD);
        int length = RecordFormat.bodyLength(window, end - offset - RecordFormat.HEAD);
        if (length < 0) {
          return offset;
        }
        window = filled(window, stream, RecordFormat.HEAD + length);
        if (window.remaining() < RecordFormat.HEAD + length) {
          return offset;
        }
        int checksum = window.getInt(window.position() + Integer.BYTES);
        ByteBuffer body = window.slice(window.position() + RecordFormat.HEAD, length);
        if (!RecordFormat.isWhole(checksum, body)) {
          return offset;
        }
        visitor.record(offset, body);
        window.position(window.position() + RecordFormat.HEAD + length);
        offset += RecordFormat.HEAD + length;
      }
      return offset;
    }
  }

  /// Whether a whole record begins anywhere behind `offset`, where one begins that is not.
  boolean hasRecordBehind(long offset) throws IOException {
    long from = Math.max(START, offset + 1);
    // What a killed process leaves torn is part of one write.
    int count = (int) Math.min(MOST_TORN, Math.max(0, end - from));
    ByteBuffer all = ByteBuffer.wrap(read(from, count));
    for (int at = 0; at + RecordFormat.HEAD < count; at++) {
      all.position(at);
      int length = RecordFormat.bodyLength(all, count - at - RecordFormat.HEAD);
      if (length > 0
          && RecordFormat.isWhole(
              all.getInt(at + Integer.BYTES), all.slice(at + RecordFormat.HEAD, length))) {
        return true;
      }
    }
    return false;
  }

  /// A window that begins with what this one has left, and has `count` bytes or more if the stream has.
  private static ByteBuffer filled(ByteBuffer window, InputStream stream, int count)
      throws IOException {
    if (window.remaining() >= count) {
      return window;
    }
    ByteBuffer next = window;
    if (count > window.capacity()) {
      next = ByteBuffer.allocate(count).put(window);
    } else {
      next.compact();
    }
    return next.put(stream.readNBytes(next.remaining())).flip();
  }
}
