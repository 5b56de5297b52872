package dev.unfold.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.ParameterShape;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.layer.Layer;
import dev.unfold.model.init.Initialization;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/// A recurrent network: its specification and its parameters. It holds no state of any sequence, and does nothing: a
/// `dev.unfold.infer.Runner` runs it, a `dev.unfold.gradient.Bptt` follows errors back.
///
/// **Parameters**: `embedding.weight [V, I]` if the input is tokens, `embedding.c.weight [V_c, I_c]` for the c-th
/// category of rows of a table; for layer l the cell's parameters with
/// the suffix `_l` and its number, such as `weight_ih_l0 [N, I]`, and `_reverse` after it for the other direction;
/// `head.weight [K, H]` and `head.bias [K]`, with `head.group_weight [G, H]` and `head.group_bias [G]` for a factored
/// softmax, `head.transitions [K, K]`, `head.start [K]` and `head.end [K]` for tags, or `head.attention [H]` for
/// attention, where H is the size of the last layer's output if that is another.
/// Those of a [StaticStart] come last.
/// Names, shapes and the order of gates are PyTorch's.
///
/// **Threads**: any number may run it at once, each with an unrolled network of its own, while nobody
/// changes the parameters.
public final class Network {
  public static final String EMBEDDING = "embedding.weight";

  private final NetworkSpec spec;
  private final Kernels kernels;
  private final WeightFormat format;
  private final Parameters parameters;
  private final NetworkWeights weights;

  private Network(NetworkSpec spec, Kernels kernels, WeightFormat format) {
    this.spec = Objects.requireNonNull(spec, "spec: expected one, got null");
    this.kernels = Objects.requireNonNull(kernels, "kernels: expected a backend, got null");
    this.format = Expect.given("weights", format);
    parameters = Parameters.allocate(kernels, shapes(spec));
    weights = new NetworkWeights(kernels, format, spec, spec.noise()::mean, parameters);
  }

  /// A network whose parameters are all zero, to be filled.
  public static Network zeros(NetworkSpec spec, Kernels kernels) {
    return zeros(spec, kernels, WeightFormat.FLOAT32);
  }

  /// A network whose parameters are all zero, to be filled with numbers that `format` has; of others, products are
  /// computed with the rounded ones.
  public static Network zeros(NetworkSpec spec, Kernels kernels, WeightFormat format) {
    return new Network(spec, kernels, format);
  }

  /// A new network, its parameters drawn as PyTorch draws them: uniform in (-1/sqrt(H), 1/sqrt(H)), the
  /// embedding normal; the recurrent matrices of N heads uniform with H/N for H. The same seed gives the same
  /// parameters on every machine.
  public static Network create(NetworkSpec spec, Kernels kernels, long seed) {
    return create(spec, kernels, seed, Initialization.defaults());
  }

  /// A new network, its parameters drawn as `initialization` says.
  ///
  /// **Errors**: [IllegalArgumentException] if there is to be a forget bias and the cell has none.
  public static Network create(
      NetworkSpec spec, Kernels kernels, long seed, Initialization initialization) {
    Objects.requireNonNull(initialization, "initialization: expected one, got null");
    Network network = zeros(spec, kernels);
    new NewParameters(spec, initialization, seed, network.parameters).draw();
    return network;
  }

  /// The names and shapes of the parameters of `spec`, in order.
  public static Map<String, List<Integer>> shapes(NetworkSpec spec) {
    Objects.requireNonNull(spec, "spec: expected one, got null");
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    List<Encoder.Embedding> tables = spec.encoder().categories();
    List<String> names = embeddings(spec.encoder());
    for (int c = 0; c < tables.size(); c++) {
      shapes.put(names.get(c), List.of(tables.get(c).vocabulary(), tables.get(c).width()));
    }
    List<ParameterShape> own = List.of();
    for (int layer = 0; layer < spec.layers(); layer++) {
      LayerSpec of = spec.stack().get(layer);
      // To find the shapes of a cell takes long; many layers may be alike.
      boolean isAsBelow =
          layer > 1
              && of.equals(spec.stack().get(layer - 1))
              && spec.inputSize(layer) == spec.inputSize(layer - 1);
      own = isAsBelow ? own : Layer.shapes(of.cell(), spec.inputSize(layer), of.hidden());
      List<ParameterShape> ofLayer = own;
      for (String suffix : suffixes(spec, layer)) {
        ofLayer.forEach(shape -> shapes.put(shape.name() + suffix, shape.shape()));
      }
    }
    shapes.putAll(
        spec.head().shapes(spec.outputSize(), !spec.has(Wiring.TIED), spec.hasReadoutBias()));
    spec.start().ifPresent(start -> shapes.putAll(start.shapes(spec)));
    return shapes;
  }

  /// The names of the embeddings, in the order of the categories of `encoder`.
  public static List<String> embeddings(Encoder encoder) {
    return encoder instanceof Encoder.Embedding
        ? List.of(EMBEDDING)
        : IntStream.range(0, encoder.categories().size())
            .mapToObj("embedding.%d.weight"::formatted)
            .toList();
  }

  /// What the names of layer `layer`'s parameters end with, for each direction.
  public static List<String> suffixes(NetworkSpec spec, int layer) {
    String forward = "_l" + layer;
    return spec.stack().get(layer).has(Wiring.BIDIRECTIONAL)
        ? List.of(forward, forward + "_reverse")
        : List.of(forward);
  }

  /// Whether the parameter `name` is a matrix of a product, and not only looked up.
  public static boolean isMultiplied(NetworkSpec spec, String name) {
    Objects.requireNonNull(spec, "spec: expected one, got null");
    Objects.requireNonNull(name, "name: expected that of a parameter, got null");
    return !embeddings(spec.encoder()).contains(name) || spec.has(Wiring.TIED);
  }

  /// What it is made of.
  public NetworkSpec spec() {
    return spec;
  }

  /// The backend that it runs on.
  public Kernels kernels() {
    return kernels;
  }

  /// The parameters.
  public Parameters parameters() {
    return parameters;
  }

  /// A state of zeros for `batch` = B sequences, with which they start, unless they have a [StaticStart].
  public State zeroState(int batch) {
    Expect.positive("batch", "B", batch);
    return State.zeros(spec, kernels.precision(), batch);
  }

  /// A network with copies of these parameters that has an output at each step, where this one has one a sequence: at
  /// step t what this one says of a sequence that ends there. So it can be run step by step.
  ///
  /// **Errors**: [IllegalArgumentException] unless one head reads out the last step ([Pooling#LAST]) of layers of one
  /// direction.
  public Network withOutputAtEachStep() {
    boolean isOfLastStep =
        spec.head() instanceof PooledHead pooled && pooled.pooling() == Pooling.LAST;
    if (!isOfLastStep || spec.directions() > 1) {
      throw new Refusal(
          "network",
          "a head of the last step, pooling=last, and layers of one direction",
          "%s, %s".formatted(spec.head().text(), spec.directions() > 1 ? "both" : "one"));
    }
    Network other = zeros(spec.with(((PooledHead) spec.head()).head()), kernels, format);
    other.parameters.set(parameters);
    return other;
  }

  /// A network that computes the same without heads, [dev.unfold.cell.Cell#withHeads]: its recurrent matrices are
  /// whole, with zeros where a unit sees no other head's. It is for programs that know no heads; trained on, its zeros
  /// would change. This one if it has no heads.
  public Network withWholeMatrices() {
    if (spec.stack().stream().allMatch(layer -> layer.cell().heads() == 1)) {
      return this;
    }
    Network other = zeros(WholeMatrices.spec(spec), kernels, format);
    WholeMatrices.copy(this, other);
    return other;
  }

  /// How many bits the matrices have that products are computed with.
  public WeightFormat weightFormat() {
    return format;
  }

  /// A network with copies of these parameters, its matrices rounded to `format`: what it computes is what a network of
  /// 32 bits with these rounded matrices does, bit for bit but at the ends of the range of floats ([WeightFormat]).
  /// Products read half the bytes in 16 bits; where single rows are computed, as in a `dev.unfold.infer.Stepper`, the
  /// time goes with these. The parameters themselves stay beside them, in 32 bits.
  ///
  /// Matrices are all parameters with two dimensions; biases and other vectors stay as they are. A network that has
  /// this format already is returned as it is. One of 16 bits cannot be trained, nor can errors be followed back
  /// through it: that throws [IllegalStateException]. Who changes its parameters gives them numbers that the format
  /// has.
  ///
  /// **Errors**: [IllegalArgumentException] for numbers that cannot be rounded, [WeightFormat#expectRoundable].
  public Network withWeights(WeightFormat format) {
    if (format == this.format) {
      return this;
    }
    Network other = new Network(spec, kernels, format);
    other.parameters.set(parameters);
    other.parameters.round(format);
    return other;
  }

  /// What the parameters are to who computes with them: packed for the backend, once for each change.
  public NetworkWeights weights() {
    return weights;
  }
}
