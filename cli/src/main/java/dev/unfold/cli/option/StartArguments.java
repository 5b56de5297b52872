package dev.unfold.cli.option;

import dev.unfold.cell.Cell;
import dev.unfold.formats.model.Provenance;
import dev.unfold.model.init.Initialization;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that say how the parameters start.
public final class StartArguments {
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

  public Provenance.Beginning of(Cell cell) {
    return of(List.of(cell));
  }

  /// The same for a network of several cells.
  public Provenance.Beginning of(List<Cell> cells) {
    Initialization initialization = Initialization.parse(String.join(",", init));
    initialization.check(cells);
    return new Provenance.Beginning(seed.value(), initialization);
  }
}
