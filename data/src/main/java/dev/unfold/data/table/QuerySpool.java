package dev.unfold.data.table;

import dev.unfold.argument.Refusal;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// Writes an answer to a file, from which [QueryRows] reads it as often as it is wanted: a byte for each value says
/// what it is, and one more ends the row.
final class QuerySpool implements QuerySink, AutoCloseable {
  // What a value is.
  static final int MISSING = '-';
  static final int WHOLE = 'w';
  static final int NUMBER = 'n';
  static final int LOCAL_TIME = 'l';
  static final int INSTANT = 'i';
  static final int STRING = 's';
  static final int PLAIN = 'p';

  /// What stands behind the last value of a row.
  static final int END = '.';

  private static final LocalDateTime EPOCH = LocalDateTime.of(1970, 1, 1, 0, 0);

  private final String name;
  private final DataOutputStream out;
  private List<String> names = List.of();

  /// @param name what messages call it
  QuerySpool(String name, OutputStream out) {
    this.name = name;
    this.out = new DataOutputStream(new BufferedOutputStream(out));
  }

  /// One that fills a file.
  static QuerySpool of(TableFile file) {
    try {
      return new QuerySpool(file.name(), Files.newOutputStream(file.path()));
    } catch (IOException e) {
      throw failed(file.name(), e);
    }
  }

  private interface Writing {
    void run() throws IOException;
  }

  private void write(Writing writing) {
    try {
      writing.run();
    } catch (IOException e) {
      throw failed(name, e);
    }
  }

  private static UncheckedIOException failed(String name, IOException e) {
    return new UncheckedIOException(name + ": cannot be copied: " + e.getMessage(), e);
  }

  /// The names of the columns.
  List<String> names() {
    return names;
  }

  @Override
  public void columns(List<String> all) {
    Header header = new Header();
    all.forEach(each -> header.add(each, new Place(name, 1)));
    names = List.copyOf(all);
  }

  @Override
  public void missing() {
    write(() -> out.writeByte(MISSING));
  }

  private void word(int kind, long word) {
    write(() -> {
      out.writeByte(kind);
      out.writeLong(word);
    });
  }

  @Override
  public void whole(long value) {
    word(WHOLE, value);
  }

  @Override
  public void number(double value) {
    if (Double.isNaN(value)) {
      missing();
    } else {
      word(NUMBER, Double.doubleToRawLongBits(value));
    }
  }

  @Override
  public void local(LocalDateTime value) {
    word(LOCAL_TIME, ChronoUnit.MICROS.between(EPOCH, value));
  }

  @Override
  public void instant(Instant value) {
    word(INSTANT, ChronoUnit.MICROS.between(Instant.EPOCH, value));
  }

  @Override
  public void yesOrNo(boolean value) {
    text(PLAIN, Boolean.toString(value));
  }

  @Override
  public void text(String value) {
    text(STRING, value);
  }

  private void text(int kind, String value) {
    if (value.length() > Row.LONGEST) {
      throw new Refusal("sql", "values of at most %,d characters".formatted(Row.LONGEST), "more");
    }
    write(() -> {
      out.writeByte(kind);
      out.writeInt(value.length());
      out.writeChars(value);
    });
  }

  @Override
  public void end() {
    write(() -> out.writeByte(END));
  }

  @Override
  public void close() {
    write(out::close);
  }
}
