package dev.unfold.formats.graph.layers;

import dev.unfold.argument.Expect;
import dev.unfold.formats.graph.Dimension;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.graph.StateNames;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.formats.graph.layers.Formula.Applied;
import dev.unfold.formats.graph.layers.Formula.Leaf;
import dev.unfold.formats.graph.layers.Formula.Linear;
import dev.unfold.formats.graph.layers.Formula.Pooled;
import dev.unfold.formats.graph.layers.Traced.Flow;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.model.Network;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Finds the network that a graph is: an embedding or vectors, recurrent layers of standard cells, and a linear
/// readout, maybe with a softmax or a sigmoid. What it finds is run beside the graph, and taken only if it gives the
/// same.
///
/// A graph without a readout gets one that changes nothing. Biases that a file adds one after the other are added up.
public final class NetworkFinder {
  private final Graph graph;
  private final Map<String, String> states;
  private final Formulas formulas = new Formulas();
  private final Tracer tracer = new Tracer(formulas, null);
  private final List<String> conventions = new ArrayList<>();

  private NetworkFinder(Graph graph) {
    this.graph = graph;
    states = StateNames.of(graph);
  }

  /// Looks at a graph.
  ///
  /// @param kernels the backend that the network's numbers are kept for
  public static FoundNetwork find(Graph graph, Kernels kernels) {
    Expect.given("kernels", kernels);
    try {
      return new NetworkFinder(Expect.given("graph", graph)).find(kernels);
    } catch (NoLayers e) {
      return none(e.getMessage());
    } catch (Formulas.TooMany e) {
      return none("it computes more than layers do");
    } catch (IllegalArgumentException e) {
      return none("what was found cannot be built: " + e.getMessage());
    }
  }

  private static FoundNetwork none(String reason) {
    return new FoundNetwork(
        Optional.empty(), List.of("a graph, not a network: " + reason), Optional.empty());
  }

  private FoundNetwork find(Kernels kernels) throws NoLayers {
    ValueInfo main = begin();
    tracer.follow(graph);
    String output = primary();
    Flow flow = (Flow) tracer.get(output);
    Readout readout = readout(flow.formula());
    Formula top = readout.vector();
    Optional<Pooled> pooled =
        top instanceof Leaf leaf && leaf.source() instanceof Pooled vector
            ? Optional.of(vector)
            : Optional.empty();
    Map<Formula, Formula> steps = steps();
    Stack stack = new StackBuilder(steps).stack(pooled.map(Pooled::of).orElse(top));
    Stack.Readout linear = readout.linear().orElse(null);
    if (linear == null) {
      linear = identity(readout.net().width());
    }
    Head plain = head(readout);
    Head head = pooled.<Head>map(vector -> new PooledHead(plain, vector.pooling())).orElse(plain);
    Network network = stack.network(head, linear, kernels);
    String notFinite = network.parameters().firstNonFinite();
    if (notFinite != null) {
      throw new NoLayers("not all numbers of " + notFinite + " are finite");
    }
    conventions.addAll(stack.conventions());
    boolean isWhole = network.spec().directions() > 1 || pooled.isPresent();
    String how =
        isWhole ? "left out, sequences are read whole, from zeros" : "kept by the network itself";
    states.forEach(
        (input, next) -> conventions.add("state %s, next in %s: %s".formatted(input, next, how)));
    for (ValueInfo each : graph.outputs()) {
      expectUnderstood(each, readout, steps);
    }
    List<NetworkCheck.Compared> compared = new ArrayList<>();
    compared.add(new NetworkCheck.Compared(output, flow, readout.unit()));
    if (readout.unit() != Unit.NET) {
      // Shares are small where there are many: what they are made of is compared as well.
      tracer.named(readout.net()).ifPresent(compared::add);
    }
    Graph read =
        new Graph(
            graph.inputs().stream()
                .filter(input -> input.equals(main) || states.containsKey(input.name()))
                .toList(),
            graph.outputs(),
            graph.constants(),
            graph.nodes());
    NetworkCheck check =
        new NetworkCheck(read, main, states, network, compared, stack.outputs(tracer));
    check.expectAlike();
    return new FoundNetwork(
        Optional.of(NetworkModel.of(network)), conventions, Optional.of(check::measured));
  }

  /// What the layers read: the first input that is none of the states. There may be no other that anything reads.
  private ValueInfo begin() throws NoLayers {
    Set<String> read = graph.names();
    ValueInfo main = null;
    for (ValueInfo input : graph.inputs()) {
      if (states.containsKey(input.name())) {
        if (input.type().filter(NumberType::isReal).isPresent()) {
          tracer.put(input.name(), state(input));
        }
      } else if (!read.contains(input.name())) {
        conventions.add("input %s: nothing reads it, left out".formatted(input.name()));
      } else if (main == null) {
        main = input;
        tracer.put(input.name(), main(input));
      } else {
        throw new NoLayers(
            "input %s is neither what its layers read nor a state that comes out again"
                .formatted(input.name()));
      }
    }
    if (main == null) {
      throw new NoLayers("it reads nothing but states");
    }
    return main;
  }

  private static Traced main(ValueInfo input) throws NoLayers {
    List<Dimension> shape = input.shape().orElse(List.of());
    if (shape.isEmpty() || input.type().isEmpty() || input.type().get() == NumberType.BOOL) {
      throw new NoLayers("the shape of its first input is not known");
    }
    List<Integer> axes = new ArrayList<>();
    for (int d = 0; d < shape.size(); d++) {
      axes.add(d);
    }
    if (!input.type().get().isReal()) {
      return new Traced.Tokens(axes);
    }
    int feature = feature(input);
    if (!shape.get(feature).isFixed()) {
      throw new NoLayers("the width of its first input is not known");
    }
    axes.set(feature, Traced.FEATURE);
    return new Flow(axes, new Leaf(new Formula.Main(), shape.get(feature).size()));
  }

  /// The axis of vectors: the only one whose size is fixed, or the last; -1 for tokens.
  static int feature(ValueInfo input) {
    List<Dimension> shape = input.shape().orElse(List.of());
    if (!input.type().orElse(NumberType.FLOAT32).isReal()) {
      return -1;
    }
    int fixed = -1;
    int count = 0;
    for (int d = 0; d < shape.size(); d++) {
      if (shape.get(d).isFixed()) {
        fixed = d;
        count++;
      }
    }
    return count == 1 ? fixed : shape.size() - 1;
  }

  private Traced state(ValueInfo input) {
    List<Dimension> shape = input.shape().orElse(List.of());
    if (shape.isEmpty() || !shape.getLast().isFixed()) {
      return new Traced.Kept();
    }
    List<Integer> axes = new ArrayList<>();
    for (int d = 0; d < shape.size() - 1; d++) {
      axes.add(d);
    }
    axes.add(Traced.FEATURE);
    return new Flow(axes, formulas.leaf(new Formula.Before(input.name()), shape.getLast().size()));
  }

  /// The first output that is none of the states.
  private String primary() throws NoLayers {
    List<ValueInfo> others =
        graph.outputs().stream().filter(output -> !states.containsValue(output.name())).toList();
    String name = (others.isEmpty() ? graph.outputs() : others).getFirst().name();
    if (tracer.get(name) instanceof Flow flow && flow.axes().contains(Traced.FEATURE)) {
      return name;
    }
    throw new NoLayers("what output " + name + " is made of is more than layers and a readout");
  }

  /// What the states were before a step, by what they are after it.
  private Map<Formula, Formula> steps() {
    Map<Formula, Formula> steps = new HashMap<>();
    states.forEach((input, output) -> {
      if (tracer.get(input) instanceof Flow before && tracer.get(output) instanceof Flow after) {
        steps.put(after.formula(), before.formula());
      }
    });
    return steps;
  }

  /// A readout, and what is made of it.
  ///
  /// @param linear empty if there is none
  record Readout(Formula vector, Formula net, Optional<Stack.Readout> linear, Unit unit) {}

  /// What an output says.
  enum Unit {
    NET,
    SOFTMAX,
    LOG_SOFTMAX,
    SIGMOID
  }

  private Readout readout(Formula output) throws NoLayers {
    Formula net = output;
    Unit unit = Unit.NET;
    if (output instanceof Leaf leaf && leaf.source() instanceof Formula.Shares shares) {
      net = shares.of();
      unit = shares.isLogarithm() ? Unit.LOG_SOFTMAX : Unit.SOFTMAX;
    } else if (output instanceof Applied applied
        && applied.op() == Op.SIGMOID
        && applied.left() instanceof Linear linear
        && linear.terms().size() == 1) {
      net = linear;
      unit = Unit.SIGMOID;
    }
    boolean isLinear = net instanceof Linear linear && linear.terms().size() == 1;
    if (!isLinear) {
      return new Readout(net, net, Optional.empty(), unit);
    }
    Linear linear = (Linear) net;
    double[] bias = new double[linear.width()];
    linear.biases().forEach(each -> Arrays.setAll(bias, i -> bias[i] + each.get(i)));
    Stack.Readout numbers = new Stack.Readout(linear.terms().getFirst().weights(), bias);
    return new Readout(linear.terms().getFirst().operand(), net, Optional.of(numbers), unit);
  }

  private static Stack.Readout identity(int width) throws NoLayers {
    if (width > 1 << 12) {
      throw new NoLayers("there is no linear readout");
    }
    double[] ones = new double[width * width];
    for (int i = 0; i < width; i++) {
      ones[i * width + i] = 1;
    }
    GraphTensor matrix = GraphTensor.of(NumberType.FLOAT32, List.of(width, width), ones);
    return new Stack.Readout(Weights.of(matrix, false), new double[width]);
  }

  private Head head(Readout readout) {
    Unit unit = readout.unit();
    for (ValueInfo output : graph.outputs()) {
      if (unit == Unit.NET && tracer.get(output.name()) instanceof Flow flow) {
        unit = unit(flow.formula(), readout.net());
      }
    }
    int outputs = readout.net().width();
    return switch (unit) {
      case NET -> new Head.Values(outputs, new ValueLoss.SquaredError());
      case SOFTMAX, LOG_SOFTMAX -> new Head.Classes(outputs);
      case SIGMOID -> new Head.Sets(outputs);
    };
  }

  /// What an output says of the readout `net`; [Unit#NET] also for another output.
  private static Unit unit(Formula output, Formula net) {
    if (output instanceof Leaf leaf
        && leaf.source() instanceof Formula.Shares shares
        && shares.of() == net) {
      return shares.isLogarithm() ? Unit.LOG_SOFTMAX : Unit.SOFTMAX;
    }
    boolean isSigmoid =
        output instanceof Applied applied && applied.op() == Op.SIGMOID && applied.left() == net;
    return isSigmoid ? Unit.SIGMOID : Unit.NET;
  }

  private void expectUnderstood(ValueInfo output, Readout readout, Map<Formula, Formula> steps)
      throws NoLayers {
    Traced value = tracer.get(output.name());
    boolean isUnderstood =
        Tracer.isKept(value)
            || (value instanceof Flow flow
                && (flow.formula() == readout.net()
                    || steps.containsKey(flow.formula())
                    || unit(flow.formula(), readout.net()) != Unit.NET));
    if (!isUnderstood) {
      throw new NoLayers("output " + output.name() + " is neither its readout nor a state");
    }
  }
}
