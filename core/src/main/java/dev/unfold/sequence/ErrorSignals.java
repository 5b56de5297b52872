package dev.unfold.sequence;

import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Parameters;
import java.util.List;

/// The pairwise error signals: what the error E_t of each step alone sends back through a network.
///
///     delta_i(t', t) = dE_t/dnet_i(t')     with delta_i(t', t) = 0 for t' > t
///     dE_t/dV, dE_t/dU, dE_t/dW            and so on for all parameters
///
/// Summed over t these are the error signals and the gradients that training has, at O(T^2) instead of O(T): this
/// is the oracle and the microscope. E_t is the sum over the sequences of the batch.
///
/// @param deltas for each error time t, each layer and each of its merged matrices ([#groups]) the error
///     signals at the pre-activations `[T*B, N]`: row t'*B + b is delta(t', t) of sequence b
/// @param groups the names of the merged matrices of each layer, of the first if they differ: `ih` for that of the
///     input, `hh` for that of the state h
/// @param gradients for each error time t the derivatives of E_t with respect to all parameters
public record ErrorSignals(
    List<List<List<Matrix>>> deltas, List<String> groups, List<Parameters> gradients) {
  /// Copies the lists.
  public ErrorSignals {
    deltas = deltas.stream().map(layers -> layers.stream().map(List::copyOf).toList()).toList();
    groups = List.copyOf(groups);
    gradients = List.copyOf(gradients);
  }
}
