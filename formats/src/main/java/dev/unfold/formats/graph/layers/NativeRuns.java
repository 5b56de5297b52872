package dev.unfold.formats.graph.layers;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.Layout;
import dev.unfold.cell.Sizes;
import dev.unfold.cell.library.Cells;
import dev.unfold.cell.library.LstmVariants;
import dev.unfold.formats.graph.Attribute;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The layers that RNN, GRU and LSTM are, where their equations are those of a standard cell.
final class NativeRuns {
  private static final Map<String, Integer> RNN = Map.of("net_h", 0);
  private static final Map<String, Integer> GRU =
      Map.of("net_z", 0, "net_r", 1, "net_n", 2, "in", 2, "hn", 2);
  private static final Map<String, Integer> LSTM =
      Map.of("net_i", 0, "net_o", 1, "net_f", 2, "net_g", 3);

  /// With coupled gates f is 1 - i, whose net input is that of i the other way.
  private static final Map<String, Integer> COUPLED = Map.of("net_f", 0, "net_o", 1, "net_g", 3);

  private static final Map<String, Integer> PEEPHOLES =
      Map.of("peephole_i", 0, "peephole_o", 1, "peephole_f", 2);

  private final Node node;
  private final GraphTensor w;
  private final GraphTensor r;
  private final GraphTensor b;
  private final GraphTensor p;

  /// @param b null for none
  /// @param p null for none
  NativeRuns(Node node, GraphTensor w, GraphTensor r, GraphTensor b, GraphTensor p) {
    this.node = node;
    this.w = w;
    this.r = r;
    this.b = b;
    this.p = p;
  }

  private record Kind(Cell cell, Map<String, Integer> gates, int count, String convention) {}

  /// The run of direction `d`; empty if no cell here has its equations.
  Optional<Run> run(int d, Formula input) {
    boolean isBack = d == 1 || text("direction", "forward").equals("reverse");
    int hidden = r.size(2);
    Optional<Kind> found = kind(d);
    if (found.isEmpty()
        || r.size(1) != found.get().count() * hidden
        || w.size(1) != r.size(1)
        || w.size(2) != input.width()) {
      return Optional.empty();
    }
    Kind kind = found.get();
    Cell cell = kind.cell().withBias(b == null ? Bias.PER_AFFINE : Bias.PER_OPERAND);
    Map<String, double[]> parameters = new HashMap<>();
    Sizes sizes = cell.sizes(input.width(), hidden);
    for (CellParameter parameter : cell.layout().parameters()) {
      parameters.put(parameter.name(), numbers(parameter, cell.layout(), kind, sizes, d));
    }
    String convention = kind.convention() + (isBack ? ", backward" : "");
    return Optional.of(new Run(cell, hidden, input, parameters, isBack, convention));
  }

  private double[] numbers(CellParameter parameter, Layout layout, Kind kind, Sizes sizes, int d) {
    int columns = parameter.role().isMatrix() ? sizes.of(parameter.columns()) : 1;
    int hidden = sizes.hidden();
    double[] all = new double[parameter.rows(sizes) * columns];
    int at = 0;
    for (CellParameter.Block block : parameter.blocks()) {
      boolean isTurned = kind.gates().equals(COUPLED) && block.name().equals("net_f");
      for (int i = 0; i < hidden * columns; i++) {
        double number =
            switch (parameter.role()) {
              case INPUT_WEIGHT, RECURRENT_WEIGHT -> {
                GraphTensor of = isOfState(parameter, layout) ? r : w;
                int gate = kind.gates().get(block.name());
                yield of.real((d * kind.count() + gate) * hidden * columns + i);
              }
              case BIAS -> {
                int gate = kind.gates().get(block.name());
                int half = parameter.name().equals("bias_ih") ? 0 : kind.count();
                yield b == null ? 0 : b.real((d * 2 * kind.count() + half + gate) * hidden + i);
              }
              case VECTOR -> p.real((d * 3 + PEEPHOLES.get(block.name())) * hidden + i);
            };
        all[at++] = isTurned ? -number : number;
      }
    }
    return all;
  }

  private static boolean isOfState(CellParameter parameter, Layout layout) {
    return layout.operands().stream()
        .anyMatch(operand -> operand.weight().equals(parameter.name()) && operand.dependsOnState());
  }

  private String text(String key, String otherwise) {
    return node.attributes().get(key) instanceof Attribute.Text text ? text.value() : otherwise;
  }

  private boolean flag(String key) {
    return node.attributes().get(key) instanceof Attribute.Whole whole && whole.value() != 0;
  }

  private List<String> activations(int d, List<String> usual) {
    if (!(node.attributes().get("activations") instanceof Attribute.Texts all)
        || all.values().isEmpty()) {
      return usual;
    }
    int from = d * usual.size();
    return all.values().size() < from + usual.size()
        ? List.of()
        : all.values().subList(from, from + usual.size()).stream()
            .map(name -> name.toLowerCase(Locale.ROOT))
            .toList();
  }

  private Optional<Kind> kind(int d) {
    if (node.attributes().containsKey("clip")) {
      return Optional.empty();
    }
    return switch (node.operator()) {
      case "RNN" -> {
        List<String> own = activations(d, List.of("tanh"));
        yield Optional.ofNullable(
                Map.of(
                        "tanh", Activation.TANH,
                        "relu", Activation.RELU,
                        "sigmoid", Activation.SIGMOID)
                    .get(own.isEmpty() ? "" : own.getFirst()))
            .map(activation ->
                new Kind(Cells.elman(activation), RNN, 1, "RNN of " + own.getFirst()));
      }
      case "GRU" -> {
        List<String> usual = List.of("sigmoid", "tanh");
        boolean isAfter = flag("linear_before_reset");
        Cell cell = isAfter ? Cells.gru() : Cells.gruResetBefore();
        String reset = isAfter ? "after" : "before";
        yield activations(d, usual).equals(usual)
            ? Optional.of(
                new Kind(cell, GRU, 3, "GRU, gates z, r, h, reset " + reset + " the product"))
            : Optional.empty();
      }
      default -> {
        List<String> usual = List.of("sigmoid", "tanh", "tanh");
        boolean isCoupled = flag("input_forget");
        if (!activations(d, usual).equals(usual) || (isCoupled && p != null)) {
          yield Optional.empty();
        }
        if (isCoupled) {
          String turned = "LSTM, gates i, o, f, c, with f = 1 - i: its f is i the other way";
          yield Optional.of(new Kind(LstmVariants.coupled(), COUPLED, 4, turned));
        }
        yield Optional.of(
            p == null
                ? new Kind(Cells.lstm(), LSTM, 4, "LSTM, gates i, o, f, c")
                : new Kind(
                    LstmVariants.peephole(), LSTM, 4, "LSTM, gates i, o, f, c, peepholes i, o, f"));
      }
    };
  }
}
