package dev.unfold.formats.safetensors;

import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/// Reads the JSON of a header as it streams by, and keeps only what belongs to the format.
///
/// Fields of a tensor that the format does not define are passed over, as its reference
/// implementation does.
final class HeaderParser {
  /// More dimensions than this mean nothing, but could make a list much larger than its file.
  private static final int MOST_DIMENSIONS = 64;

  /// The deepest that the format itself goes is 3.
  private static final int DEEPEST = 8;

  /// Some 70,000 tensors. The objects made of many tiny ones take far more than their text.
  private static final long MOST_TOKENS = 1 << 20;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // A table of names could be flooded with names of equal hash.
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEEPEST)
                  .maxNumberLength(20)
                  .maxTokenCount(MOST_TOKENS)
                  .maxStringLength((int) Header.LONGEST)
                  .maxDocumentLength(Header.LONGEST)
                  .build())
          .build();

  private final String file;
  private final JsonParser parser;
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  private String section = "header";
  private String name;

  private HeaderParser(String file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /// The header that `source` holds, all of it.
  static Header parse(String file, Reader source) {
    try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), source)) {
      return new HeaderParser(file, parser).header();
    } catch (JacksonException e) {
      if (e.getCause() instanceof CharacterCodingException) {
        throw new FormatException(file + ": header: expected UTF-8, got other bytes", e);
      }
      throw new FormatException(
          file + ": header: expected valid JSON: " + Quote.plain(e.getOriginalMessage()), e);
    }
  }

  private Header header() {
    expect(parser.nextToken(), JsonToken.START_OBJECT, "", "an object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      if (key.equals(Header.METADATA)) {
        enter(Header.METADATA, null);
        readMetadata();
      } else {
        enter("tensor", key);
        tensors.put(key, tensor());
      }
    }
    enter("header", null);
    if (parser.nextToken() != null) {
      throw wrong("", "its end after the object", "more");
    }
    return new Header(metadata, tensors);
  }

  private void readMetadata() {
    expect(parser.nextToken(), JsonToken.START_OBJECT, "", "an object");
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      enter(Header.METADATA, parser.currentName());
      expect(parser.nextToken(), JsonToken.VALUE_STRING, "", "a string");
      metadata.put(name, parser.getString());
    }
  }

  private TensorInfo tensor() {
    expect(parser.nextToken(), JsonToken.START_OBJECT, "", "an object");
    String dtype = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "dtype" -> {
          expect(value, JsonToken.VALUE_STRING, field, "a string");
          dtype = parser.getString();
        }
        case "shape" -> shape = numbers(value, field, MOST_DIMENSIONS);
        case "data_offsets" -> offsets = numbers(value, field, 2);
        default -> parser.skipChildren();
      }
    }
    if (dtype == null || shape == null || offsets == null) {
      String lacks = dtype == null ? "dtype" : shape == null ? "shape" : "data_offsets";
      throw wrong("", "dtype, shape and data_offsets", "no " + lacks);
    }
    if (offsets.size() != 2) {
      throw wrong("data_offsets", "[begin, end]", offsets.toString());
    }
    return new TensorInfo(name, dtype, shape, offsets.get(0), offsets.get(1));
  }

  /// At most `most` numbers of 0 or more.
  private List<Long> numbers(JsonToken first, String field, int most) {
    expect(first, JsonToken.START_ARRAY, field, "an array");
    List<Long> numbers = new ArrayList<>(2);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (numbers.size() == most) {
        throw wrong(field, "at most " + most + " numbers", "more");
      }
      expect(parser.currentToken(), JsonToken.VALUE_NUMBER_INT, field, "whole numbers");
      if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw wrong(field, "numbers from 0 to 2^63-1", parser.getString());
      }
      numbers.add(parser.getLongValue());
    }
    return numbers;
  }

  /// Sets where a message says that something is.
  private void enter(String newSection, String newName) {
    section = newSection;
    name = newName;
  }

  private void expect(JsonToken came, JsonToken expected, String field, String inWords) {
    if (came != expected) {
      throw wrong(field, inWords, came == null ? "the end" : words(came));
    }
  }

  private static String words(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT -> "a whole number";
      case VALUE_NUMBER_FLOAT -> "a number with a fraction";
      case VALUE_NULL -> "null";
      default -> "true or false";
    };
  }

  private FormatException wrong(String field, String expected, String came) {
    StringBuilder where = new StringBuilder(file).append(": ").append(section);
    if (name != null) {
      where.append(' ').append(Quote.of(name));
    }
    if (!field.isEmpty()) {
      where.append(' ').append(field);
    }
    return new FormatException(where + ": expected " + expected + ", got " + Quote.plain(came));
  }
}
