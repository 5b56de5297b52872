package dev.unfold.net;

import dev.unfold.bptt.Layer;
import dev.unfold.bptt.LiveRows;
import dev.unfold.cell.ParameterShape;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Team;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// A recurrent network: its specification and its parameters. It holds no state of any sequence; to use it, [#run] it, to
/// follow errors back, [#unroll] it or make a [Bptt].
///
/// **Parameters**: `embedding.weight [V, I]` if the input is tokens; for layer l the cell's parameters with
/// the suffix `_l` and its number, such as `weight_ih_l0 [N, I]`, and `_reverse` after it for the other direction;
/// `head.weight [K, H]` and `head.bias [K]`, with `head.group_weight [G, H]` and `head.group_bias [G]` for a factored softmax,
/// where H is the size of a layer's output if that is another.
/// Names, shapes and the order of gates are PyTorch's.
///
/// **Threads**: any number may run it at once, each with an unrolled network of its own, while nobody
/// changes the parameters.
public final class Network {
  static final String EMBEDDING = "embedding.weight";
  static final String READOUT = "head.weight";
  static final String READOUT_BIAS = "head.bias";
  static final String GROUP_READOUT = "head.group_weight";
  static final String GROUP_READOUT_BIAS = "head.group_bias";

  private final NetworkSpec spec;
  private final Kernels kernels;
  private final Parameters parameters;
  private final NetworkWeights weights;
  private final Runs runs = new Runs(this);

  private Network(NetworkSpec spec, Kernels kernels) {
    this.spec = NetworkSpec.expectGiven("spec", spec);
    this.kernels = NetworkSpec.expectGiven("kernels", kernels);
    parameters = Parameters.allocate(kernels.precision(), shapes(spec));
    weights = new NetworkWeights(kernels, spec, spec.noise().mean(spec.cell()), parameters);
  }

  /// A network whose parameters are all zero, to be filled.
  public static Network zeros(NetworkSpec spec, Kernels kernels) {
    Objects.requireNonNull(spec, "spec: expected one, got null");
    Objects.requireNonNull(kernels, "kernels: expected a backend, got null");
    return new Network(spec, kernels);
  }

  /// A new network, its parameters drawn as PyTorch draws them: uniform in (-1/sqrt(H), 1/sqrt(H)), the
  /// embedding normal. The same seed gives the same parameters on every machine.
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
    if (spec.encoder() instanceof Encoder.Embedding embedding) {
      shapes.put(EMBEDDING, List.of(embedding.vocabulary(), embedding.width()));
    }
    List<ParameterShape> own = List.of();
    for (int layer = 0; layer < spec.layers(); layer++) {
      if (layer < 2) {
        // Those above are all alike.
        own = Layer.shapes(spec.cell(), spec.inputSize(layer), spec.hidden());
      }
      List<ParameterShape> ofLayer = own;
      for (String suffix : suffixes(spec, layer)) {
        ofLayer.forEach(shape -> shapes.put(shape.name() + suffix, shape.shape()));
      }
    }
    if (!spec.has(Wiring.TIED)) {
      shapes.put(READOUT, List.of(spec.classes(), spec.outputSize()));
    }
    if (spec.hasReadoutBias()) {
      shapes.put(READOUT_BIAS, List.of(spec.classes()));
    }
    if (spec.has(Wiring.FACTORED)) {
      shapes.put(GROUP_READOUT, List.of(spec.groups(), spec.outputSize()));
      if (spec.hasReadoutBias()) {
        shapes.put(GROUP_READOUT_BIAS, List.of(spec.groups()));
      }
    }
    return shapes;
  }

  /// What the names of layer `layer`'s parameters end with, for each direction.
  static List<String> suffixes(NetworkSpec spec, int layer) {
    String forward = "_l" + layer;
    return spec.has(Wiring.BIDIRECTIONAL)
        ? List.of(forward, forward + "_reverse")
        : List.of(forward);
  }

  /// Whether the parameter `name` is a matrix of a product, and not only looked up.
  public static boolean isMultiplied(NetworkSpec spec, String name) {
    Objects.requireNonNull(spec, "spec: expected one, got null");
    Objects.requireNonNull(name, "name: expected that of a parameter, got null");
    return !name.equals(EMBEDDING) || spec.has(Wiring.TIED);
  }

  /// The name of the readout's matrix.
  static String readout(NetworkSpec spec) {
    return spec.has(Wiring.TIED) ? EMBEDDING : READOUT;
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

  /// The network unrolled over `steps` = T steps for `batch` = B sequences at once, without random masks.
  public UnrolledNetwork unroll(Team team, int steps, int batch) {
    Objects.requireNonNull(team, "team: expected one, got null");
    NetworkSpec.expectPositive("steps", "T", steps);
    NetworkSpec.expectPositive("batch", "B", batch);
    NetworkSpec.expectGiven("team", team);
    return new UnrolledNetwork(this, weights, Noise.NONE, team, new LiveRows(steps, batch));
  }

  /// A state of zeros for `batch` = B sequences, with which they start.
  public State zeroState(int batch) {
    NetworkSpec.expectPositive("batch", "B", batch);
    return State.zeros(spec, kernels.precision(), batch);
  }

  /// Runs `inputs` of one or more steps for the sequences of `state`: row t*B + b is step t of sequence b. The state is not
  /// changed; the next one comes back.
  ///
  ///     State state = network.zeroState(1);
  ///     Outcome outcome = network.run(new Inputs.Tokens(new int[] {token}, 0), state);
  ///     state = outcome.state();
  ///
  /// **Memory**: what a run needs is kept for the next of as many steps and sequences; the outcome is new each time. A
  /// [#runner] uses that memory again, too.
  ///
  /// **Threads**: any number at once, each on one thread.
  ///
  /// **Errors**: [IllegalArgumentException] if the rows are no whole number of steps of B sequences, if the state has other
  /// sizes, if the inputs are not what the network takes, or if layers run in both directions, which need the whole sequence.
  public Outcome run(Inputs inputs, State state) {
    Objects.requireNonNull(inputs, "inputs: expected tokens or vectors, got null");
    Objects.requireNonNull(state, "state: expected one, got null");
    expectForwards(spec);
    int batch = state.batch();
    NetworkSpec.expectPositive("state", "B", batch);
    int rows = inputs.rows();
    if (rows < 1 || rows % batch != 0) {
      throw new IllegalArgumentException(
          "inputs: expected a multiple of B=%d rows, got %d".formatted(batch, rows));
    }
    return runs.run(inputs, state, rows / batch, batch);
  }

  /// For running it on and on, `steps` = T steps of `batch` = B sequences at a time, without allocating anything.
  ///
  /// **Errors**: [IllegalArgumentException] if layers run in both directions.
  public Runner runner(int steps, int batch) {
    return new Runner(this, steps, batch);
  }

  static void expectForwards(NetworkSpec spec) {
    if (spec.directions() > 1) {
      throw new IllegalArgumentException(
          "network: expected layers of one direction to run step by step, got both");
    }
  }

  NetworkWeights weights() {
    return weights;
  }
}
