package dev.unfold.data.table;

import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.ColumnMetaData;
import dev.hardwood.metadata.FileMetaData;
import dev.hardwood.metadata.RowGroup;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Checks that the pages of a Parquet file are where its metadata say, and of the sizes that they say, before anything
/// is read that relies on it: a reader could wait forever for bytes that are not there, or take all memory for them.
final class ParquetPages {
  /// The most bytes of a page, unpacked.
  private static final int LARGEST = 1 << 28;

  /// More than the header of any page has, but for statistics of long texts.
  private static final int HEADER = 1 << 16;

  private static final int DEEPEST = 8;

  private final ParquetBytes file;
  private final ByteBuffer in = ByteBuffer.allocate(HEADER);

  private ParquetPages(ParquetBytes file) {
    this.file = file;
  }

  /// What the header of a page says.
  private static final class Header {
    long unpacked = -1;
    long packed = -1;
    long values;
  }

  /// **Errors**: [IOException] for pages that cannot be.
  static void check(ParquetBytes file, FileMetaData metadata) throws IOException {
    ParquetPages pages = new ParquetPages(file);
    long rows = 0;
    for (RowGroup group : metadata.rowGroups()) {
      rows = Math.addExact(rows, group.numRows());
      expect(group.numRows() >= 0, "rows of a group");
      expect(group.columns().size() == group(metadata), "columns of a group");
      for (ColumnChunk chunk : group.columns()) {
        pages.check(chunk.metaData(), group.numRows());
      }
    }
    expect(rows == metadata.numRows(), "rows of all groups");
  }

  /// Columns that are in no other: what others are is refused elsewhere.
  private static int group(FileMetaData metadata) {
    return metadata.schema().size() - 1;
  }

  private static void expect(boolean holds, String what) throws IOException {
    if (!holds) {
      throw new IOException("wrong " + what);
    }
  }

  private void check(ColumnMetaData chunk, long rows) throws IOException {
    Long dictionary = chunk.dictionaryPageOffset();
    boolean hasDictionary = dictionary != null && dictionary > 0;
    long start =
        hasDictionary ? Math.min(dictionary, chunk.dataPageOffset()) : chunk.dataPageOffset();
    long size = chunk.totalCompressedSize();
    expect(chunk.numValues() == rows, "number of values");
    expect(start >= 4 && size >= 0 && size <= file.length() - start, "place of a column");
    long end = start + size;
    long values = 0;
    boolean isAtData = false;
    for (long at = start; values < rows && at < end; ) {
      isAtData |= at == chunk.dataPageOffset();
      in.clear().limit((int) Math.min(HEADER, end - at));
      file.fill(in, at);
      in.flip();
      Header header = new Header();
      try {
        struct(header, 0);
      } catch (RuntimeException e) {
        throw new IOException("wrong header of a page", e);
      }
      long body = at + in.position();
      expect(header.packed >= 0 && header.packed <= end - body, "size of a page");
      expect(header.unpacked >= 0 && header.unpacked <= LARGEST, "size of an unpacked page");
      expect(header.values >= 0 && header.values <= rows - values, "number of values of a page");
      values += header.values;
      at = body + header.packed;
    }
    expect(values == rows && (isAtData || rows == 0), "number of values in pages");
  }

  /// A header: 2 and 3 are its sizes, and 5 or 8 have the number of the values of a page of data as their 1.
  private void struct(Header header, int depth) throws IOException {
    expect(depth < DEEPEST, "depth of a header");
    int field = 0;
    for (int next = in.get(); next != 0; next = in.get()) {
      int delta = next >> 4 & 15;
      field = delta == 0 ? (int) number() : field + delta;
      int type = next & 15;
      boolean isOfData = depth == 0 && (field == 5 || field == 8);
      if (type == 5 && depth == 0) {
        long number = number();
        header.unpacked = field == 2 ? number : header.unpacked;
        header.packed = field == 3 ? number : header.packed;
      } else if (type == 12 && isOfData) {
        Header data = new Header();
        values(data, depth + 1);
        header.values = data.values;
      } else {
        skip(type, depth);
      }
    }
  }

  private void values(Header header, int depth) throws IOException {
    int field = 0;
    for (int next = in.get(); next != 0; next = in.get()) {
      int delta = next >> 4 & 15;
      field = delta == 0 ? (int) number() : field + delta;
      if ((next & 15) == 5 && field == 1) {
        header.values = number();
      } else {
        skip(next & 15, depth);
      }
    }
  }

  private void skip(int type, int depth) throws IOException {
    switch (type) {
      case 1, 2 -> {}
      case 3 -> in.get();
      case 4, 5, 6 -> number();
      case 7 -> in.position(in.position() + Double.BYTES);
      case 8 -> in.position(in.position() + Math.toIntExact(varint()));
      case 12 -> struct(new Header(), depth + 1);
      default -> throw new IOException("wrong header of a page");
    }
  }

  private long number() {
    long bits = varint();
    return bits >>> 1 ^ -(bits & 1);
  }

  private long varint() {
    long bits = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.get();
      bits |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return bits;
      }
    }
    throw new IllegalArgumentException("a number of more than 64 bits");
  }
}
