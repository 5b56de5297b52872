package dev.unfold.data.table;

import dev.hardwood.InputFile;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// The bytes of a Parquet file, which are read and not mapped: pages are unpacked by code that is not Java's, and if
/// somebody cuts a mapped file short meanwhile, the process ends on the spot.
///
/// **Memory**: what is read, outside the heap, until the garbage collector finds that nobody needs it.
///
/// **Threads**: any number; an interrupt of one that reads closes it for all.
final class ParquetBytes implements InputFile {
  private final String name;
  private final FileChannel file;
  private final long length;

  private ParquetBytes(String name, FileChannel file, long length) {
    this.name = name;
    this.file = file;
    this.length = length;
  }

  /// **Errors**: [IOException] if the file cannot be opened.
  static ParquetBytes of(Path path) throws IOException {
    FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
    try {
      return new ParquetBytes(path.toString(), file, file.size());
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public void open() {
    // It is open from the start, so that what cannot be opened is no input at all.
  }

  @Override
  public ByteBuffer readRange(long offset, int size) throws IOException {
    if (offset < 0 || size < 0 || size > length - offset) {
      throw new EOFException(
          "%d bytes from byte %d on, of a file of %d".formatted(size, offset, length));
    }
    ByteBuffer bytes = ByteBuffer.allocateDirect(size);
    fill(bytes, offset);
    return bytes.flip();
  }

  /// Reads as many bytes as there is room for, from a place on.
  ///
  /// **Errors**: [EOFException] if the file has fewer.
  void fill(ByteBuffer bytes, long offset) throws IOException {
    for (long at = offset; bytes.hasRemaining(); ) {
      int read = file.read(bytes, at);
      if (read < 0) {
        throw new EOFException("a file that was cut short while it was read");
      }
      at += read;
    }
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
