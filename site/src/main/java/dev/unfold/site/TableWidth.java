package dev.unfold.site;

import java.util.ArrayList;
import java.util.List;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TableCell;
import org.commonmark.ext.gfm.tables.TableRow;
import org.commonmark.node.Node;

/// How wide a table must be so that its columns are not squeezed to a word a line: a column is as wide as its longest
/// cell, up to a bound.
final class TableWidth {
  private static final int WIDEST_COLUMN = 20;

  private TableWidth() {}

  /// The width in characters.
  static int of(TableBlock table) {
    List<Integer> widths = new ArrayList<>();
    collect(table, widths);
    return widths.stream().mapToInt(Integer::intValue).sum();
  }

  private static void collect(Node node, List<Integer> widths) {
    for (Node child = node.getFirstChild(); child != null; child = child.getNext()) {
      if (child instanceof TableRow) {
        row(child, widths);
      } else {
        collect(child, widths);
      }
    }
  }

  private static void row(Node row, List<Integer> widths) {
    int column = 0;
    for (Node cell = row.getFirstChild(); cell instanceof TableCell; cell = cell.getNext()) {
      int width = Math.min(WIDEST_COLUMN, PlainText.of(cell).length() + 2);
      if (column == widths.size()) {
        widths.add(width);
      } else {
        widths.set(column, Math.max(widths.get(column), width));
      }
      column++;
    }
  }
}
