package dev.unfold.layer;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.plan.Group;
import java.util.ArrayList;
import java.util.List;

/// The diagonals of a layer's recurrent matrices, a row for each slice: what a unit hands on to itself. They follow
/// the weights.
final class Diagonals {
  private final Layer layer;
  private final List<Own> all = new ArrayList<>();
  private long version = -1;

  /// @param weights the slice's rows
  /// @param diagonal its diagonal, as one row
  private record Own(Matrix weights, Matrix diagonal) {
    /// A head's columns are those of its own rows.
    void copy() {
      Matrix from = weights.toHost();
      Matrix to = diagonal.toHost();
      for (int i = 0; i < to.cols(); i++) {
        to.set(0, i, from.get(i, i % from.cols()));
      }
      diagonal.copy(to);
    }
  }

  Diagonals(Layer layer) {
    this.layer = layer;
  }

  /// A window onto the diagonal of a slice, repeated; of as many rows as it is told.
  Matrix of(Group group, Group.Slice slice) {
    Buffer buffer = layer.kernels().allocate(slice.width());
    Matrix weights = layer.parameter(group.weight()).rows(slice.from(), slice.width());
    all.add(new Own(weights, Matrix.of(buffer, 0, 1, slice.width())));
    version = -1;
    return Matrix.repeated(buffer, 0, 0, slice.width());
  }

  /// Takes over the weights that the layer was last laid out for.
  void refresh() {
    if (version != layer.packedVersion()) {
      for (int i = 0; i < all.size(); i++) {
        all.get(i).copy();
      }
      version = layer.packedVersion();
    }
  }
}
