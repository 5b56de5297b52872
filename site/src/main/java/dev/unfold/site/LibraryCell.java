package dev.unfold.site;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.cell.library.ContinuousCells;
import dev.unfold.cell.library.DiagonalCells;
import dev.unfold.cell.library.LightCells;
import dev.unfold.cell.library.LstmVariants;
import dev.unfold.cell.library.MatrixCells;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// A method of the library that makes a cell, or one for each activation.
///
/// @param home the class of the method
/// @param method its name
/// @param cells what it makes
record LibraryCell(Class<?> home, String method, List<Cell> cells) {
  private static final List<Class<?>> HOMES =
      List.of(
          Cells.class,
          LstmVariants.class,
          LightCells.class,
          MatrixCells.class,
          DiagonalCells.class,
          ContinuousCells.class);

  /// Copies the list.
  LibraryCell {
    cells = List.copyOf(cells);
  }

  /// All of them, by name.
  static List<LibraryCell> all() {
    List<LibraryCell> all = new ArrayList<>();
    for (Class<?> home : HOMES) {
      Arrays.stream(home.getMethods())
          .filter(method -> method.getReturnType() == Cell.class)
          .map(method -> new LibraryCell(home, method.getName(), made(method)))
          .filter(each -> !each.cells.isEmpty())
          .forEach(all::add);
    }
    all.sort(Comparator.comparing(LibraryCell::name));
    return all;
  }

  private static List<Cell> made(Method method) {
    List<Class<?>> parameters = List.of(method.getParameterTypes());
    if (parameters.isEmpty()) {
      return List.of(made(method, List.of()));
    }
    return parameters.equals(List.of(Activation.class))
        ? Arrays.stream(Activation.values()).map(each -> made(method, List.of(each))).toList()
        : List.of();
  }

  private static Cell made(Method method, List<Activation> arguments) {
    try {
      return (Cell) method.invoke(null, arguments.toArray());
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(method + ": " + e, e);
    }
  }

  /// The name of the first.
  String name() {
    return cells.getFirst().name();
  }

  /// How comments refer to it.
  String reference() {
    return home.getSimpleName() + "#" + method;
  }
}
