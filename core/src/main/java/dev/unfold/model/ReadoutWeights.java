package dev.unfold.model;

import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;

/// The matrix of a head's readout laid out for the kernels, once for each change of the parameters.
public final class ReadoutWeights {
  public final PackedMatrix forward;
  public final PackedMatrix back;

  private final Kernels kernels;
  private final String name;
  private final Parameters parameters;
  private long packedVersion = -1;

  /// @param width of what is read out
  ReadoutWeights(Kernels kernels, NetworkHead head, int width, Parameters parameters) {
    this.kernels = kernels;
    this.parameters = parameters;
    name = head.name(Head.WEIGHT);
    forward = kernels.allocatePacked(width, head.outputs());
    back = kernels.allocatePacked(head.outputs(), width);
  }

  /// Lays it out, which only products with all classes need.
  public synchronized void refresh() {
    long version = parameters.version();
    if (version != packedVersion) {
      Matrix weight = parameters.matrix(name);
      kernels.packTransposed(weight, forward);
      kernels.pack(weight, back);
      packedVersion = version;
    }
  }
}
