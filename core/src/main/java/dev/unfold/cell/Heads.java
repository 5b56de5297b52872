package dev.unfold.cell;

import dev.unfold.argument.Refusal;

/// What a cell has to be like to have heads, [Cell#withHeads].
final class Heads {
  private Heads() {}

  /// Checks the number, and that recurrent matrices can be cut into blocks.
  static void check(Cell cell) {
    if (cell.heads() < 1) {
      throw Refusal.within("heads", "cell " + cell.name(), "N of 1 or more", cell.heads());
    }
    if (cell.heads() == 1) {
      return;
    }
    boolean any = false;
    for (Layout.Operand operand : cell.layout().operands()) {
      if (operand.dependsOnState()) {
        any = true;
        expectUnits(cell, operand.value(), operand.value().size());
        operand.affines().forEach(affine -> expectUnits(cell, affine, affine.size()));
      }
    }
    if (!any) {
      throw Refusal.within(
          "heads",
          "cell " + cell.name(),
          "a matrix that multiplies a state, for N of more than 1",
          "none");
    }
  }

  private static void expectUnits(Cell cell, Expr expr, Size size) {
    if (!size.equals(Size.HIDDEN)) {
      throw Refusal.within(
          "heads",
          "cell " + cell.name(),
          "recurrent matrices from H units to H, for N of more than 1",
          expr + " " + size);
    }
  }

  /// Checks that each head has as many of the H = `hidden` units.
  static void checkUnits(Cell cell, int hidden) {
    if (hidden % cell.heads() != 0) {
      throw Refusal.within(
          "hidden",
          "cell " + cell.name(),
          "H that is a multiple of its N=%d heads".formatted(cell.heads()),
          "H=" + hidden);
    }
  }
}
