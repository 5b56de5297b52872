package dev.unfold.run.output;

import java.io.PrintWriter;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// Prints records as JSON objects, one a line, in the order of their components, `likeThis` named
/// `like_this`.
public final class Json {
  private static final JsonMapper MAPPER =
      KnownAnnotations.mapper()
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  private Json() {}

  /// Prints `line`.
  public static void print(PrintWriter out, Record line) {
    out.println(MAPPER.writeValueAsString(line));
    out.flush();
  }

  /// Prints an object with these members, in their order.
  public static void print(PrintWriter out, Map<String, Object> line) {
    out.println(MAPPER.writeValueAsString(line));
    out.flush();
  }

  /// A list, a map, a number or a text as JSON.
  public static String text(Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /// A record as what [#print] would print.
  public static JsonNode tree(Record line) {
    return MAPPER.valueToTree(line);
  }

  /// An object with these members as what [#print] would print.
  public static JsonNode tree(Map<String, Object> line) {
    return MAPPER.valueToTree(line);
  }

  /// What a line says.
  public static JsonNode read(String line) {
    return MAPPER.readTree(line);
  }

  /// JSON has no numbers that are not finite.
  public static Double finite(double number) {
    return Double.isFinite(number) ? number : null;
  }
}
