package dev.unfold.data.table;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;

/// Rows that [QuerySpool] has written. The line of a row is its number.
final class QueryRows implements RowSource {
  private char[] chars = new char[64];

  QueryRows(Header header, List<String> names) {
    names.forEach(name -> header.add(name, new Place("query", 1)));
  }

  @Override
  public String form(int columns) {
    return "the answer to a query";
  }

  @Override
  public void read(TableFile file, Row row, Runnable next) throws IOException {
    try (DataInputStream in = new DataInputStream(new BufferedInputStream(file.open(), 1 << 16))) {
      long number = 1;
      for (int kind = in.read(); kind >= 0; kind = in.read()) {
        row.begin(new Place(file.name(), number++));
        for (; kind != QuerySpool.END; kind = in.read()) {
          value(in, kind, row);
        }
        next.run();
      }
    }
  }

  private void value(DataInputStream in, int kind, Row row) throws IOException {
    switch (kind) {
      case QuerySpool.MISSING -> row.add(chars, 0, 0, Row.Kind.PLAIN);
      case QuerySpool.WHOLE -> row.add(Row.Kind.WHOLE, in.readLong());
      case QuerySpool.NUMBER -> row.add(Row.Kind.NUMBER, in.readLong());
      case QuerySpool.LOCAL_TIME -> row.add(Row.Kind.LOCAL_TIME, in.readLong());
      case QuerySpool.INSTANT -> row.add(Row.Kind.INSTANT, in.readLong());
      case QuerySpool.STRING -> text(in, row, Row.Kind.STRING);
      case QuerySpool.PLAIN -> text(in, row, Row.Kind.PLAIN);
      default -> throw new EOFException("it is not as it was written");
    }
  }

  private void text(DataInputStream in, Row row, Row.Kind kind) throws IOException {
    int length = in.readInt();
    if (chars.length < length) {
      chars = new char[length];
    }
    for (int i = 0; i < length; i++) {
      chars[i] = in.readChar();
    }
    row.add(chars, 0, length, kind);
  }
}
