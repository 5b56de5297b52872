package dev.unfold.online;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import java.util.ArrayList;
import java.util.List;

/// The parameters of some layers as P columns: as they stand behind one another in [Parameters], so that a row of
/// derivatives is added to gradients as one.
///
/// @param from where the first of them is
/// @param count P; gaps are counted
/// @param offsets for each layer and parameter its first column
/// @param widths for each layer and parameter the columns of its matrix
record Columns(long from, int count, List<long[]> offsets, List<int[]> widths) {
  /// Those of the layers `first` to `last` of a network of one direction.
  static Columns of(Network network, int first, int last) {
    List<List<Matrix>> layers = new ArrayList<>();
    for (int l = first; l <= last; l++) {
      layers.add(network.weights().ofLayer(l, network.parameters()).getFirst());
    }
    long from = layers.stream().flatMap(List::stream).mapToLong(Matrix::offset).min().orElse(0);
    long to =
        layers.stream()
            .flatMap(List::stream)
            .mapToLong(matrix -> matrix.offset() + matrix.extent())
            .max()
            .orElse(from);
    List<long[]> offsets =
        layers.stream()
            .map(layer -> layer.stream().mapToLong(matrix -> matrix.offset() - from).toArray())
            .toList();
    List<int[]> widths =
        layers.stream().map(layer -> layer.stream().mapToInt(Matrix::cols).toArray()).toList();
    return new Columns(from, Math.toIntExact(to - from), offsets, widths);
  }

  /// Their place in `parameters`, one row.
  Matrix in(Parameters parameters) {
    return Matrix.of(parameters.buffer(), from, 1, count);
  }
}
