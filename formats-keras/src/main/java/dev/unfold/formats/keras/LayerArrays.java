package dev.unfold.formats.keras;

import dev.unfold.formats.exchange.NetworkAssembly;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The arrays of layers, each read once.
final class LayerArrays {
  private final KerasWeights weights;
  private final Map<String, KerasTensor> tensors = new HashMap<>();

  LayerArrays(KerasWeights weights) {
    this.weights = weights;
  }

  /// The shape of a layer's array number `index`.
  List<Integer> shape(KerasLayer layer, List<String> names, int index) {
    List<Integer> shape = index < names.size() ? weights.shapes().get(names.get(index)) : null;
    if (shape == null) {
      throw layer
          .config()
          .refusal("expected an array as number %d of its weights, found none".formatted(index));
    }
    return shape;
  }

  /// The shape of one that is a matrix.
  List<Integer> matrix(KerasLayer layer, List<String> names, int index) {
    List<Integer> shape = shape(layer, names, index);
    if (shape.size() != 2 || shape.getFirst() < 1 || shape.getLast() < 1) {
      throw layer
          .config()
          .refusal("expected a matrix as number %d of its weights, got %s".formatted(index, shape));
    }
    return shape;
  }

  /// Numbers of an array, which the file is found to hold before anybody allocates memory for them.
  NetworkAssembly.Numbers numbers(
      String name, Function<KerasTensor, NetworkAssembly.Numbers> layout) {
    return layout.apply(tensors.computeIfAbsent(name, weights::tensor));
  }
}
