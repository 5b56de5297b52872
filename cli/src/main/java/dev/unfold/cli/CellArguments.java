package dev.unfold.cli;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Cells;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/// The options that say which recurrence a layer has.
final class CellArguments {
  @Option(
      names = "--cell",
      paramLabel = "NAME",
      defaultValue = "elman",
      completionCandidates = Names.class,
      description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String cell;

  @Option(
      names = "--size",
      paramLabel = "P=N",
      split = ",",
      description = {
        "A size of the cell's own: P, the units of lstm_projected's h (default: half of H)."
      })
  private Map<String, Integer> sizes = new LinkedHashMap<>();

  Cell cell() {
    Cell named = Cells.named(cell);
    for (Map.Entry<String, Integer> size : sizes.entrySet()) {
      named = named.withSize(size.getKey(), size.getValue());
    }
    return named;
  }

  /// The names of the cells.
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Cells.names().iterator();
    }
  }
}
