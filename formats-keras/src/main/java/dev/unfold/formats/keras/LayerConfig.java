package dev.unfold.formats.keras;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// What a file says about a layer.
///
/// @param file what messages call the file
/// @param name the layer's name
/// @param type its class
/// @param node its settings; missing if the file says nothing
record LayerConfig(String file, String name, String type, JsonNode node) {
  /// A text; empty for null or if nothing is said.
  Optional<String> text(String key) {
    JsonNode value = node.get(key);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isString()) {
      throw refusal("%s: expected a name, got %s".formatted(key, Quote.plain(value.toString())));
    }
    return Optional.of(value.stringValue());
  }

  /// Whether something is so.
  boolean flag(String key, boolean otherwise) {
    JsonNode value = node.get(key);
    return (value != null && value.isBoolean()) ? value.booleanValue() : otherwise;
  }

  /// The layer within this one.
  Optional<LayerConfig> inner(String key) {
    JsonNode value = node.get(key);
    if (value == null || !value.isObject()) {
      return Optional.empty();
    }
    JsonNode settings = value.get("config");
    if (settings == null || !settings.isObject()) {
      throw refusal(key + ": expected a layer");
    }
    JsonNode type = value.get("class_name");
    return Optional.of(
        new LayerConfig(
            file, name, type != null && type.isString() ? type.stringValue() : "", settings));
  }

  /// A refusal of the layer.
  FormatException refusal(String what) {
    return new FormatException(
        "%s: layer %s, %s: %s".formatted(file, Quote.plain(name), Quote.plain(type), what));
  }
}
