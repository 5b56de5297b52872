package dev.unfold.model;

import dev.unfold.cell.CellParameter;
import dev.unfold.cell.CellParameter.Block;
import dev.unfold.cell.Sizes;
import dev.unfold.kernels.storage.Matrix;
import java.util.List;

/// Writes the matrices of heads as whole ones, with zeros where a unit sees no other head's.
final class WholeMatrices {
  private WholeMatrices() {}

  /// The specification without heads.
  static NetworkSpec spec(NetworkSpec spec) {
    List<LayerSpec> stack =
        spec.stack().stream()
            .map(layer -> new LayerSpec(layer.cell().withHeads(1), layer.hidden(), layer.wiring()))
            .toList();
    return new NetworkSpec(
        spec.encoder(), stack, spec.head(), spec.wiring(), spec.noise(), spec.start());
  }

  /// Copies the parameters of `network` to those of one of [#spec].
  static void copy(Network network, Network to) {
    Parameters from = network.parameters();
    for (Parameters.Tensor tensor : from.tensors()) {
      Matrix target = to.parameters().matrix(tensor.name());
      Matrix source = from.matrix(tensor.name());
      if (source.cols() == target.cols()) {
        target.copy(source);
      }
    }
    NetworkSpec spec = network.spec();
    for (int l = 0; l < spec.layers(); l++) {
      LayerSpec layer = spec.stack().get(l);
      List<CellParameter> matrices =
          layer.cell().layout().parameters().stream()
              .filter(parameter -> parameter.heads() > 1)
              .toList();
      for (String suffix : Network.suffixes(spec, l)) {
        for (CellParameter parameter : matrices) {
          String name = parameter.name() + suffix;
          Sizes sizes = layer.sizes(spec.inputSize(l));
          widen(parameter, sizes, from.matrix(name), to.parameters().matrix(name));
        }
      }
    }
    to.parameters().changed();
  }

  /// The zeros are there already.
  private static void widen(CellParameter parameter, Sizes sizes, Matrix from, Matrix to) {
    int row = 0;
    for (Block block : parameter.blocks()) {
      int rows = sizes.of(block.size()) / parameter.heads();
      for (int head = 0; head < parameter.heads(); head++) {
        Matrix source = from.rows(row, rows);
        to.rows(row, rows).columns(head * from.cols(), from.cols()).copy(source);
        row += rows;
      }
    }
  }
}
