package dev.unfold.cell;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
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
      switch (expr) {
        case Expr.Apply apply -> {
          open.push(apply.left());
          open.push(apply.right());
        }
        case Expr.Named named -> open.push(named.value());
        case Expr.Affine affine -> affine.operands().forEach(open::push);
        case Expr.Input i -> {}
        case Expr.State s -> {}
        case Expr.Parameter p -> {}
        case Expr.Constant c -> {}
      }
    }
    return seen;
  }
}
