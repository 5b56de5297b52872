package dev.unfold.data.table;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Series of a `.tsf` file, given as rows: what is said of a series, the time of a value (or its number, from 1), and
/// the value.
final class TsfRows implements TextRows {
  private final Header header;
  private final MissingTexts missing;
  private final TimeText times = new TimeText();
  private Optional<TsfHead> first = Optional.empty();

  TsfRows(Header header, MissingTexts missing) {
    this.header = header;
    this.missing = missing;
  }

  @Override
  public String form(int columns) {
    TsfHead head = first.orElseThrow();
    return "series of a .tsf file"
        + (head.frequency().isEmpty() ? "" : ", " + head.frequency())
        + (head.horizon().isEmpty() ? "" : ", horizon " + Place.shown(head.horizon()));
  }

  @Override
  public Optional<SeriesLayout> layout() {
    return first.map(TsfHead::layout);
  }

  @Override
  public void read(String name, Reader in, Row row, Runnable next) throws IOException {
    TsfText text = new TsfText(name, in);
    TsfHead head = TsfHead.read(name, text);
    take(head);
    while (text.hasLine()) {
      series(text, head, row, next);
    }
  }

  private void take(TsfHead head) {
    List<String> columns = head.columns();
    if (header.size() == 0) {
      columns.forEach(each -> header.add(each, head.place()));
      first = Optional.of(head);
    } else if (!header.names().equals(columns)) {
      throw head.place()
          .refusal(
              "the columns of the first file, " + Place.shown(String.join(", ", header.names())),
              Place.shown(String.join(", ", columns)));
    }
  }

  private void series(TsfText text, TsfHead head, Row row, Runnable next) throws IOException {
    Place place = text.place();
    List<Consumer<Row>> attributes = new ArrayList<>();
    long start = 0;
    for (TsfHead.Attribute each : head.attributes()) {
      if (!text.field(place, ':')) {
        throw place.refusal(
            "%,d attributes with : behind each, then values".formatted(head.attributes().size()),
            "a line that ends in number %,d".formatted(attributes.size() + 1));
      }
      if (head.start().equals(Optional.of(each)) && head.step().isPresent()) {
        start = time(place, each.name(), text);
      }
      attributes.add(attribute(place, each, text));
    }
    boolean hasNext = true;
    for (long number = 0; hasNext; number++) {
      hasNext = text.field(place, ',');
      if (number == 0 && !hasNext && text.length() == 0) {
        throw place.refusal("values behind the attributes", "none");
      }
      row.begin(place);
      attributes.forEach(each -> each.accept(row));
      long shown = number + 1;
      if (head.step().isPresent()) {
        OptionalLong time = head.step().get().time(start, number);
        row.add(
            Row.Kind.LOCAL_TIME,
            time.orElseThrow(() ->
                place.refusal(
                    "times up to the year 9999", "later ones from value %,d on".formatted(shown))));
      } else {
        row.add(Row.Kind.WHOLE, shown);
      }
      number(place, "value " + shown, text, row);
      next.run();
    }
  }

  private Consumer<Row> attribute(Place place, TsfHead.Attribute of, TsfText text) {
    return switch (of.type()) {
      case STRING -> {
        char[] chars = text.toString().toCharArray();
        yield row -> row.add(chars, 0, chars.length, Row.Kind.STRING);
      }
      case DATE -> {
        long time = time(place, of.name(), text);
        yield row -> row.add(Row.Kind.LOCAL_TIME, time);
      }
      default -> {
        Row read = new Row();
        read.begin(place);
        number(place, of.name(), text, read);
        Row.Kind kind = read.kind(0);
        long word = read.word(0);
        yield row -> {
          if (kind == Row.Kind.PLAIN) {
            row.add(text.chars(), 0, 0, kind);
          } else {
            row.add(kind, word);
          }
        };
      }
    };
  }

  /// `1979-01-31 00-00-00`
  private long time(Place place, String attribute, TsfText text) {
    String written = text.toString();
    int day = written.indexOf(' ');
    String usual =
        day < 0 ? written : written.substring(0, day) + written.substring(day).replace('-', ':');
    char[] chars = usual.toCharArray();
    if (times.read(chars, 0, chars.length) != Reading.DATE || times.isZoned()) {
      throw place.refusal(attribute, "a time such as 1979-01-31 00-00-00", Place.shown(written));
    }
    return times.local(DateOrder.DAY_FIRST);
  }

  private void number(Place place, String column, TsfText text, Row row) {
    char[] chars = text.chars();
    int length = text.length();
    if (missing.has(chars, 0, length)) {
      row.add(chars, 0, 0, Row.Kind.PLAIN);
      return;
    }
    Reading reading = NumberText.reading(chars, 0, length);
    boolean isNumber = reading == Reading.WHOLE || reading == Reading.FRACTION;
    double number = isNumber ? NumberText.parse(chars, 0, length, '.') : Double.NaN;
    if (!Double.isFinite(number)) {
      throw place.refusal(column, "a finite number, or ? for none", Place.shown(text.toString()));
    }
    if (reading == Reading.WHOLE && Math.abs(number) < 0x1p53) {
      row.add(Row.Kind.WHOLE, (long) number);
    } else {
      row.add(Row.Kind.NUMBER, Double.doubleToRawLongBits(number));
    }
  }
}
