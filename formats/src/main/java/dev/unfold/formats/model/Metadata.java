package dev.unfold.formats.model;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/// The texts of a file, read as what they should be.
final class Metadata {
  private final String file;
  private final Map<String, String> texts;

  Metadata(String file, Map<String, String> texts) {
    this.file = file;
    this.texts = texts;
  }

  boolean has(String key) {
    return texts.containsKey(key);
  }

  String text(String key) {
    String text = texts.get(key);
    if (text == null) {
      throw new FormatException(
          "%s: metadata: expected %s, found none: not a model of Unfold's"
              .formatted(file, Quote.of(key)));
    }
    return text;
  }

  /// All texts whose keys begin with `prefix`, by what follows it, if anything does.
  Map<String, String> after(String prefix) {
    Map<String, String> all = new TreeMap<>();
    texts.forEach((key, text) -> {
      if (key.startsWith(prefix) && key.length() > prefix.length()) {
        all.put(key.substring(prefix.length()), text);
      }
    });
    return all;
  }

  /// Checks that a text is the only one that is understood.
  void expect(String key, String expected) {
    if (!text(key).equals(expected)) {
      throw wrong(key, Quote.of(expected));
    }
  }

  /// A whole number from 1 to 2^31-1.
  int size(String key) {
    return (int) whole(key, 1, Integer.MAX_VALUE);
  }

  /// A whole number.
  long whole(String key, long least, long most) {
    long number = parse(key, "a whole number", Long::parseLong);
    if (number < least || number > most) {
      throw wrong(key, "a number from " + least + " to " + most);
    }
    return number;
  }

  double number(String key) {
    return parse(key, "a number", Double::parseDouble);
  }

  /// What `parser` makes of a text.
  ///
  /// @param expected in words, for the message if the parser throws [IllegalArgumentException]
  <T> T parse(String key, String expected, Function<String, T> parser) {
    String text = text(key);
    try {
      return parser.apply(text);
    } catch (IllegalArgumentException e) {
      FormatException wrong = wrong(key, expected);
      wrong.initCause(e);
      throw wrong;
    }
  }

  private FormatException wrong(String key, String expected) {
    return new FormatException(
        "%s: metadata %s: expected %s, got %s"
            .formatted(file, Quote.of(key), expected, Quote.of(texts.get(key))));
  }
}
