package dev.unfold.formats.exchange;

import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.Sizes;
import dev.unfold.formats.exchange.GateBlocks.GatedCell;
import dev.unfold.head.Head;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/// A network with its arrays changed to what another program means by them. The given one stays as it is.
final class ChangedNetwork {
  private ChangedNetwork() {}

  /// The same network with LSTMs and GRUs of other types and numbers.
  static Network relayered(
      Network network, UnaryOperator<GatedCell> types, BiConsumer<GatedCell, GateBlocks> change) {
    NetworkSpec spec = network.spec();
    Map<Cell, Optional<GatedCell>> known = new HashMap<>();
    List<LayerSpec> stack = new ArrayList<>();
    for (LayerSpec layer : spec.stack()) {
      Optional<GatedCell> type = known.computeIfAbsent(layer.cell(), GatedCell::of);
      Cell cell =
          type.filter(own -> !types.apply(own).equals(own))
              .map(own -> types.apply(own).cell().withBias(layer.cell().bias()))
              .orElse(layer.cell());
      stack.add(new LayerSpec(cell, layer.hidden(), layer.wiring()));
    }
    NetworkSpec others =
        new NetworkSpec(
            spec.encoder(), stack, spec.head(), spec.wiring(), spec.noise(), spec.start());
    Network changed = rebuilt(network, others);
    for (int l = 0; l < spec.layers(); l++) {
      Cell from = spec.stack().get(l).cell();
      Optional<GatedCell> type = known.get(from);
      if (type.isPresent()) {
        Sizes sizes = spec.stack().get(l).sizes(spec.inputSize(l));
        for (String suffix : Network.suffixes(spec, l)) {
          GateBlocks blocks =
              GateBlocks.of(from, type.get().letters(), sizes, network.parameters(), suffix);
          change.accept(type.get(), blocks);
          blocks.copyTo(stack.get(l).cell(), sizes, changed.parameters(), suffix);
        }
      }
    }
    changed.parameters().changed();
    return changed;
  }

  /// The same network with those square blocks of the layers' arrays turned whose roles are meant.
  static Network turned(Network network, Predicate<CellParameter.Role> isMeant) {
    NetworkSpec spec = network.spec();
    Network turned = rebuilt(network, spec);
    for (int l = 0; l < spec.layers(); l++) {
      LayerSpec layer = spec.stack().get(l);
      Sizes sizes = layer.sizes(spec.inputSize(l));
      for (String suffix : Network.suffixes(spec, l)) {
        for (CellParameter parameter : layer.cell().layout().parameters()) {
          if (isMeant.test(parameter.role())) {
            int row = 0;
            for (CellParameter.Block block : parameter.blocks()) {
              turn(turned.parameters(), parameter.name() + suffix, row, sizes.of(block.size()));
              row += sizes.of(block.size());
            }
          }
        }
      }
    }
    turned.parameters().changed();
    return turned;
  }

  /// The same network with the head's matrix turned, if it is square.
  static Network headTurned(Network network) {
    Network turned = rebuilt(network, network.spec());
    turn(turned.parameters(), Head.WEIGHT, 0, network.spec().outputs());
    turned.parameters().changed();
    return turned;
  }

  /// Turns a block of rows, if it is square.
  private static void turn(Parameters parameters, String name, int first, int rows) {
    Matrix matrix = parameters.matrix(name);
    if (matrix.cols() != rows) {
      return;
    }
    Matrix own = matrix.toHost();
    Matrix turned = Matrix.onHeap(own.buffer().type(), own.rows(), own.cols());
    turned.copy(own);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < rows; c++) {
        turned.set(first + r, c, own.get(first + c, r));
      }
    }
    matrix.copy(turned);
  }

  /// The same network with the parameters of both directions swapped.
  static Network swapped(Network network) {
    NetworkSpec spec = network.spec();
    Network swapped = rebuilt(network, spec);
    for (int l = 0; l < spec.layers(); l++) {
      List<String> suffixes = Network.suffixes(spec, l);
      for (CellParameter parameter : spec.stack().get(l).cell().layout().parameters()) {
        for (int d = 0; d < suffixes.size(); d++) {
          String from = parameter.name() + suffixes.get(suffixes.size() - 1 - d);
          swapped
              .parameters()
              .matrix(parameter.name() + suffixes.get(d))
              .copy(network.parameters().matrix(from));
        }
      }
    }
    swapped.parameters().changed();
    return swapped;
  }

  /// A network of `spec` with the parameters that both have.
  private static Network rebuilt(Network network, NetworkSpec spec) {
    Network other = Network.zeros(spec, network.kernels());
    Map<String, List<Integer>> shapes = Network.shapes(network.spec());
    for (Parameters.Tensor tensor : other.parameters().tensors()) {
      if (tensor.shape().equals(shapes.get(tensor.name()))) {
        other.parameters().matrix(tensor.name()).copy(network.parameters().matrix(tensor.name()));
      }
    }
    other.parameters().changed();
    return other;
  }
}
