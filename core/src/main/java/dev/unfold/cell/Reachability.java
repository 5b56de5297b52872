package dev.unfold.cell;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/// What expressions are computed from.
final class Reachability {
  private Reachability() {}

  /// All expressions that `values` are computed from, themselves too, each once, those of the last value first.
  static List<Expr> of(Collection<Expr> values) {
    List<Expr> reached = new ArrayList<>();
    Set<Expr> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Expr> open = new ArrayDeque<>();
    values.forEach(open::push);
    while (!open.isEmpty()) {
      Expr expr = open.pop();
      if (seen.add(expr)) {
        reached.add(expr);
        argumentsOf(expr).forEach(open::push);
      }
    }
    return reached;
  }

  /// Whether a state has a part in `expr`.
  static boolean dependsOnState(Expr expr) {
    return of(List.of(expr)).stream().anyMatch(Expr.State.class::isInstance);
  }

  /// What `expr` is directly computed from.
  static List<Expr> argumentsOf(Expr expr) {
    return switch (expr) {
      case Expr.Apply apply -> List.of(apply.left(), apply.right());
      case Expr.Mean mean -> List.of(mean.value());
      case Expr.Outer outer -> List.of(outer.rows(), outer.columns());
      case Expr.Contraction product -> List.of(product.matrices(), product.vector());
      case Expr.HeadSum sum -> List.of(sum.value());
      case Expr.HeadSpread spread -> List.of(spread.value());
      case Expr.HeadUnits u -> List.of();
      case Expr.Named named -> List.of(named.value());
      case Expr.Affine affine -> affine.operands();
      case Expr.Input i -> List.of();
      case Expr.State s -> List.of();
      case Expr.Parameter p -> List.of();
      case Expr.Noise n -> List.of();
      case Expr.Constant c -> List.of();
    };
  }

  /// `expr`, which is no affine map, with `argument` of each of its arguments in place of it.
  static Expr rebuilt(Expr expr, UnaryOperator<Expr> argument) {
    return switch (expr) {
      case Expr.Apply apply ->
          new Expr.Apply(
              apply.op(),
              argument.apply(apply.left()),
              argument.apply(apply.right()),
              apply.size());
      case Expr.Mean mean -> new Expr.Mean(argument.apply(mean.value()));
      case Expr.Named named -> new Expr.Named(named.name(), argument.apply(named.value()));
      case Expr.Outer outer ->
          new Expr.Outer(
              argument.apply(outer.rows()), argument.apply(outer.columns()), outer.size());
      case Expr.Contraction product ->
          new Expr.Contraction(
              argument.apply(product.matrices()),
              argument.apply(product.vector()),
              product.side(),
              product.size());
      case Expr.HeadSum sum -> new Expr.HeadSum(argument.apply(sum.value()), sum.size());
      case Expr.HeadSpread spread ->
          new Expr.HeadSpread(argument.apply(spread.value()), spread.size());
      default -> expr;
    };
  }
}
