package dev.unfold.model;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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

  /// From where on all is final when the readouts and the layers from l on are done, at l.
  private final long[] finalFrom;

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
    finalFrom = finalFrom(spec, parameters);
  }

  private static long[] finalFrom(NetworkSpec spec, Parameters parameters) {
    List<Parameters.Tensor> tensors = parameters.tensors();
    Set<String> done =
        new HashSet<>(
            spec.head()
                .shapes(spec.outputSize(), !spec.has(Wiring.TIED), spec.hasReadoutBias())
                .keySet());
    long[] places = new long[spec.layers() + 1];
    int first = tensors.size();
    long from = parameters.buffer().length();
    for (int l = spec.layers(); l >= 0; l--) {
      List<String> ends = l == spec.layers() ? List.of() : Network.suffixes(spec, l);
      tensors.stream()
          .map(Parameters.Tensor::name)
          .filter(name -> ends.stream().anyMatch(name::endsWith))
          .forEach(done::add);
      while (first > 0 && done.contains(tensors.get(first - 1).name())) {
        first--;
        from = tensors.get(first).offset();
      }
      places[l] = from;
    }
    return places;
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

  /// From where on in the buffer all belongs to the readouts and to layers from `layer` on: with as many as there are
  /// layers, to the readouts alone.
  public long finalFrom(int layer) {
    return finalFrom[layer];
  }

  /// Those of the network's `i`-th head.
  public HeadGradients head(int i) {
    return heads.get(i);
  }
}
