package dev.unfold.data.table;

import dev.unfold.argument.Expect;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/// Rows of typed values as bytes, to be a [Table] somewhere else: in another process, say. The same rows are the same
/// bytes.
///
/// **Memory**: all rows: 9 bytes for a number or a time, 5 and 2 a character for a text, 1 for what is missing and for
/// the end of a row.
///
/// @param name what messages call it
/// @param columns names of the columns
/// @param pieces the rows, in pieces of up to 16 MB; nobody may change them
public record RowCopy(String name, List<String> columns, List<byte[]> pieces) {
  private static final int PIECE = 1 << 24;

  /// Copies the lists.
  public RowCopy {
    Expect.given("name", name);
    columns = List.copyOf(columns);
    pieces = List.copyOf(pieces);
  }

  /// What `rows` gives: the names of its columns first.
  ///
  /// **Errors**: [dev.unfold.data.source.DataException] for names that are empty or there twice.
  public static RowCopy of(String name, Consumer<QuerySink> rows) {
    Pieces pieces = new Pieces();
    QuerySpool spool = new QuerySpool(Expect.given("name", name), pieces);
    try (spool) {
      rows.accept(spool);
    }
    return new RowCopy(name, spool.names(), pieces.all);
  }

  /// How many bytes there are.
  public long bytes() {
    return pieces.stream().mapToLong(piece -> piece.length).sum();
  }

  InputStream open() {
    List<InputStream> all = new ArrayList<>();
    pieces.forEach(piece -> all.add(new ByteArrayInputStream(piece)));
    return new SequenceInputStream(Collections.enumeration(all));
  }

  /// Cuts what is written into pieces.
  private static final class Pieces extends OutputStream {
    private final List<byte[]> all = new ArrayList<>();
    private byte[] piece = new byte[1 << 16];
    private int length;

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int count) {
      int done = 0;
      while (done < count) {
        int part = Math.min(count - done, PIECE - length);
        if (piece.length < length + part) {
          piece = Arrays.copyOf(piece, Math.min(PIECE, Math.max(2 * piece.length, length + part)));
        }
        System.arraycopy(bytes, from + done, piece, length, part);
        length += part;
        done += part;
        if (length == PIECE) {
          end();
        }
      }
    }

    private void end() {
      if (length > 0) {
        all.add(Arrays.copyOf(piece, length));
        length = 0;
      }
    }

    @Override
    public void close() throws IOException {
      end();
      super.close();
    }
  }
}
