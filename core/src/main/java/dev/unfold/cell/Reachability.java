package dev.unfold.cell;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// Walks the expressions of a step, each once, and sees that all belong to it.
final class Reachability {
  private final Step step;

  Reachability(Step step) {
    this.step = step;
  }

  /// All expressions that `output` and `values` are computed from, compared by identity.
  Set<Expr> from(Expr output, Collection<Expr> values) {
    Set<Expr> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Expr> open = new ArrayDeque<>(values);
    open.add(output);
    while (!open.isEmpty()) {
      Expr expr = open.pop();
      if (!seen.add(expr)) {
        continue;
      }
      if (!step.owns(expr)) {
        throw new IllegalArgumentException(expr + ": belongs to another cell");
      }
      open.addAll(argumentsOf(expr));
    }
    return seen;
  }

  /// What `expr` is directly computed from.
  static List<Expr> argumentsOf(Expr expr) {
    return switch (expr) {
      case Expr.Apply apply -> List.of(apply.left(), apply.right());
      case Expr.Mean mean -> List.of(mean.value());
      case Expr.Named named -> List.of(named.value());
      case Expr.Affine affine -> affine.operands();
      case Expr.Input i -> List.of();
      case Expr.State s -> List.of();
      case Expr.Parameter p -> List.of();
      case Expr.Constant c -> List.of();
    };
  }

  /// Whether a state has a part in `expr`.
  static boolean dependsOnState(Expr expr) {
    Set<Expr> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Expr> open = new ArrayDeque<>(List.of(expr));
    while (!open.isEmpty()) {
      Expr next = open.pop();
      if (next instanceof Expr.State) {
        return true;
      }
      if (seen.add(next)) {
        open.addAll(argumentsOf(next));
      }
    }
    return false;
  }
}
