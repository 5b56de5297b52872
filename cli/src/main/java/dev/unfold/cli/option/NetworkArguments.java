package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.head.Head;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Wiring;
import dev.unfold.model.Wirings;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that say what network is made.
public final class NetworkArguments {
  @Mixin private CellArguments cellArguments;

  @Mixin private final HiddenOption hidden = new HiddenOption(256);

  @Option(
      names = "--layers",
      paramLabel = "L",
      defaultValue = "1",
      description = "Recurrent layers (default: ${DEFAULT-VALUE}).")
  private int layers;

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
              + " ${DEFAULT-VALUE}). Example: --dropout between=0.5,weights=0.3,zoneout.c=0.1")
  private String dropout;

  public Cell cell() {
    return cellArguments.cell();
  }

  /// H, checked.
  public int hidden() {
    return hidden.count();
  }

  /// Whether the readout's matrix is that of the embedding.
  public boolean isTied() {
    return Wirings.parse(wiring).ofNetwork().contains(Wiring.TIED);
  }

  /// The network.
  ///
  /// @param head what its outputs mean; classes are factored if that is asked for
  public NetworkSpec spec(Encoder encoder, Head head) {
    return spec(encoder, head, HiddenOption.NONE);
  }

  /// The same, with a number of hidden units that follows from the data where that is asked for.
  public NetworkSpec spec(Encoder encoder, Head head, int usual) {
    Wirings asked = Wirings.parse(wiring);
    Head own =
        asked
            .head(head)
            .orElseThrow(() ->
                new Refusal(
                    "wiring", "no factored softmax for a head without classes", head.text()));
    return new NetworkSpec(
        cell(), encoder, hidden.count(usual), layers, own, asked.ofNetwork(), Noise.parse(dropout));
  }
}
