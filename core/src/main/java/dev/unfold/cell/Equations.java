package dev.unfold.cell;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/// A cell's equations in the order in which they can be read: a line for each affine map, named value and state, each
/// before those that need it. Affine maps of the same operands that follow each other share a line.
final class Equations {
  private final List<Line> lines = new ArrayList<>();
  private final IdentityHashMap<Expr, Symbol> names = new IdentityHashMap<>();
  private final Cell cell;

  /// What stands on the left of a line, and for its value in others.
  record Symbol(Kind kind, String name) {
    /// What it stands for.
    enum Kind {
      /// A value with a name.
      VALUE,
      /// A state after the step.
      NEXT,
      /// What the layer above gets.
      OUTPUT
    }
  }

  /// One equation, or several that differ in their names alone.
  sealed interface Line {}

  /// Affine maps of the same operands.
  record Maps(List<Expr.Affine> maps) implements Line {
    /// Copies the list.
    Maps {
      maps = List.copyOf(maps);
    }
  }

  /// `symbol` = `value`.
  record Value(Symbol symbol, Expr value) implements Line {}

  private Equations(Cell cell) {
    this.cell = cell;
  }

  /// The equations of `cell`.
  static Equations of(Cell cell) {
    Equations equations = new Equations(cell);
    cell.affines().forEach(equations::add);
    cell.recurrences().stream()
        .map(Cell.Recurrence::next)
        // A state that another one's next value is made from comes first.
        .sorted(Comparator.comparingInt(next -> Reachability.of(List.of(next)).size()))
        .forEach(equations::add);
    equations.add(cell.output());
    cell.recurrences().forEach(equations::addIfNotYet);
    equations.addOutput();
    return equations;
  }

  /// In the order in which they can be read.
  List<Line> lines() {
    return Collections.unmodifiableList(lines);
  }

  /// What values with a line of their own are called in other lines; by identity.
  Map<Expr, Symbol> names() {
    return Collections.unmodifiableMap(names);
  }

  /// A next value that is a state or has a line under another name.
  private void addIfNotYet(Cell.Recurrence recurrence) {
    Symbol next = next(recurrence);
    if (!next.equals(names.get(recurrence.next()))) {
      lines.add(new Value(next, recurrence.next()));
    }
  }

  private void addOutput() {
    if (!sameObject(cell.output(), cell.recurrences().getFirst().next())) {
      lines.add(new Value(new Symbol(Symbol.Kind.OUTPUT, "output"), cell.output()));
    }
  }

  private static Symbol next(Cell.Recurrence recurrence) {
    return new Symbol(Symbol.Kind.NEXT, recurrence.state().name());
  }

  /// Adds what `expr` needs, and `expr` itself if it has a line of its own.
  private void add(Expr expr) {
    if (names.containsKey(expr)) {
      return;
    }
    Reachability.argumentsOf(expr).forEach(this::add);
    switch (expr) {
      case Expr.Affine affine -> addMap(affine);
      case Expr.Named named ->
          addValue(named, new Symbol(Symbol.Kind.VALUE, named.name()), named.value());
      case Expr.Apply _, Expr.Mean _, Expr.Outer _, Expr.Contraction _, Expr.HeadSum _ ->
          addNext(expr);
      case Expr.HeadSpread _ -> addNext(expr);
      default -> {}
    }
  }

  private void addMap(Expr.Affine affine) {
    if (!lines.isEmpty() && lines.getLast() instanceof Maps last && alike(last, affine)) {
      List<Expr.Affine> all = new ArrayList<>(last.maps());
      all.add(affine);
      lines.set(lines.size() - 1, new Maps(all));
    } else {
      lines.add(new Maps(List.of(affine)));
    }
    names.put(affine, new Symbol(Symbol.Kind.VALUE, affine.name()));
  }

  private static boolean alike(Maps line, Expr.Affine affine) {
    Expr.Affine first = line.maps().getFirst();
    return first.size().equals(affine.size())
        && first.offset() == affine.offset()
        && first.operands().equals(affine.operands());
  }

  private void addValue(Expr expr, Symbol symbol, Expr value) {
    lines.add(new Value(symbol, value));
    names.put(expr, symbol);
  }

  /// If `expr` is computed as the next value of a state, it is known by that.
  private void addNext(Expr expr) {
    cell.recurrences().stream()
        .filter(recurrence -> sameObject(recurrence.next(), expr))
        .findFirst()
        .ifPresent(recurrence -> addValue(expr, next(recurrence), expr));
  }

  /// Equal expressions may stand in two places; a line is for one of them.
  @SuppressWarnings("ReferenceEquality")
  private static boolean sameObject(Expr a, Expr b) {
    return a == b;
  }
}
