package dev.unfold.formats.keras;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The layers of a model as its configuration says: all of them, and those through which the input goes, in order.
///
/// @param all in the order in which the file keeps weights
/// @param chain from the input to the output
record ModelConfig(List<LayerConfig> all, List<LayerConfig> chain) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// Reads the configuration of a Sequential, or of a Functional model whose layers stand in one row.
  static ModelConfig parse(String file, String text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JacksonException e) {
      throw new FormatException(
          file + ": configuration: expected JSON: " + Quote.plain(e.getOriginalMessage()), e);
    }
    String type = text(root, "class_name");
    JsonNode config = root.get("config");
    return switch (type) {
      // Before Keras 2.2.3 its configuration was the list alone.
      case "Sequential" -> {
        List<LayerConfig> layers =
            layers(file, config != null && config.isArray() ? config : field(config, "layers"));
        yield new ModelConfig(layers, layers);
      }
      case "Functional", "Model" -> functional(file, config);
      default ->
          throw new FormatException(
              file
                  + ": configuration: expected a Sequential or Functional model, got "
                  + Quote.of(type));
    };
  }

  private static JsonNode field(JsonNode node, String key) {
    return node == null || !node.isObject() ? null : node.get(key);
  }

  private static String text(JsonNode node, String key) {
    JsonNode value = field(node, key);
    return value == null || !value.isString() ? "" : value.stringValue();
  }

  private static List<LayerConfig> layers(String file, JsonNode nodes) {
    if (nodes == null || !nodes.isArray()) {
      throw new FormatException(file + ": configuration: expected a list of layers");
    }
    List<LayerConfig> layers = new ArrayList<>();
    for (JsonNode node : nodes) {
      JsonNode config = field(node, "config");
      if (config == null || !config.isObject()) {
        throw new FormatException(
            file + ": configuration: expected settings of layer " + layers.size());
      }
      String name = text(config, "name");
      layers.add(
          new LayerConfig(
              file, name.isEmpty() ? text(node, "name") : name, text(node, "class_name"), config));
    }
    return layers;
  }

  private static ModelConfig functional(String file, JsonNode config) {
    JsonNode nodes = field(config, "layers");
    List<LayerConfig> all = layers(file, nodes);
    Map<String, LayerConfig> byName = new LinkedHashMap<>();
    Map<String, JsonNode> inbound = new LinkedHashMap<>();
    int i = 0;
    for (LayerConfig layer : all) {
      byName.put(layer.name(), layer);
      JsonNode from = field(nodes.get(i++), "inbound_nodes");
      if (from != null) {
        inbound.put(layer.name(), from);
      }
    }
    List<String> outputs = names(field(config, "output_layers"), byName.keySet());
    if (outputs.size() != 1 || names(field(config, "input_layers"), byName.keySet()).size() != 1) {
      throw new FormatException(
          file + ": configuration: expected a model of one input and one output");
    }
    List<LayerConfig> chain = new ArrayList<>();
    String name = outputs.getFirst();
    Set<String> seen = new HashSet<>();
    while (seen.add(name)) {
      LayerConfig layer = byName.get(name);
      chain.addFirst(layer);
      List<String> from = names(inbound.get(name), byName.keySet());
      if (from.isEmpty()) {
        return new ModelConfig(all, chain);
      }
      if (from.size() > 1) {
        throw layer.refusal("expected one input, got " + from.size() + " or states from outside");
      }
      name = from.getFirst();
    }
    throw new FormatException(file + ": configuration: expected layers that do not go in a circle");
  }

  /// The layers that a node refers to: `[name, number, number, ...]` within lists, or the `keras_history` of a tensor.
  private static List<String> names(JsonNode node, Set<String> known) {
    List<String> names = new ArrayList<>();
    addNames(node, known, names);
    return names;
  }

  private static void addNames(JsonNode node, Set<String> known, List<String> names) {
    if (node == null) {
      return;
    }
    if (node.isArray()) {
      boolean isReference =
          node.size() >= 3
              && node.get(0).isString()
              && node.get(1).isInt()
              && known.contains(node.get(0).stringValue());
      if (isReference) {
        names.add(node.get(0).stringValue());
      } else {
        node.forEach(child -> addNames(child, known, names));
      }
    } else if (node.isObject()) {
      // Masks and the like stand among the keywords, and are no input.
      addNames(node.get("args"), known, names);
      addNames(node.get("config"), known, names);
      addNames(node.get("keras_history"), known, names);
      addNames(field(node.get("kwargs"), "initial_state"), known, names);
    }
  }
}
