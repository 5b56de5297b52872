package dev.unfold.formats.graph.layers;

import dev.unfold.cell.CellParameter;
import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The layers between an input and a vector at each step.
///
/// @param below what the first layer reads
/// @param layers from the first on
record Stack(Formula.Leaf below, List<Layer> layers) {
  /// A layer.
  ///
  /// @param runs its directions, forward first
  /// @param isResidual whether its input is added to its output
  /// @param output what it puts out
  record Layer(List<Run> runs, boolean isResidual, Formula output) {
    LayerSpec spec() {
      Set<Wiring> wiring = EnumSet.noneOf(Wiring.class);
      if (runs.size() > 1) {
        wiring.add(Wiring.BIDIRECTIONAL);
      }
      if (isResidual) {
        wiring.add(Wiring.RESIDUAL);
      }
      return new LayerSpec(runs.getFirst().cell(), runs.getFirst().hidden(), wiring);
    }
  }

  /// A linear readout.
  ///
  /// @param weights from the last layer to K outputs
  /// @param bias K numbers
  record Readout(Weights weights, double[] bias) {}

  /// The table that the first input is looked up in; empty if it is read as it is.
  Optional<Formula.Table> table() {
    return below.source() instanceof Formula.Table table ? Optional.of(table) : Optional.empty();
  }

  /// A network with these layers and parameters.
  Network network(Head head, Readout readout, Kernels kernels) {
    Encoder encoder =
        table()
            .<Encoder>map(
                table -> new Encoder.Embedding(table.numbers().size(0), table.numbers().size(1)))
            .orElse(new Encoder.Vectors(below.width()));
    NetworkSpec spec = new NetworkSpec(encoder, layers.stream().map(Layer::spec).toList(), head);
    Network network = Network.zeros(spec, kernels);
    Parameters parameters = network.parameters();
    table().ifPresent(table -> put(parameters, Network.EMBEDDING, table.numbers().reals()));
    for (int l = 0; l < layers.size(); l++) {
      List<String> suffixes = Network.suffixes(spec, l);
      for (int d = 0; d < suffixes.size(); d++) {
        Run run = layers.get(l).runs().get(d);
        for (CellParameter parameter : run.cell().layout().parameters()) {
          put(
              parameters,
              parameter.name() + suffixes.get(d),
              run.parameters().get(parameter.name()));
        }
      }
    }
    double[] weight = new double[head.outputs() * spec.outputSize()];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = readout.weights().get(i % spec.outputSize(), i / spec.outputSize());
    }
    put(parameters, Head.WEIGHT, weight);
    put(parameters, Head.BIAS, readout.bias());
    parameters.changed();
    return network;
  }

  private static void put(Parameters parameters, String name, double... numbers) {
    Matrix to = parameters.matrix(name);
    Matrix from = Matrix.onHeap(to.buffer().type(), to.rows(), to.cols());
    for (int i = 0; i < numbers.length; i++) {
      from.set(i / to.cols(), i % to.cols(), numbers[i]);
    }
    to.copy(from);
  }

  /// The values of a graph that its layers put out, by the layer's number, where there are any.
  Map<Integer, NetworkCheck.Compared> outputs(Tracer graph) {
    Map<Integer, NetworkCheck.Compared> values = new TreeMap<>();
    for (int l = 0; l < layers.size(); l++) {
      int number = l;
      graph.named(layers.get(l).output()).ifPresent(value -> values.put(number, value));
    }
    return values;
  }

  /// What was found of each layer, a line each.
  List<String> conventions() {
    List<String> lines = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      Layer layer = layers.get(l);
      String both = layer.runs().size() > 1 ? ", both directions" : "";
      String added = layer.isResidual() ? ", its input added" : "";
      lines.add(
          "layer l%d: %s%s%s".formatted(l, layer.runs().getFirst().convention(), both, added));
    }
    return lines;
  }
}
