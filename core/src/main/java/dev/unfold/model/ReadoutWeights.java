package dev.unfold.model;

import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;

/// The matrix of a head's readout laid out for the kernels, once for each change of the parameters.
public final class ReadoutWeights {
  public final PackedMatrix forward;

  private final Kernels kernels;
  private final String name;

  /// Null if there is none.
  private final String biasName;

  private final Parameters parameters;
  private long packedVersion = -1;

  /// Null until errors are followed back.
  private PackedMatrix back;

  /// @param width of what is read out
  /// @param format of the matrix for the way forward
  ReadoutWeights(
      Kernels kernels, NetworkHead head, int width, WeightFormat format, Parameters parameters) {
    this.kernels = kernels;
    this.parameters = parameters;
    name = head.name(Head.WEIGHT);
    biasName = head.hasBias() ? head.name(Head.BIAS) : null;
    forward = kernels.allocatePacked(width, head.outputs(), format);
  }

  /// A window onto the bias, repeated for as many rows as it is moved to; null if there is none.
  public Matrix bias() {
    if (biasName == null) {
      return null;
    }
    Matrix row = parameters.matrix(biasName);
    return Matrix.repeated(row.buffer(), row.offset(), 0, row.cols());
  }

  /// Lays it out, which only products with all classes need.
  public synchronized void refresh() {
    long version = parameters.version();
    if (version != packedVersion) {
      Matrix weight = parameters.matrix(name);
      kernels.packTransposed(weight, forward);
      if (back != null) {
        kernels.pack(weight, back);
      }
      packedVersion = version;
    }
  }

  /// The matrix for the way back.
  ///
  /// **Errors**: [IllegalStateException] if the weights have 16 bits.
  public synchronized PackedMatrix back() {
    if (back == null) {
      forward.format().expectFloat();
      back = kernels.allocatePacked(forward.cols(), forward.rows());
      kernels.pack(parameters.matrix(name), back);
    }
    return back;
  }
}
