package dev.unfold.serve.http;

import dev.unfold.argument.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/// The members of a JSON object that a request has. One that is `null` counts as one that is not there.
///
/// **Errors** of all methods: [Refusal] of the member if it is of another kind.
///
/// @param members all of them
public record Arguments(JsonNode members) {
  /// Refuses members of other names.
  public Arguments only(String... names) {
    List<String> known = List.of(names);
    for (String name : members.propertyNames()) {
      if (!known.contains(name)) {
        throw new Refusal(name, known.isEmpty() ? "no member" : "one of " + known, "it");
      }
    }
    return this;
  }

  private Optional<JsonNode> find(String name) {
    JsonNode node = members.get(name);
    return node == null || node.isNull() ? Optional.empty() : Optional.of(node);
  }

  /// Whether it is there.
  public boolean has(String name) {
    return find(name).isPresent();
  }

  /// A text.
  public Optional<String> text(String name) {
    return find(name).map(node -> {
      if (!node.isString()) {
        throw refusal(name, "a text", node);
      }
      return node.stringValue();
    });
  }

  /// A whole number.
  public OptionalLong whole(String name) {
    Optional<JsonNode> found = find(name);
    if (found.isEmpty()) {
      return OptionalLong.empty();
    }
    JsonNode node = found.get();
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw refusal(name, "a whole number", node);
    }
    return OptionalLong.of(node.longValue());
  }

  /// A number.
  public OptionalDouble number(String name) {
    Optional<JsonNode> found = find(name);
    if (found.isEmpty()) {
      return OptionalDouble.empty();
    }
    if (!found.get().isNumber()) {
      throw refusal(name, "a number", found.get());
    }
    return OptionalDouble.of(found.get().doubleValue());
  }

  /// `true` or `false`; false if it is not there.
  public boolean yes(String name) {
    return find(name)
        .map(node -> {
          if (!node.isBoolean()) {
            throw refusal(name, "true or false", node);
          }
          return node.booleanValue();
        })
        .orElse(false);
  }

  /// Another object.
  public Optional<Arguments> object(String name) {
    return find(name).map(node -> {
      if (!node.isObject()) {
        throw refusal(name, "an object", node);
      }
      return new Arguments(node);
    });
  }

  /// A text, or several.
  public List<String> texts(String name) {
    Optional<JsonNode> found = find(name);
    if (found.isEmpty()) {
      return List.of();
    }
    JsonNode node = found.get();
    if (node.isString()) {
      return List.of(node.stringValue());
    }
    if (!node.isArray() || !node.valueStream().allMatch(JsonNode::isString)) {
      throw refusal(name, "a text or an array of them", node);
    }
    return node.valueStream().map(JsonNode::stringValue).toList();
  }

  private static Refusal refusal(String name, String expected, JsonNode got) {
    String shown =
        switch (got.getNodeType()) {
          case OBJECT -> "an object";
          case ARRAY -> "an array";
          case STRING -> "a text";
          default -> got.toString();
        };
    return new Refusal(name, expected, shown.length() > 40 ? shown.substring(0, 40) : shown);
  }
}
