package dev.unfold.formats.keras;

import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.Quote;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// Which layers a file has, in the order in which they run, and which arrays are whose.
///
/// @param file what messages call it
/// @param weights its arrays
record KerasLayers(String file, KerasWeights weights) {
  /// The setting that says the order of layers.
  static final String ORDER = "layers";

  private static final String LAYERS = "layers";

  /// What TensorFlow 2.13 called them.
  static final String OLD_LAYERS = "_layer_checkpoint_dependencies";

  private static final String BIDIRECTIONAL = "Bidirectional";

  /// Of a model whose configuration is known.
  List<KerasLayer> of(ModelConfig config) {
    Map<LayerConfig, List<String>> paths = new HashMap<>();
    Map<String, Integer> count = new HashMap<>();
    for (LayerConfig layer : config.all()) {
      String snake = snake(layer.type());
      int number = count.merge(snake, 1, Integer::sum) - 1;
      paths.put(layer, List.of(number == 0 ? snake : snake + "_" + number));
    }
    return config.chain().stream().map(layer -> layer(layer, paths.get(layer).getFirst())).toList();
  }

  /// What Keras makes of the name of a class.
  private static String snake(String type) {
    return type.replaceAll("\\W+", "")
        .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
        .replaceAll("([a-z])([A-Z])", "$1_$2")
        .toLowerCase(Locale.ROOT);
  }

  /// The group that has those of the layers, in files since Keras 3.
  private Optional<String> container() {
    return Stream.of(LAYERS, OLD_LAYERS).filter(weights::hasGroup).findFirst();
  }

  private KerasLayer layer(LayerConfig config, String path) {
    Optional<String> container = container();
    String group = container.map(name -> name + "/" + path).orElse(config.name());
    return switch (config.type()) {
      case BIDIRECTIONAL -> bidirectional(config, group);
      case "TimeDistributed" ->
          new KerasLayer(
              expectInner(config), container.isPresent() ? vars(group + "/layer") : legacy(group));
      default -> {
        String cell = group + "/cell";
        String own = weights.hasGroup(cell) ? cell : group;
        yield new KerasLayer(config, container.isPresent() ? vars(own) : legacy(group));
      }
    };
  }

  private KerasLayer bidirectional(LayerConfig config, String group) {
    LayerConfig inner = expectInner(config);
    Optional<String> merge = config.text("merge_mode").or(() -> Optional.of("none of both"));
    Optional<LayerConfig> backward = config.inner("backward_layer");
    if (backward.isPresent() && !alike(inner, backward.get())) {
      throw config.refusal("expected directions that are alike");
    }
    if (container().isPresent()) {
      return new KerasLayer(
          inner, vars(group + "/forward_layer/cell"), vars(group + "/backward_layer/cell"), merge);
    }
    List<String> both = legacy(group);
    int half = both.size() / 2;
    return new KerasLayer(inner, both.subList(0, half), both.subList(half, both.size()), merge);
  }

  private static LayerConfig expectInner(LayerConfig config) {
    return config.inner("layer").orElseThrow(() -> config.refusal("expected a layer within"));
  }

  private static boolean alike(LayerConfig a, LayerConfig b) {
    boolean isAlike = a.type().equals(b.type());
    for (String key : List.of("activation", "recurrent_activation")) {
      isAlike &= a.text(key).equals(b.text(key));
    }
    return isAlike && a.flag("reset_after", true) == b.flag("reset_after", true);
  }

  /// The arrays of a layer since Keras 3, which have numbers for names.
  private List<String> vars(String group) {
    List<String> names = new ArrayList<>();
    while (weights.shapes().containsKey(group + "/vars/" + names.size())) {
      names.add(group + "/vars/" + names.size());
    }
    return names;
  }

  /// The arrays of a layer before Keras 3, in the order of an attribute.
  private List<String> legacy(String group) {
    return weights.texts(group, "weight_names").stream().map(name -> group + "/" + name).toList();
  }

  /// Of a file of weights alone: found from names and shapes, in the order that is said or the only one that there is.
  List<KerasLayer> ofWeights(ImportOptions options) {
    Map<String, KerasLayer> found = new LinkedHashMap<>();
    if (container().isPresent()) {
      weights
          .groupsIn(container().get())
          .forEach(name -> {
            KerasLayer layer = guess(name, container().get() + "/" + name);
            if (!layer.weights().isEmpty()) {
              found.put(name, layer);
            }
          });
    } else {
      for (String name : weights.texts("", "layer_names")) {
        List<String> own = legacy(name);
        if (!own.isEmpty()) {
          found.put(name, guessLegacy(name, own));
        }
      }
    }
    if (found.isEmpty()) {
      throw new FormatException(file + ": expected layers of Keras, found none");
    }
    Optional<String> said = options.setting(ORDER);
    return said.isPresent() ? ordered(found, said.get()) : ordered(found);
  }

  private List<KerasLayer> ordered(Map<String, KerasLayer> found, String order) {
    List<KerasLayer> layers = new ArrayList<>();
    for (String name : order.split(",", -1)) {
      KerasLayer layer = found.get(name);
      if (layer == null) {
        throw new FormatException(
            "%s: expected --set layers= with names of %s, got %s"
                .formatted(file, Quote.plain(String.join(", ", found.keySet())), Quote.of(name)));
      }
      layers.add(layer);
    }
    return layers;
  }

  /// Since Keras 3 the order is not in the file, but that of recurrent layers of one class shows in their numbers.
  private List<KerasLayer> ordered(Map<String, KerasLayer> found) {
    if (container().isEmpty()) {
      return List.copyOf(found.values());
    }
    Map<String, KerasLayer> sorted = new TreeMap<>();
    long classes =
        found.keySet().stream()
            .filter(name -> rank(name) == 1)
            .map(name -> name.replaceAll("_[0-9]+$", ""))
            .distinct()
            .count();
    if (classes > 1) {
      throw new FormatException(
          "%s: holds weights alone, without the order of layers: expected --set layers=%s in the order in which they run"
              .formatted(file, Quote.plain(String.join(",", found.keySet()))));
    }
    found.forEach(
        (name, layer) -> sorted.put("%d%09d%s".formatted(rank(name), number(name), name), layer));
    return List.copyOf(sorted.values());
  }

  /// Embeddings come first, recurrent layers next, the rest after them.
  private static int rank(String name) {
    if (name.startsWith("embedding")) {
      return 0;
    }
    return name.startsWith("dense") || name.startsWith("time_distributed") ? 2 : 1;
  }

  private static int number(String name) {
    return name.matches(".*_[0-9]{1,6}") ? Integer.parseInt(name.replaceAll(".*_", "")) : 0;
  }

  private LayerConfig said(String name, String type) {
    ObjectNode nothing = JsonNodeFactory.instance.objectNode();
    return new LayerConfig(file, name, type, nothing);
  }

  private KerasLayer guess(String name, String group) {
    String plain = name.replaceAll("_[0-9]+$", "");
    List<String> forward = vars(group + "/forward_layer/cell");
    if (!forward.isEmpty()) {
      return new KerasLayer(
          said(name, recurrent(name, forward)),
          forward,
          vars(group + "/backward_layer/cell"),
          Optional.of("concat"));
    }
    return switch (plain) {
      case "embedding" -> new KerasLayer(said(name, "Embedding"), vars(group));
      case "dense" -> new KerasLayer(said(name, "Dense"), vars(group));
      case "time_distributed" -> new KerasLayer(said(name, "Dense"), vars(group + "/layer"));
      default -> {
        List<String> cell = vars(group + "/cell");
        yield cell.isEmpty()
            ? new KerasLayer(said(name, plain), vars(group))
            : new KerasLayer(said(name, recurrent(name, cell)), cell);
      }
    };
  }

  private KerasLayer guessLegacy(String name, List<String> own) {
    String first = own.getFirst();
    if (own.stream().anyMatch(each -> each.contains("recurrent_kernel"))) {
      boolean isBoth = own.stream().anyMatch(each -> each.contains("backward_"));
      int half = isBoth ? own.size() / 2 : own.size();
      return new KerasLayer(
          said(name, recurrent(name, own)),
          own.subList(0, half),
          own.subList(half, own.size()),
          isBoth ? Optional.of("concat") : Optional.empty());
    }
    if (first.endsWith("embeddings:0")) {
      return new KerasLayer(said(name, "Embedding"), own);
    }
    boolean isDense =
        first.endsWith("kernel:0") && weights.shapes().getOrDefault(first, List.of()).size() == 2;
    return new KerasLayer(said(name, isDense ? "Dense" : "of another class"), own);
  }

  /// The class of a recurrent layer: 4, 3 or 1 times H columns.
  private String recurrent(String name, List<String> own) {
    List<Integer> shape =
        own.size() < 2 ? List.of() : weights.shapes().getOrDefault(own.get(1), List.of());
    int gates =
        shape.size() == 2 && shape.getFirst() > 0 && shape.getLast() % shape.getFirst() == 0
            ? shape.getLast() / shape.getFirst()
            : 0;
    return switch (gates) {
      case 4 -> "LSTM";
      case 3 -> "GRU";
      case 1 -> "SimpleRNN";
      default ->
          throw new FormatException(
              "%s: layer %s: expected a recurrent kernel [H, 4H], [H, 3H] or [H, H], got %s"
                  .formatted(file, Quote.plain(name), shape));
    };
  }
}
