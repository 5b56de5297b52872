package dev.unfold.model;

import dev.unfold.head.Head;
import dev.unfold.head.Pooling;
import dev.unfold.kernels.storage.Matrix;
import java.util.List;
import java.util.stream.IntStream;

/// Windows onto the gradients of a network, made once for many backward passes.
public final class NetworkGradients {
  private final Parameters parameters;
  private final List<List<List<Matrix>>> layers;
  private final List<Matrix> embeddings;
  private final Matrix readout;
  private final Matrix readoutBias;
  private final Matrix attention;
  private final Matrix groups;
  private final Matrix groupsBias;
  private final Matrix transitions;
  private final Matrix start;
  private final Matrix end;

  public NetworkGradients(Network network, Parameters parameters) {
    network.parameters().expectAlike("gradients", parameters);
    this.parameters = parameters;
    NetworkSpec spec = network.spec();
    layers =
        IntStream.range(0, spec.layers())
            .mapToObj(l -> network.weights().ofLayer(l, parameters))
            .toList();
    embeddings = Network.embeddings(spec.encoder()).stream().map(parameters::matrix).toList();
    readout = parameters.matrix(Network.readout(spec));
    boolean isFactored = spec.factored().isPresent();
    groups = isFactored ? parameters.matrix(Head.FactoredClasses.GROUP_WEIGHT) : null;
    groupsBias =
        isFactored && spec.hasReadoutBias()
            ? parameters.matrix(Head.FactoredClasses.GROUP_BIAS)
            : null;
    boolean isTagged = spec.head() instanceof Head.Tags;
    transitions = isTagged ? parameters.matrix(Head.Tags.TRANSITIONS) : null;
    start = isTagged ? parameters.matrix(Head.Tags.START) : null;
    end = isTagged ? parameters.matrix(Head.Tags.END) : null;
    boolean attends = spec.head().pooled().filter(Pooling.ATTENTION::equals).isPresent();
    attention = attends ? parameters.matrix(Head.Pooled.ATTENTION) : null;
    readoutBias = spec.hasReadoutBias() ? parameters.matrix(Head.BIAS) : null;
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

  public Matrix readout() {
    return readout;
  }

  /// Those of the groups of classes; null if the softmax is not factored.
  public Matrix groups() {
    return groups;
  }

  /// Null if there are none.
  public Matrix groupsBias() {
    return groupsBias;
  }

  /// Those of one tag after another; null if outputs are not tags, as the next two.
  public Matrix transitions() {
    return transitions;
  }

  /// Those of first tags.
  public Matrix start() {
    return start;
  }

  /// Those of last tags.
  public Matrix end() {
    return end;
  }

  /// Those of what steps are compared with; null if there is no attention.
  public Matrix attention() {
    return attention;
  }

  /// Null if there is none.
  public Matrix readoutBias() {
    return readoutBias;
  }
}
