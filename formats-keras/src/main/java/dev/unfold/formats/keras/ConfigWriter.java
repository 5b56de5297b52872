package dev.unfold.formats.keras;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Bias;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.ValueLoss;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What files of Keras 3 say of a Sequential model besides its weights.
///
/// @param spec the network
/// @param cells those of its layers
record ConfigWriter(NetworkSpec spec, List<KerasCell> cells) {
  /// The version whose layout it is.
  private static final String VERSION = "3.0.0";

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// The function behind the Dense layer, by Keras's name.
  ///
  /// **Errors**: [IllegalArgumentException] for a head that is no Dense layer.
  static String activation(Head head) {
    return switch (head) {
      case Head.Classes _ -> "softmax";
      case Head.Sets _ -> "sigmoid";
      case Head.Values values ->
          values.loss() instanceof ValueLoss.SigmoidCrossEntropy ? "sigmoid" : "linear";
      case PooledHead pooled when pooled.pooling() != Pooling.ATTENTION ->
          activation(pooled.head());
      default ->
          throw new Refusal(
              "model", "a head that is one Dense layer for Keras", "one of " + head.text());
    };
  }

  /// What a `.keras` file says of its version.
  static String metadata() {
    ObjectNode metadata = JSON.createObjectNode();
    metadata.put("keras_version", VERSION);
    metadata.put("date_saved", "1980-01-01@00:00:00");
    return JSON.writeValueAsString(metadata);
  }

  /// The whole model.
  String model() {
    ObjectNode model = JSON.createObjectNode();
    model.put("module", "keras");
    model.put("class_name", "Sequential");
    ObjectNode config = model.putObject("config");
    config.put("name", "sequential");
    config.put("trainable", true);
    addLayers(config.putArray("layers"));
    model.putNull("registered_name");
    return JSON.writeValueAsString(model);
  }

  /// The layers, in the order in which they run.
  ArrayNode layers() {
    return addLayers(JSON.createArrayNode());
  }

  private ArrayNode addLayers(ArrayNode layers) {
    ObjectNode input = layer(layers, "InputLayer", "input_layer");
    ArrayNode shape = input.putArray("batch_shape").addNull().addNull();
    switch (spec.encoder()) {
      case Encoder.Embedding tokens -> {
        input.put("dtype", "int32");
        ObjectNode embedding = layer(layers, "Embedding", "embedding");
        embedding.put("input_dim", tokens.vocabulary());
        embedding.put("output_dim", tokens.width());
      }
      default -> shape.add(spec.encoder().width());
    }
    boolean isLast = spec.head().pooled().filter(Pooling.LAST::equals).isPresent();
    for (int l = 0; l < spec.layers(); l++) {
      LayerSpec own = spec.stack().get(l);
      boolean isWhole = !isLast || l < spec.layers() - 1;
      if (own.has(Wiring.BIDIRECTIONAL)) {
        ObjectNode both = layer(layers, "Bidirectional", "bidirectional_" + l);
        both.put("merge_mode", "concat");
        recurrent(both.putObject("layer"), l, "forward_", isWhole);
        ObjectNode backward = recurrent(both.putObject("backward_layer"), l, "backward_", isWhole);
        backward.put("go_backwards", true);
      } else {
        recurrent(layers.addObject(), l, "", isWhole);
      }
    }
    spec.head()
        .pooled()
        .ifPresent(pooling -> {
          switch (pooling) {
            case MEAN -> layer(layers, "GlobalAveragePooling1D", "pooling");
            case MAX -> layer(layers, "GlobalMaxPooling1D", "pooling");
            default -> {}
          }
        });
    ObjectNode dense = layer(layers, "Dense", "dense");
    dense.put("units", spec.outputs());
    dense.put("activation", activation(spec.head()));
    dense.put("use_bias", spec.hasReadoutBias());
    return layers;
  }

  private static ObjectNode layer(ArrayNode layers, String type, String name) {
    return layer(layers.addObject(), type, name);
  }

  private static ObjectNode layer(ObjectNode layer, String type, String name) {
    layer.put("module", "keras.layers");
    layer.put("class_name", type);
    ObjectNode config = layer.putObject("config");
    layer.putNull("registered_name");
    config.put("name", name);
    config.put("trainable", true);
    return config;
  }

  private ObjectNode recurrent(ObjectNode node, int l, String prefix, boolean isWhole) {
    LayerSpec own = spec.stack().get(l);
    KerasCell cell = cells.get(l);
    ObjectNode config =
        layer(node, cell.type(), prefix + cell.type().toLowerCase(Locale.ROOT) + "_" + l);
    config.put("units", own.hidden());
    config.put("activation", cell.activation());
    config.put("use_bias", own.cell().bias() != Bias.NONE);
    config.put("return_sequences", isWhole);
    if (!cell.gates().isEmpty()) {
      config.put("recurrent_activation", cell.gates());
    }
    if (cell.type().equals("GRU")) {
      config.put("reset_after", cell.isResetAfter());
    }
    return config;
  }
}
