package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/// The options that say which recurrence a layer has.
public final class CellArguments {
  private static final String FORM = "P=N";

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
      description = {
        "A size of the cell's own: P, the units of lstm_projected's h (default: half of H)."
      })
  private List<String> sizes = List.of();

  /// The cell with its sizes.
  public Cell cell() {
    Cell named = Cells.named(cell);
    Set<String> given = new HashSet<>();
    for (String size : Parts.of("size", FORM, sizes)) {
      int equals = size.indexOf('=');
      String letter = size.substring(0, Math.max(0, equals));
      if (letter.isEmpty() || !given.add(letter)) {
        throw new Refusal("size", "%s, each P once".formatted(FORM), size);
      }
      named = named.withSize(letter, number(size.substring(equals + 1)));
    }
    return named;
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new Refusal("size", "%s with a whole number".formatted(FORM), text, e);
    }
  }

  /// The names of the cells.
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Cells.names().iterator();
    }
  }
}
