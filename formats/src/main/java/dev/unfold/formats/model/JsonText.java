package dev.unfold.formats.model;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/// Lists as JSON in a text of the metadata.
///
/// What cannot be read is an [IllegalArgumentException].
final class JsonText {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private JsonText() {}

  static String ofStrings(List<String> strings) {
    return write(generator -> strings.forEach(generator::writeString));
  }

  /// At most `most` strings, so that a list never grows beyond what its reader has room for.
  static List<String> strings(String text, int most) {
    return read(
        text,
        parser -> {
          List<String> strings = new ArrayList<>();
          while (parser.nextToken() == JsonToken.VALUE_STRING && strings.size() < most) {
            strings.add(parser.getString());
          }
          return strings;
        });
  }

  static String ofFiles(List<Provenance.DataFile> files) {
    return write(generator ->
        files.forEach(file -> {
          generator.writeStartObject();
          generator.writeStringProperty("name", file.name());
          generator.writeNumberProperty("bytes", file.bytes());
          generator.writeStringProperty("sha256", file.sha256());
          generator.writeEndObject();
        }));
  }

  static List<Provenance.DataFile> files(String text) {
    return read(
        text,
        parser -> {
          List<Provenance.DataFile> files = new ArrayList<>();
          while (parser.nextToken() == JsonToken.START_OBJECT) {
            files.add(file(parser));
          }
          return files;
        });
  }

  private static Provenance.DataFile file(JsonParser parser) {
    String name = "";
    long bytes = 0;
    String sha256 = "";
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String property = parser.currentName();
      parser.nextToken();
      switch (property) {
        case "name" -> name = parser.getString();
        case "bytes" -> bytes = parser.getLongValue();
        case "sha256" -> sha256 = parser.getString();
        default -> parser.skipChildren();
      }
    }
    return new Provenance.DataFile(name, bytes, sha256);
  }

  private static String write(Consumer<JsonGenerator> items) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      generator.writeStartArray();
      items.accept(generator);
      generator.writeEndArray();
    }
    return text.toString();
  }

  /// What `items` makes of the inside of an array, up to its end.
  private static <T> List<T> read(String text, Function<JsonParser, List<T>> items) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new IllegalArgumentException("expected an array");
      }
      List<T> list = items.apply(parser);
      if (parser.currentToken() != JsonToken.END_ARRAY || parser.nextToken() != null) {
        throw new IllegalArgumentException("expected the end of the array");
      }
      return list;
    } catch (JacksonException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }
}
