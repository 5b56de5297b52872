package dev.unfold.cli.option;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Head;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.LayerText;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Wiring;
import dev.unfold.model.Wirings;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The options that say what network is made.
public final class NetworkArguments {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /// Hidden units where only the cells of layers are asked for.
  private static final int ANY = 1;

  @Mixin private CellArguments cellArguments;

  @Mixin private final HiddenOption hidden = new HiddenOption(256);

  @Option(
      names = "--layers",
      paramLabel = "L|CELL:H,...",
      defaultValue = "1",
      description =
          "Recurrent layers: how many, or the cell and the hidden units of each from the input on,"
              + " with :residual after a layer that adds its input to its output, :P=N for a size"
              + " of the cell's own, :heads=N for heads and, where a network may read backwards,"
              + " :both for both directions (default: ${DEFAULT-VALUE}). Example: --layers"
              + " lstm:64,gru:32")
  private String layers;

  @Option(
      names = "--wiring",
      paramLabel = "WHAT,...",
      description =
          "What the network has beyond that: residual (each layer but the first adds its input to"
              + " its output), tied (the readout's matrix is that of the embedding; I = H),"
              + " factored (a softmax over groups of tokens, then one over those of a group: much"
              + " faster for many words).")
  private List<String> wiring = List.of();

  @Option(
      names = "--dropout",
      paramLabel = "SHARE",
      defaultValue = "none",
      description =
          "Random masks to train with: a share for input, output and between layers, or shares by"
              + " name: input, between, output, state (recurrent), weights (recurrent),"
              + " zoneout.STATE, and variational for the same mask at all steps (default:"
              + " ${DEFAULT-VALUE}; none with an online --engine). Example: --dropout"
              + " between=0.5,weights=0.3,zoneout.c=0.1")
  private String dropout;

  /// The network to be like, if there is one.
  private Optional<NetworkSpec> base = Optional.empty();

  private boolean isWithoutMasks;

  /// Lets random masks be those that are asked for alone.
  public void withoutMasks() {
    isWithoutMasks = true;
  }

  /// Lets the network be like that of a model, but for random masks that are asked for.
  ///
  /// **Errors**: a [Refusal] of what was said otherwise.
  public void follow(NetworkSpec network) {
    if (isGiven("--cell")) {
      expectSame("cell", network.cell().name(), cellArguments.cell().name());
    }
    if (isGiven("--size")) {
      expectSame(
          "size",
          network.cell().ownSizes().toString(),
          cellArguments.sized(network.cell()).ownSizes().toString());
    }
    if (isGiven("--heads")) {
      expectSame("heads", network.cell().heads(), cellArguments.cell().heads());
    }
    if (isGiven("--hidden")) {
      expectSame("hidden", network.hidden(), hidden.count());
    }
    if (isGiven("--layers")) {
      if (isList()) {
        expectSame("layers", network.stack(), stack(network.hidden()));
      } else {
        expectSame("layers", network.layers(), count());
      }
    }
    if (isGiven("--wiring")) {
      String text = Wirings.of(network).text();
      expectSame("wiring", text.isEmpty() ? "none" : text, Wirings.parse(wiring).text());
    }
    base = Optional.of(network);
  }

  private boolean isGiven(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }

  private static void expectSame(String option, Object expected, Object got) {
    if (!expected.equals(got)) {
      throw new Refusal(option, expected + ", as the model of --from has", got);
    }
  }

  /// The cell of all layers, or of the first.
  public Cell cell() {
    return cells().getFirst();
  }

  /// The cells of the layers, as far as they differ.
  public List<Cell> cells() {
    if (base.isPresent()) {
      return base.get().stack().stream().map(LayerSpec::cell).toList();
    }
    return isList()
        ? stack(ANY).stream().map(LayerSpec::cell).toList()
        : List.of(cellArguments.cell());
  }

  /// H of all layers, or of the last; checked.
  public int hidden() {
    if (base.isPresent()) {
      return base.get().hidden();
    }
    return isList() ? stack(HiddenOption.NONE).getLast().hidden() : hidden.count();
  }

  /// Whether `--layers` says what each layer is.
  private boolean isList() {
    return Decimal.parse(layers).isEmpty();
  }

  private int count() {
    return Decimal.whole(Decimal.parse(layers).orElseThrow())
        .orElseThrow(() -> new Refusal("layers", "a whole number, or " + LayerText.FORM, layers));
  }

  private List<LayerSpec> stack(int usual) {
    List<LayerSpec> stack =
        LayerText.parse("layers", layers, OptionalInt.of(hidden.count(usual)), Cells::named);
    for (String other : List.of("--cell", "--size", "--heads")) {
      if (isGiven(other)) {
        throw new Refusal("layers", "a number of layers beside " + other, layers);
      }
    }
    return stack;
  }

  /// Whether the readout's matrix is that of the embedding.
  public boolean isTied() {
    return wirings().ofNetwork().contains(Wiring.TIED);
  }

  private Wirings wirings() {
    return base.map(Wirings::of).orElseGet(() -> Wirings.parse(wiring));
  }

  /// The network.
  ///
  /// @param head what its outputs mean; classes are factored if that is asked for
  public NetworkSpec spec(Encoder encoder, Head head) {
    return spec(encoder, head, HiddenOption.NONE);
  }

  /// The same, with a number of hidden units that follows from the data where that is asked for.
  public NetworkSpec spec(Encoder encoder, Head head, int usual) {
    Wirings asked = wirings();
    boolean isSaid = isGiven("--dropout");
    Head own =
        asked
            .head(head)
            .orElseThrow(() ->
                new Refusal(
                    "wiring", "no factored softmax for a head without classes", head.text()));
    Noise usualNoise =
        isWithoutMasks
            ? Noise.NONE
            : base.map(NetworkSpec::noise).orElseGet(() -> Noise.parse(dropout));
    Noise noise = isSaid ? Noise.parse(dropout) : usualNoise;
    if (base.isPresent()) {
      return new NetworkSpec(encoder, base.get().stack(), own, asked.ofNetwork(), noise);
    }
    return isList()
        ? new NetworkSpec(encoder, stack(usual), own, asked.ofNetwork(), noise)
        : new NetworkSpec(
            cell(), encoder, hidden.count(usual), count(), own, asked.ofNetwork(), noise);
  }

  /// The same for a network that is to predict what it reads next.
  public NetworkSpec forwardSpec(Encoder encoder, Head head) {
    NetworkSpec spec = spec(encoder, head);
    if (spec.directions() > 1) {
      throw new Refusal("layers", "layers that read forwards, to predict what comes next", layers);
    }
    return spec;
  }
}
