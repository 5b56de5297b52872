package dev.unfold.cli.option;

import dev.unfold.cell.Cell;
import dev.unfold.model.init.Initialization;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that say how the parameters of a new network start.
public final class InitialArguments {
  @Mixin private SeedOption seed;

  @Option(
      names = "--init",
      paramLabel = "ROLE=WHAT,...",
      defaultValue = "default",
      description =
          "How the parameters start: ROLE is embedding, input, recurrent, readout (matrices), bias"
              + " or forget (the bias of forget gates); WHAT is uniform:BOUND, normal:DEVIATION,"
              + " xavier_uniform, xavier_normal, he_uniform, he_normal, orthogonal, identity or a"
              + " number (default: as PyTorch does). Example: --init recurrent=orthogonal,forget=1")
  private List<String> init;

  /// The seed of all that is drawn.
  public long seed() {
    return seed.value();
  }

  /// How the parameters start.
  public Initialization initialization(List<Cell> cells) {
    Initialization initialization = Initialization.parse(String.join(",", init));
    initialization.check(cells);
    return initialization;
  }
}
