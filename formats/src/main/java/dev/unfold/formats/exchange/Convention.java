package dev.unfold.formats.exchange;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Bias;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.library.ActivatedCells;
import dev.unfold.formats.exchange.GateBlocks.GatedCell;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.model.SetModel;
import dev.unfold.head.Head;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// What programs do differently with the same numbers. Each is a setting for files of any format, and a change of the
/// network that was read without it.
///
/// | setting | values | |
/// |---|---|---|
/// | `gates` | `ifco`, `zrh` | the order of the gates in the file; g and n may be written as c and h |
/// | `reset` | `after`, `before` | where a GRU's reset gate is, of the product |
/// | `gate_function` | `sigmoid`, `hard_sigmoid`, `hard_sigmoid_fifth` | at the gates; slope 1/6, slope 1/5 |
/// | `biases` | `swapped`, `inside`, `outside` | of a GRU: the state's before the input's; both of n within the reset, or outside of it |
/// | `transposed` | `recurrent`, `input`, `both`, `head` | matrices that are square, turned |
/// | `directions` | `swapped` | of layers of both directions |
public enum Convention {
  GATES {
    @Override
    List<String> others(NetworkSpec spec, GateOrders orders) {
      return types(spec)
          .map(GatedCell::letters)
          .distinct()
          .flatMap(letters ->
              GateOrders.all(letters).stream()
                  .filter(order -> !order.equals(orders.of(letters)))
                  .map(orders::shown))
          .toList();
    }

    @Override
    Network changed(Network network, GateOrders orders, String value) {
      String order = value.replace('c', 'g').replace('h', 'n');
      List<String> letters = types(network.spec()).map(GatedCell::letters).distinct().toList();
      String own =
          letters.stream()
              .filter(each -> GateOrders.isOrder(order, each))
              .findFirst()
              .orElseThrow(() -> refusal("each of %s once".formatted(letters), value));
      return ChangedNetwork.relayered(
          network,
          type -> type,
          (type, blocks) -> {
            if (type.letters().equals(own)) {
              blocks.permute(orders.of(own), order);
            }
          });
    }

    @Override
    String says(String value) {
      return "gates in the order " + String.join(", ", value.split(""));
    }
  },
  RESET {
    @Override
    List<String> others(NetworkSpec spec, GateOrders orders) {
      return types(spec)
          .map(GatedCell::kind)
          .filter(kind -> kind != ActivatedCells.Kind.LSTM)
          .map(kind -> kind == ActivatedCells.Kind.GRU ? "before" : "after")
          .distinct()
          .toList();
    }

    @Override
    Network changed(Network network, GateOrders orders, String value) {
      ActivatedCells.Kind kind =
          switch (value) {
            case "after" -> ActivatedCells.Kind.GRU;
            case "before" -> ActivatedCells.Kind.GRU_RESET_BEFORE;
            default -> throw refusal("after or before", value);
          };
      return ChangedNetwork.relayered(
          network,
          type ->
              type.kind() == ActivatedCells.Kind.LSTM
                  ? type
                  : new GatedCell(kind, type.gate(), type.activation()),
          (_, _) -> {});
    }

    @Override
    String says(String value) {
      return "the reset gate %s the product".formatted(value);
    }
  },
  GATE_FUNCTION {
    @Override
    List<String> others(NetworkSpec spec, GateOrders orders) {
      Set<ActivatedCells.Gate> own =
          Set.copyOf(types(spec).map(GatedCell::gate).distinct().toList());
      return own.isEmpty()
          ? List.of()
          : Stream.of(ActivatedCells.Gate.values())
              .filter(gate -> !own.equals(Set.of(gate)))
              .map(gate -> gate.name().toLowerCase(Locale.ROOT))
              .toList();
    }

    @Override
    Network changed(Network network, GateOrders orders, String value) {
      ActivatedCells.Gate gate =
          switch (value) {
            case "sigmoid" -> ActivatedCells.Gate.SIGMOID;
            case "hard_sigmoid" -> ActivatedCells.Gate.HARD_SIGMOID;
            case "hard_sigmoid_fifth" -> ActivatedCells.Gate.HARD_SIGMOID_FIFTH;
            default -> throw refusal("sigmoid, hard_sigmoid or hard_sigmoid_fifth", value);
          };
      return ChangedNetwork.relayered(
          network, type -> new GatedCell(type.kind(), gate, type.activation()), (_, _) -> {});
    }

    @Override
    String says(String value) {
      return switch (value) {
        case "hard_sigmoid" -> "hard sigmoids of slope 1/6 at the gates";
        case "hard_sigmoid_fifth" -> "hard sigmoids of slope 1/5 at the gates";
        default -> "sigmoids at the gates";
      };
    }
  },
  BIASES {
    @Override
    List<String> others(NetworkSpec spec, GateOrders orders) {
      boolean areThere =
          spec.stack().stream()
              .anyMatch(layer ->
                  layer.cell().bias() != Bias.NONE
                      && GatedCell.of(layer.cell())
                          .filter(type -> type.kind() == ActivatedCells.Kind.GRU)
                          .isPresent());
      return areThere ? List.of("swapped", "inside", "outside") : List.of();
    }

    @Override
    Network changed(Network network, GateOrders orders, String value) {
      if (!List.of("swapped", "inside", "outside").contains(value)) {
        throw refusal("swapped, inside or outside", value);
      }
      return ChangedNetwork.relayered(
          network,
          type -> type,
          (type, blocks) -> {
            if (type.kind() == ActivatedCells.Kind.GRU) {
              move(blocks, value);
            }
          });
    }

    private void move(GateBlocks blocks, String value) {
      double[][] input = blocks.part(GateBlocks.INPUT_BIAS);
      double[][] state = blocks.part(GateBlocks.STATE_BIAS);
      int last = input.length - 1;
      for (int gate = 0; gate <= last; gate++) {
        for (int i = 0; i < input[gate].length; i++) {
          double both = input[gate][i] + state[gate][i];
          switch (value) {
            case "swapped" -> {
              double kept = input[gate][i];
              input[gate][i] = state[gate][i];
              state[gate][i] = kept;
            }
            case "inside" -> {
              input[gate][i] = gate == last ? 0 : input[gate][i];
              state[gate][i] = gate == last ? both : state[gate][i];
            }
            default -> {
              input[gate][i] = gate == last ? both : input[gate][i];
              state[gate][i] = gate == last ? 0 : state[gate][i];
            }
          }
        }
      }
    }

    @Override
    String says(String value) {
      return value.equals("swapped")
          ? "the state's biases before the input's"
          : "both biases of the new state %s the reset"
              .formatted(value.equals("inside") ? "within" : "outside of");
    }
  },
  TRANSPOSED {
    @Override
    List<String> others(NetworkSpec spec, GateOrders orders) {
      boolean isInput = false;
      boolean isRecurrent = false;
      for (int l = 0; l < spec.layers(); l++) {
        isInput |= spec.inputSize(l) == spec.stack().get(l).hidden();
        isRecurrent |= spec.stack().get(l).hidden() > 1;
      }
      List<String> all = new ArrayList<>();
      if (isRecurrent) {
        all.add("recurrent");
      }
      if (isInput) {
        all.add("input");
        all.add("both");
      }
      if (spec.outputs() == spec.outputSize() && Network.shapes(spec).containsKey(Head.WEIGHT)) {
        all.add("head");
      }
      return all;
    }

    @Override
    Network changed(Network network, GateOrders orders, String value) {
      return switch (value) {
        case "recurrent" ->
            ChangedNetwork.turned(network, CellParameter.Role.RECURRENT_WEIGHT::equals);
        case "input" -> ChangedNetwork.turned(network, CellParameter.Role.INPUT_WEIGHT::equals);
        case "both" -> ChangedNetwork.turned(network, CellParameter.Role::isMatrix);
        case "head" -> ChangedNetwork.headTurned(network);
        default -> throw refusal("recurrent, input, both or head", value);
      };
    }

    @Override
    String says(String value) {
      return switch (value) {
        case "both" -> "all square matrices of the layers transposed";
        case "head" -> "the readout's matrix transposed";
        default -> "square %s matrices transposed".formatted(value);
      };
    }
  },
  DIRECTIONS {
    @Override
    List<String> others(NetworkSpec spec, GateOrders orders) {
      return spec.directions() > 1 ? List.of("swapped") : List.of();
    }

    @Override
    Network changed(Network network, GateOrders orders, String value) {
      if (!value.equals("swapped")) {
        throw refusal("swapped", value);
      }
      return ChangedNetwork.swapped(network);
    }

    @Override
    String says(String value) {
      return "both directions swapped";
    }
  };

  /// What `--set` calls it.
  public String setting() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The values that would make another network of one of `spec`; none if it has nothing of the kind.
  abstract List<String> others(NetworkSpec spec, GateOrders orders);

  /// The network as the value says it is meant.
  ///
  /// @param orders those in which the network's file was read
  ///
  /// **Errors**: [IllegalArgumentException] for a value that is none of the setting's.
  abstract Network changed(Network network, GateOrders orders, String value);

  /// The value in words.
  abstract String says(String value);

  Refusal refusal(String expected, String got) {
    return Refusal.within("set", setting(), expected, got);
  }

  /// What was read, as the settings say it is meant.
  static Imported asMeant(Imported read, GateOrders orders, ImportOptions options) {
    if (!(read.content() instanceof Imported.Content.OfModel of)) {
      return read;
    }
    Network network = of.model().network();
    List<String> conventions = new ArrayList<>(read.conventions());
    for (Convention each : values()) {
      if (!each.others(network.spec(), orders).isEmpty()) {
        Optional<String> said = options.setting(each.setting());
        if (said.isPresent()) {
          network = each.changed(network, orders, said.get());
          conventions.add("read as is said, with " + each.says(said.get()));
        }
      }
    }
    return network == of.model().network()
        ? read
        : new Imported(
            new Imported.Content.OfModel(with(of.model(), network)), conventions, read.origin());
  }

  /// Whether a setting says how numbers are meant.
  public static boolean isSetting(String name) {
    return Stream.of(values()).anyMatch(each -> each.setting().equals(name));
  }

  private static Model with(Model model, Network network) {
    return switch (model) {
      case NetworkModel own -> new NetworkModel(network, own.description(), own.provenance());
      case LanguageModel own ->
          new LanguageModel(network, own.unit(), own.form(), own.vocabulary(), own.provenance());
      case SetModel own -> new SetModel(network, own.provenance());
    };
  }

  private static Stream<GatedCell> types(NetworkSpec spec) {
    return spec.stack().stream()
        .map(LayerSpec::cell)
        .distinct()
        .map(GatedCell::of)
        .flatMap(Optional::stream);
  }
}
