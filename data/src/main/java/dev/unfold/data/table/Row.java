package dev.unfold.data.table;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// A row of a table, in place of which the next one comes: what is to be kept has to be taken from it.
///
/// Columns are counted from 0. What is missing has no number, time or text: ask [#isMissing] first.
public final class Row {
  /// How a value is told from others of the same characters.
  enum Kind {
    /// It may be anything.
    PLAIN,
    /// It is no number, whatever it looks like.
    STRING,
    /// A whole number that is known as one.
    WHOLE,
    /// A number that is known as one.
    NUMBER,
    /// A time, as microseconds on its own clock.
    LOCAL_TIME,
    /// A time, as microseconds since 1970-01-01 00:00 UTC.
    INSTANT;

    /// Whether it is kept as characters.
    boolean isText() {
      return this == PLAIN || this == STRING;
    }
  }

  /// The most values that a row may have.
  static final int WIDEST = 1 << 16;

  /// The most characters of a row.
  static final int LONGEST = 1 << 24;

  private final TimeText times = new TimeText();
  private List<Column> columns = List.of();
  private char[] chars = new char[1 << 10];
  private int[] starts = new int[16];
  private int[] ends = new int[16];
  private Kind[] kinds = new Kind[16];

  /// What is not kept as characters: a whole number, the bits of a double, or microseconds.
  private long[] words = new long[16];

  private int width;
  private int length;
  private Place place = new Place("", 0);
  private long number = -1;
  private MissingTexts missing = new MissingTexts(Set.of());

  Row() {}

  void begin(Place where) {
    place = where;
    width = 0;
    length = 0;
  }

  void use(List<Column> known, MissingTexts texts) {
    columns = known;
    missing = texts;
  }

  void count() {
    number++;
  }

  /// Adds a value, without blanks at its ends.
  void add(char[] from, int offset, int count, Kind kind) {
    int start = offset;
    int end = offset + count;
    while (start < end && from[start] == ' ') {
      start++;
    }
    while (end > start && from[end - 1] == ' ') {
      end--;
    }
    int size = end - start;
    if (width == WIDEST) {
      throw place.refusal("at most %,d values in a row".formatted(WIDEST), "more");
    }
    if (size > LONGEST - length) {
      throw place.refusal("a row of at most %,d characters".formatted(LONGEST), "a longer one");
    }
    if (length + size > chars.length) {
      chars = Arrays.copyOf(chars, Math.max(length + size, 2 * chars.length));
    }
    System.arraycopy(from, start, chars, length, size);
    int begin = length;
    length += size;
    place(begin, length, kind, 0);
  }

  private void place(int start, int end, Kind kind, long word) {
    if (width == starts.length) {
      starts = Arrays.copyOf(starts, 2 * width);
      ends = Arrays.copyOf(ends, 2 * width);
      kinds = Arrays.copyOf(kinds, 2 * width);
      words = Arrays.copyOf(words, 2 * width);
    }
    starts[width] = start;
    ends[width] = end;
    kinds[width] = kind;
    words[width++] = word;
  }

  /// Adds a value that is not written as text.
  ///
  /// @param word as the kind says: a whole number, the bits of a double, or microseconds
  void add(Kind kind, long word) {
    place(0, 0, kind, word);
  }

  /// Takes the last value away.
  void undo() {
    width--;
  }

  /// Adds values that are not there.
  void fill(int until) {
    while (width < until) {
      add(chars, 0, 0, Kind.PLAIN);
    }
  }

  /// Sets a value whose place in the row is known, and behind which others may be missing.
  void put(int column, char[] from, int offset, int count, Kind kind) {
    fill(column);
    if (column == width) {
      add(from, offset, count, kind);
      return;
    }
    int size = width;
    add(from, offset, count, kind);
    starts[column] = starts[size];
    ends[column] = ends[size];
    kinds[column] = kinds[size];
    width = size;
  }

  char[] chars() {
    return chars;
  }

  int start(int column) {
    return starts[column];
  }

  int end(int column) {
    return ends[column];
  }

  int length(int column) {
    return ends[column] - starts[column];
  }

  Kind kind(int column) {
    return kinds[column];
  }

  long word(int column) {
    return words[column];
  }

  /// How many values it has.
  public int width() {
    return width;
  }

  /// Where it begins.
  public Place place() {
    return place;
  }

  /// How many rows are before it, in all files.
  public long number() {
    return number;
  }

  /// Whether a value is missing.
  public boolean isMissing(int column) {
    return kinds[column].isText() && missing.has(chars, starts[column], ends[column]);
  }

  /// A value's characters, without blanks at the ends.
  public String text(int column) {
    return switch (kinds[column]) {
      case PLAIN, STRING -> new String(chars, starts[column], ends[column] - starts[column]);
      case WHOLE -> Long.toString(words[column]);
      case NUMBER -> Double.toString(Double.longBitsToDouble(words[column]));
      case LOCAL_TIME -> TimeText.text(words[column]);
      case INSTANT -> TimeText.text(words[column]) + "Z";
    };
  }

  /// A value of a column of numbers.
  public double number(int column) {
    return switch (kinds[column]) {
      case WHOLE -> words[column];
      case NUMBER -> Double.longBitsToDouble(words[column]);
      default ->
          NumberText.parse(chars, starts[column], ends[column], columns.get(column).decimal());
    };
  }

  /// A value of a column of times or of whole numbers that are times: microseconds from 1970-01-01 00:00 on the clock
  /// that it was written by, or the number itself if it is but an order.
  public long time(int column) {
    Column of = columns.get(column);
    if (of.type() == ColumnType.WHOLE) {
      return of.clock().micros((long) number(column));
    }
    if (!kinds[column].isText()) {
      return words[column];
    }
    times.read(chars, starts[column], ends[column]);
    return times.local(of.dates());
  }

  /// How far the clock of that time is ahead of UTC, in seconds: 0 if nothing says so.
  public int offset(int column) {
    if (columns.get(column).type() == ColumnType.WHOLE || !kinds[column].isText()) {
      return 0;
    }
    times.read(chars, starts[column], ends[column]);
    return times.offset();
  }
}
