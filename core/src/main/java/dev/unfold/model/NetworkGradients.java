package dev.unfold.model;

import dev.unfold.kernels.storage.Matrix;
import java.util.List;
import java.util.stream.IntStream;

/// Windows onto the gradients of a network, made once for many backward passes.
public final class NetworkGradients {
  private final Parameters parameters;
  private final List<List<List<Matrix>>> layers;
  private final List<Matrix> embeddings;
  private final List<HeadGradients> heads;

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
    return embeddings.get(c);
  }

  /// Those of the network's `i`-th head.
  public HeadGradients head(int i) {
    return heads.get(i);
  }
}
