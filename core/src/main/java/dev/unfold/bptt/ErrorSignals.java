package dev.unfold.bptt;

import dev.unfold.cell.ParameterShape;
import dev.unfold.kernels.Buffer;
import dev.unfold.kernels.Matrix;
import java.util.ArrayList;
import java.util.List;

/// The pairwise error signals of a layer: what the error of each step t alone sends back to each step t'.
///
///     delta_i(t, t)  = dE_t/dnet_i(t)
///     delta_i(t', t) = dE_t/dnet_i(t')                     t' < t
///     delta_i(t', t) = 0                                   t' > t
///
/// where net are the pre-activations of the cell. One backward pass for each error time: O(T^2) in
/// time and memory. This is the oracle and the microscope; training uses the sum over t
/// ([UnrolledLayer#backward]).
///
/// @param deltas for each error time t and each group of pre-activations, `[T*B, N]`: row t'*B + b is
///     delta(t', t) of sequence b
/// @param gradients for each error time t and each parameter, the gradient of E_t alone
public record ErrorSignals(List<List<Matrix>> deltas, List<List<Matrix>> gradients) {

  /// The error signals of `layer`, which has run forward and whose output gradient holds dE_t/dh(t) at
  /// step t. The derivatives with respect to the final states do not take part.
  public static ErrorSignals of(UnrolledLayer layer) {
    Sequence outside = layer.outputGradient();
    Buffer all = Buffer.allocate(outside.buffer().precision(), outside.buffer().length());
    all.copy(outside.buffer(), 0, 0, all.length());
    List<List<Matrix>> deltas = new ArrayList<>();
    List<List<Matrix>> gradients = new ArrayList<>();
    long step = (long) layer.batch() * outside.width();
    for (int t = 0; t < layer.steps(); t++) {
      outside.buffer().clear();
      outside.buffer().copy(all, t * step, t * step, step);
      List<Matrix> gradient = zeros(layer);
      layer.backward(gradient);
      gradients.add(gradient);
      deltas.add(copies(layer));
    }
    outside.buffer().copy(all, 0, 0, all.length());
    return new ErrorSignals(List.copyOf(deltas), List.copyOf(gradients));
  }

  /// A matrix of zeros for each parameter, a vector as a single row.
  private static List<Matrix> zeros(UnrolledLayer layer) {
    List<Matrix> zeros = new ArrayList<>();
    for (ParameterShape parameter : layer.plan().parameters()) {
      zeros.add(
          Matrix.allocate(
              layer.outputGradient().buffer().precision(), parameter.rows(), parameter.cols()));
    }
    return zeros;
  }

  private static List<Matrix> copies(UnrolledLayer layer) {
    List<Matrix> copies = new ArrayList<>();
    int rows = layer.steps() * layer.batch();
    for (int g = 0; g < layer.plan().groups().size(); g++) {
      Sequence signals = layer.errorSignals(g);
      Matrix copy = Matrix.allocate(signals.buffer().precision(), rows, signals.width());
      copy.buffer().copy(signals.buffer(), signals.offset(), 0, copy.buffer().length());
      copies.add(copy);
    }
    return copies;
  }
}
