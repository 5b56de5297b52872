package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.layers.Formula.Applied;
import dev.unfold.formats.graph.layers.Formula.Joined;
import dev.unfold.formats.graph.layers.Formula.Leaf;
import dev.unfold.formats.graph.layers.Formula.Linear;
import dev.unfold.formats.graph.layers.Formula.Mean;
import dev.unfold.formats.graph.layers.Formula.Numbers;
import dev.unfold.formats.graph.layers.Formula.Part;
import dev.unfold.formats.graph.layers.Formula.Source;
import dev.unfold.formats.graph.layers.Formula.Term;
import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// Makes formulas, each once, in a form in which parts of vectors are vectors of parts: a gate is then the same formula
/// whether it was cut from all gates before or after its function.
final class Formulas {
  /// Deeper ones are those of no cell.
  private static final int DEEPEST = 64;

  /// How many a graph may need.
  private static final int MOST = 200_000;

  /// How many parts, terms and biases all of them together may need: those of one made of itself twice as many times.
  private static final int MOST_PIECES = 1_000_000;

  private static final long WIDEST = Integer.MAX_VALUE;

  private final Map<List<Object>, Formula> made = new HashMap<>();
  private final IdentityHashMap<GraphTensor, Formula> constants = new IdentityHashMap<>();
  private int pieces;

  /// A graph whose formulas are none of layers.
  static final class TooMany extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private Formula once(List<Object> key, Supplier<Formula> formula) {
    Formula known = made.get(key);
    if (known == null) {
      known = expectFlat(formula.get());
      made.put(key, known);
    }
    return known;
  }

  private Formula expectFlat(Formula formula) {
    if (formula.depth() > DEEPEST || made.size() >= MOST) {
      throw new TooMany();
    }
    return formula;
  }

  private void expectRoom(int more) {
    pieces += more;
    if (pieces > MOST_PIECES) {
      throw new TooMany();
    }
  }

  Formula leaf(Source source, int width) {
    return once(List.of("leaf", source, width), () -> new Leaf(source, width));
  }

  Formula numbers(double... numbers) {
    return new Numbers(numbers);
  }

  /// Those of a tensor, the same for each use of it.
  Formula numbers(GraphTensor tensor) {
    return constants.computeIfAbsent(tensor, of -> new Numbers(of.reals()));
  }

  Formula applied(Op op, Formula left, Formula right) {
    return once(List.of(op, left, right), () -> new Applied(op, left, right));
  }

  Formula mean(Formula of) {
    return once(List.of("mean", of), () -> new Mean(of));
  }

  /// A matrix times a vector. States that stand beside an input in it have rows of their own.
  Formula product(Formula of, Weights weights) {
    List<Term> terms = new ArrayList<>();
    int from = 0;
    List<Formula> parts = of instanceof Joined joined ? operands(joined) : List.of(of);
    expectRoom(parts.size());
    for (Formula part : parts) {
      terms.add(new Term(part, weights.someRows(from, part.width())));
      from += part.width();
    }
    return expectFlat(new Linear(terms, List.of(), weights.columns()));
  }

  /// The directions of a layer below are one operand.
  private List<Formula> operands(Joined of) {
    List<Formula> operands = new ArrayList<>();
    List<Formula> together = new ArrayList<>();
    for (Formula part : of.parts()) {
      if (part instanceof Leaf leaf && !(leaf.source() instanceof Formula.Before)) {
        together.add(part);
        continue;
      }
      if (!together.isEmpty()) {
        operands.add(joined(together));
        together.clear();
      }
      operands.add(part);
    }
    if (!together.isEmpty()) {
      operands.add(joined(together));
    }
    return operands;
  }

  /// A sum, which is linear where both are.
  Formula sum(Formula left, Formula right) {
    List<Term> terms = new ArrayList<>();
    List<Numbers> biases = new ArrayList<>();
    boolean isLinear = left instanceof Linear || right instanceof Linear;
    for (Formula one : List.of(left, right)) {
      switch (one) {
        case Linear linear -> {
          expectRoom(linear.terms().size() + linear.biases().size());
          terms.addAll(linear.terms());
          biases.addAll(linear.biases());
        }
        case Numbers numbers -> biases.add(numbers);
        default -> isLinear = false;
      }
    }
    return isLinear
        ? once(
            List.of("sum", left, right),
            () -> new Linear(terms, biases, Math.max(left.width(), right.width())))
        : applied(Op.ADD, left, right);
  }

  /// Some numbers of a vector.
  Formula part(Formula of, int from, int width) {
    return (from == 0 && width == of.width()) || (of.width() == 1 && width == 1)
        ? of
        : once(List.of("part", of, from, width), () -> cut(of, from, width));
  }

  private Formula cut(Formula of, int from, int width) {
    return switch (of) {
      case Leaf _ -> new Part(of, from, width);
      case Part part -> new Part(part.of(), part.from() + from, width);
      case Mean _ -> of;
      case Numbers numbers -> {
        double[] some = new double[width];
        for (int i = 0; i < width; i++) {
          some[i] = numbers.get(from + i);
        }
        yield new Numbers(some);
      }
      case Applied applied ->
          applied(
              applied.op(),
              ofAll(applied.left(), from, width),
              ofAll(applied.right(), from, width));
      case Linear linear -> {
        expectRoom(linear.terms().size() + linear.biases().size());
        yield new Linear(
            linear.terms().stream()
                .map(term -> new Term(term.operand(), term.weights().someColumns(from, width)))
                .toList(),
            linear.biases().stream().map(bias -> (Numbers) ofAll(bias, from, width)).toList(),
            width);
      }
      case Joined joined -> {
        expectRoom(joined.parts().size());
        List<Formula> some = new ArrayList<>();
        int at = 0;
        for (Formula one : joined.parts()) {
          int first = Math.max(0, from - at);
          int last = Math.min(one.width(), from + width - at);
          if (first < last) {
            some.add(part(one, first, last - first));
          }
          at += one.width();
        }
        yield joined(some);
      }
    };
  }

  /// A single number stands for all.
  private Formula ofAll(Formula of, int from, int width) {
    return of.width() == 1 ? of : part(of, from, width);
  }

  /// Vectors one after the other; neighbours in one vector are one.
  Formula joined(List<Formula> parts) {
    List<Formula> all = new ArrayList<>();
    long width = 0;
    for (Formula part : parts) {
      width += part.width();
      List<Formula> own = part instanceof Joined joined ? joined.parts() : List.of(part);
      expectRoom(own.size());
      if (width > WIDEST) {
        throw new TooMany();
      }
      for (Formula one : own) {
        Optional<Formula> both = all.isEmpty() ? Optional.empty() : together(all.getLast(), one);
        if (both.isPresent()) {
          all.set(all.size() - 1, both.get());
        } else {
          all.add(one);
        }
      }
    }
    return all.size() == 1
        ? all.getFirst()
        : once(List.of("joined", List.copyOf(all)), () -> new Joined(all));
  }

  private Optional<Formula> together(Formula left, Formula right) {
    return left instanceof Part a
            && right instanceof Part b
            && a.of() == b.of()
            && a.from() + a.width() == b.from()
        ? Optional.of(part(a.of(), a.from(), a.width() + b.width()))
        : Optional.empty();
  }
}
