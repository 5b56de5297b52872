package dev.unfold.proof;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Size;
import dev.unfold.cell.library.Cells;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Cells with heads.
public final class HeadedCells {
  private HeadedCells() {}

  /// The standard cells that can have heads, with `heads` of them.
  public static List<Cell> standard(int heads) {
    return Cells.names().stream()
        .map(Cells::named)
        .filter(HeadedCells::canHaveHeads)
        .map(cell -> cell.withHeads(heads))
        .toList();
  }

  /// These and `count` random ones, of two heads.
  public static Stream<Cell> all(int count) {
    return Stream.concat(
        standard(2).stream(), LongStream.range(0, count).mapToObj(RandomCell::drawWithHeads));
  }

  /// Whether all recurrent matrices are from H units to H, and there are any.
  private static boolean canHaveHeads(Cell cell) {
    List<Size> sizes =
        cell.layout().operands().stream()
            .filter(operand -> operand.dependsOnState())
            .flatMap(operand ->
                Stream.concat(
                    Stream.of(operand.value().size()),
                    operand.affines().stream().map(affine -> affine.size())))
            .toList();
    return !sizes.isEmpty() && sizes.stream().allMatch(Size.HIDDEN::equals);
  }
}
