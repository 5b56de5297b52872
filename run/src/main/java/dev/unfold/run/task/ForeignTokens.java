package dev.unfold.run.task;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Place;
import dev.unfold.run.output.KnownAnnotations;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The tokens in a file that a user has written, or another program: a JSON array of them, a JSON object with the
/// number of each, from 0 on, or one on each line.
///
/// JSON is each file whose name says so, and each text that begins as JSON with texts does: with a bracket, and then a
/// quotation mark that does not end its line. Lines may begin with a bracket as well: that of `[PAD]`, or one that is a
/// token.
final class ForeignTokens {
  /// A file of more bytes is no list of tokens.
  private static final long MOST = 1 << 28;

  private static final Pattern JSON_BEGINS = Pattern.compile("\\s*[\\[{]\\s*\"[^\\r\\n]");

  private static final JsonMapper JSON =
      KnownAnnotations.mapper()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ForeignTokens() {}

  /// Reads them.
  ///
  /// **Errors**: [DataException] if the file is none of these.
  static List<String> read(Path file) {
    String text = text(file);
    boolean isJson =
        file.toString().toLowerCase(Locale.ROOT).endsWith(".json")
            || JSON_BEGINS.matcher(text).lookingAt();
    List<String> tokens = isJson ? json(file, text) : lines(file, text);
    if (tokens.isEmpty()) {
      throw new DataException(file + ": expected tokens, one on each line or as JSON, found none");
    }
    return tokens;
  }

  private static String text(Path file) {
    if (Files.isDirectory(file)) {
      throw new DataException(file + ": expected a file, got a folder");
    }
    try {
      if (Files.size(file) > MOST) {
        throw new DataException(
            "%s: expected a list of tokens of at most %d bytes, got %d"
                .formatted(file, MOST, Files.size(file)));
      }
      String text = Files.readString(file, StandardCharsets.UTF_8);
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw new DataException(file + ": expected UTF-8, got other bytes", e);
    } catch (NoSuchFileException e) {
      throw new DataException(file + ": expected a file, found none", e);
    } catch (AccessDeniedException e) {
      throw new DataException(file + ": expected a readable file, got no permission", e);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private static List<String> lines(Path file, String text) {
    List<String> lines = text.lines().toList();
    int empty = lines.indexOf("");
    if (empty >= 0) {
      throw new DataException(
          "%s: line %d: tokens[%d]: expected a token (JSON has line breaks, as \"\\n\"), got an empty line"
              .formatted(file, empty + 1, empty));
    }
    return lines;
  }

  private static List<String> json(Path file, String text) {
    try {
      JsonNode all = JSON.readTree(text);
      if (all.isArray()) {
        return array(file, all);
      }
      if (all.isObject()) {
        return object(file, all);
      }
    } catch (JacksonException e) {
      long line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
      String said = e.getOriginalMessage().lines().findFirst().orElse("");
      throw new Place(file.toString(), line).refusal("JSON", "what is none: " + said);
    }
    throw new DataException(
        file
            + ": expected a JSON array of tokens, or an object with the number of each, got"
            + " neither");
  }

  private static List<String> array(Path file, JsonNode all) {
    String[] tokens = new String[all.size()];
    for (int i = 0; i < tokens.length; i++) {
      JsonNode token = all.get(i);
      if (!token.isString() || token.stringValue().isEmpty()) {
        throw new DataException(
            "%s: tokens[%d]: expected a text of a character or more, got %s"
                .formatted(file, i, shown(token)));
      }
      tokens[i] = token.stringValue();
    }
    return List.of(tokens);
  }

  private static List<String> object(Path file, JsonNode all) {
    String[] tokens = new String[all.size()];
    for (Map.Entry<String, JsonNode> entry : all.properties()) {
      JsonNode number = entry.getValue();
      if (!number.isNumber()) {
        throw new DataException(
            "%s: expected the number of each token, got %s for \"%s\""
                .formatted(file, shown(number), entry.getKey()));
      }
      int at = number.isInt() ? number.intValue() : -1;
      if (at < 0 || at >= tokens.length || tokens[at] != null) {
        throw new DataException(
            "%s: expected the numbers 0 to %d, each for one token, got %s for \"%s\""
                .formatted(file, tokens.length - 1, number, entry.getKey()));
      }
      tokens[at] = entry.getKey();
    }
    return List.of(tokens);
  }

  private static String shown(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> "an object";
      case ARRAY -> "a list";
      default -> node.toString();
    };
  }
}
