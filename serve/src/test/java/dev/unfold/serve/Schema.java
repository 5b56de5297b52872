package dev.unfold.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// As much of JSON Schema as the description of the API uses. A keyword that is not known here is refused, so that none
/// is passed over.
final class Schema {
  private static final Set<String> KNOWN =
      Set.of(
          "$ref",
          "additionalProperties",
          "allOf",
          "default",
          "description",
          "enum",
          "items",
          "maxItems",
          "maximum",
          "minItems",
          "minimum",
          "oneOf",
          "properties",
          "required",
          "type");

  private final JsonNode description;

  /// @param description in whose components references lead
  Schema(JsonNode description) {
    this.description = description;
  }

  /// What is wrong with a value; empty if nothing is.
  Optional<String> fault(JsonNode schema, JsonNode value) {
    return fault("", schema, value);
  }

  private Optional<String> fault(String at, JsonNode schema, JsonNode value) {
    for (String keyword : schema.propertyNames()) {
      if (!KNOWN.contains(keyword)) {
        throw new AssertionError(at + ": no such keyword is known: " + keyword);
      }
    }
    if (schema.has("$ref")) {
      return fault(at, find(schema.get("$ref").asString()), value);
    }
    Optional<String> fault = type(at, schema, value);
    if (fault.isPresent()) {
      return fault;
    }
    for (JsonNode all : list(schema, "allOf")) {
      fault = fault(at, all, value);
      if (fault.isPresent()) {
        return fault;
      }
    }
    if (schema.has("oneOf")) {
      long fit =
          schema.get("oneOf").valueStream().filter(one -> fault(at, one, value).isEmpty()).count();
      if (fit != 1) {
        return Optional.of(at + ": fits " + fit + " of oneOf");
      }
    }
    return parts(at, schema, value);
  }

  private JsonNode find(String reference) {
    JsonNode found = description.at(reference.substring(1));
    if (found.isMissingNode()) {
      throw new AssertionError("leads nowhere: " + reference);
    }
    return found;
  }

  /// What a reference leads to, or the node itself.
  JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? find(node.get("$ref").asString()) : node;
  }

  private static List<JsonNode> list(JsonNode schema, String keyword) {
    List<JsonNode> all = new ArrayList<>();
    if (schema.has(keyword)) {
      schema.get(keyword).forEach(all::add);
    }
    return all;
  }

  private static Optional<String> type(String at, JsonNode schema, JsonNode value) {
    JsonNode type = schema.get("type");
    if (type != null) {
      boolean fits =
          type.isArray()
              ? type.valueStream().anyMatch(one -> is(one.asString(), value))
              : is(type.asString(), value);
      if (!fits) {
        return Optional.of("%s: expected %s, got %s".formatted(at, type, value));
      }
    }
    boolean isListed = !schema.has("enum") || list(schema, "enum").contains(value);
    boolean isIn =
        !value.isNumber()
            || ((!schema.has("minimum")
                    || value.doubleValue() >= schema.get("minimum").doubleValue())
                && (!schema.has("maximum")
                    || value.doubleValue() <= schema.get("maximum").doubleValue()));
    boolean isLong =
        value.isArray()
            && (value.size() < schema.path("minItems").asInt(0)
                || value.size() > schema.path("maxItems").asInt(Integer.MAX_VALUE));
    return isListed && isIn && !isLong
        ? Optional.empty()
        : Optional.of(at + ": out of bounds: " + value);
  }

  private static boolean is(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> throw new AssertionError("no such type: " + type);
    };
  }

  private Optional<String> parts(String at, JsonNode schema, JsonNode value) {
    for (JsonNode name : list(schema, "required")) {
      if (!value.has(name.asString())) {
        return Optional.of(at + ": lacks " + name);
      }
    }
    if (value.isObject()) {
      for (String name : value.propertyNames()) {
        JsonNode own =
            schema.has("properties") && schema.get("properties").has(name)
                ? schema.get("properties").get(name)
                : schema.get("additionalProperties");
        Optional<String> fault =
            own == null ? Optional.empty() : fault(at + "." + name, own, value.get(name));
        if (fault.isPresent()) {
          return fault;
        }
      }
    }
    for (int i = 0; value.isArray() && schema.has("items") && i < value.size(); i++) {
      Optional<String> fault = fault(at + "[" + i + "]", schema.get("items"), value.get(i));
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }
}
