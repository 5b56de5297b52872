package dev.unfold.model;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import java.util.List;
import java.util.stream.IntStream;

/// Windows onto the gradients of a network, made once for many backward passes.
///
/// **Tied weights**: what the embedding gives to the matrix that the readout has too is summed by itself and added at
/// the end of a pass ([#finish]). So the order of the sum does not depend on which parts of the steps come when.
public final class NetworkGradients {
  private final Parameters parameters;
  private final List<List<List<Matrix>>> layers;
  private final List<Matrix> embeddings;
  private final List<HeadGradients> heads;

  /// The embedding's share of tied weights; null if they are not tied.
  private final Matrix tied;

  /// Whether something may have been added to that.
  private boolean hasShare;

  private final PointwiseKernel add;

  public NetworkGradients(Network network, Parameters parameters) {
    network.parameters().expectAlike("gradients", parameters);
    this.parameters = parameters;
    NetworkSpec spec = network.spec();
    layers =
        IntStream.range(0, spec.layers())
            .mapToObj(l -> network.weights().ofLayer(l, parameters))
            .toList();
    embeddings = Network.embeddings(spec.encoder()).stream().map(parameters::matrix).toList();
    heads = spec.heads().stream().map(head -> new HeadGradients(head, parameters)).toList();
    add = network.kernels().prepare(Pointwise.of(Op.ADD));
    Matrix shared = spec.has(Wiring.TIED) ? embeddings.getFirst() : null;
    tied = shared == null ? null : shared.alike(shared.rows(), shared.cols());
  }

  /// Whether these are windows onto `other`.
  public boolean isOf(Parameters other) {
    return parameters == other;
  }

  /// For each direction, in the order of its parameters.
  public List<List<Matrix>> ofLayer(int l) {
    return layers.get(l);
  }

  /// Those of the encoder's `c`-th category.
  public Matrix embedding(int c) {
    hasShare = tied != null;
    return tied == null ? embeddings.get(c) : tied;
  }

  /// Forgets what a pass that came to no end has left.
  public void begin() {
    if (hasShare) {
      tied.clear();
      hasShare = false;
    }
  }

  /// Adds what was summed by itself, at the end of a pass.
  public void finish() {
    if (hasShare) {
      add.run(new Matrix[] {embeddings.getFirst(), tied});
    }
    begin();
  }

  /// Those of the network's `i`-th head.
  public HeadGradients head(int i) {
    return heads.get(i);
  }
}
