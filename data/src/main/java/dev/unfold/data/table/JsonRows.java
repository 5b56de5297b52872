package dev.unfold.data.table;

import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.io.Reader;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;

/// JSON lines: an object a row, whose members are its values. A member that a row lacks is missing there; the columns
/// are the members of all rows, in the order in which they come first.
final class JsonRows implements TextRows {
  private static final int LONGEST_VALUE = 1 << 22;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(2)
                  .maxStringLength(LONGEST_VALUE)
                  .maxNameLength(1 << 12)
                  .maxNumberLength(1000)
                  .build())
          .build();

  private final Header header;

  JsonRows(Header header) {
    this.header = header;
  }

  @Override
  public String form(int columns) {
    return "JSON lines";
  }

  @Override
  public void read(String name, Reader in, Row row, Runnable next) throws IOException {
    Place place = new Place(name, 1);
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), in)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        place = new Place(name, parser.currentTokenLocation().getLineNr());
        if (token != JsonToken.START_OBJECT) {
          throw place.refusal("an object a line", what(token));
        }
        row.begin(place);
        object(parser, row, place);
        row.fill(header.size());
        next.run();
      }
    } catch (StreamConstraintsException e) {
      throw at(place, e)
          .refusal(
              "values of at most %,d characters, names of at most 4,096, and no objects in objects"
                  .formatted(LONGEST_VALUE),
              "more");
    } catch (JacksonException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw at(place, e).refusal("JSON", "what is none: " + e.getOriginalMessage());
    }
  }

  private static Place at(Place row, JacksonException e) {
    TokenStreamLocation location = e.getLocation();
    return location == null || location.getLineNr() < 1
        ? row
        : new Place(row.file(), location.getLineNr());
  }

  private void object(JsonParser parser, Row row, Place place) {
    int guess = 0;
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      int column =
          guess < header.size() && header.names().get(guess).equals(name)
              ? guess
              : header.find(name);
      if (column < 0) {
        column = header.add(name, place);
      }
      guess = column + 1;
      JsonToken token = parser.nextToken();
      switch (token) {
        case VALUE_NULL -> row.put(column, new char[0], 0, 0, Row.Kind.PLAIN);
        case VALUE_STRING -> put(parser, row, column, Row.Kind.STRING);
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT, VALUE_TRUE, VALUE_FALSE ->
            put(parser, row, column, Row.Kind.PLAIN);
        default -> throw place.refusal(name, "a text, a number, true, false or null", what(token));
      }
    }
  }

  private static void put(JsonParser parser, Row row, int column, Row.Kind kind) {
    row.put(
        column,
        parser.getStringCharacters(),
        parser.getStringOffset(),
        parser.getStringLength(),
        kind);
  }

  private static String what(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "a list";
      default -> "a value of another kind";
    };
  }

  /// Whether a file that begins so has rows of this form.
  static boolean begins(String start) {
    String text = start.stripLeading();
    return text.startsWith("{") || text.startsWith("[");
  }

  /// What to throw for a file of names that has rows with names of their own.
  static DataException named(String name) {
    return new DataException(name + ": expected no names beside those of JSON lines, got some");
  }
}
