package dev.unfold.net;

import dev.unfold.kernels.Matrix;
import java.util.List;
import java.util.stream.IntStream;

/// Windows onto the gradients of a network, made once for many backward passes.
final class NetworkGradients {
  private final Parameters parameters;
  private final List<List<List<Matrix>>> layers;
  private final Matrix embedding;
  private final Matrix readout;
  private final Matrix readoutBias;
  private final Matrix groups;
  private final Matrix groupsBias;

  NetworkGradients(Network network, Parameters parameters) {
    network.parameters().expectAlike("gradients", parameters);
    this.parameters = parameters;
    NetworkSpec spec = network.spec();
    layers =
        IntStream.range(0, spec.layers())
            .mapToObj(l -> network.weights().ofLayer(l, parameters))
            .toList();
    embedding =
        spec.encoder() instanceof Encoder.Embedding ? parameters.matrix(Network.EMBEDDING) : null;
    readout = parameters.matrix(Network.readout(spec));
    boolean isFactored = spec.has(Wiring.FACTORED);
    groups = isFactored ? parameters.matrix(Network.GROUP_READOUT) : null;
    groupsBias =
        isFactored && spec.hasReadoutBias() ? parameters.matrix(Network.GROUP_READOUT_BIAS) : null;
    readoutBias = spec.hasReadoutBias() ? parameters.matrix(Network.READOUT_BIAS) : null;
  }

  /// Whether these are windows onto `other`.
  boolean isOf(Parameters other) {
    return parameters == other;
  }

  /// For each direction, in the order of its parameters.
  List<List<Matrix>> ofLayer(int l) {
    return layers.get(l);
  }

  /// Null if the network takes vectors.
  Matrix embedding() {
    return embedding;
  }

  Matrix readout() {
    return readout;
  }

  /// Those of the groups of classes; null if the softmax is not factored.
  Matrix groups() {
    return groups;
  }

  /// Null if there are none.
  Matrix groupsBias() {
    return groupsBias;
  }

  /// Null if there is none.
  Matrix readoutBias() {
    return readoutBias;
  }
}
