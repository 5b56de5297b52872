package dev.unfold.cli.option;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/// The options that say which recurrence a layer has.
public final class CellArguments {
  @Option(
      names = "--cell",
      paramLabel = "NAME",
      defaultValue = "elman",
      completionCandidates = Names.class,
      description = "One of ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private String cell;

  @Option(
      names = "--size",
      paramLabel = "P=N,...",
      description =
          "A size of the cell's own: P, the units of lstm_projected's h or of cfc's u (default:"
              + " half of H); N, the matrices of mlstm and gated_delta (default: 1).")
  private List<String> sizes = List.of();

  @Option(
      names = "--heads",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Heads: the recurrent matrices are block-diagonal, of N blocks of H/N units, and cost an"
              + " Nth (default: ${DEFAULT-VALUE}, whole matrices).")
  private int heads;

  /// The cell with its sizes and heads.
  public Cell cell() {
    return sized(Cells.named(cell)).withHeads(heads);
  }

  /// `cell` with the sizes that are given.
  Cell sized(Cell cell) {
    Cell named = cell;
    Clause read = Clause.list("size", "P=N", sizes);
    for (Clause.Part part : read.parts()) {
      OptionalInt number = Decimal.whole(part.number().orElse(Double.NaN));
      if (part.isBare() || number.isEmpty()) {
        throw new Refusal("size", "P=N with a whole number", part.text());
      }
      named = named.withSize(part.name(), number.getAsInt());
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
