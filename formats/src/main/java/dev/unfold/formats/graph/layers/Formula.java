package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.head.Pooling;
import dev.unfold.kernels.Pointwise.Op;
import java.util.List;

/// How a vector is computed. Two of the same [Formulas] that are made alike are one object, so that they are compared
/// as objects. Width and depth are kept: an argument may stand on both sides of a formula, and so on downwards.
abstract sealed class Formula {
  private final int width;
  private final int depth;

  private Formula(int width, int depth) {
    this.width = width;
    this.depth = depth;
  }

  private static int above(List<Formula> arguments) {
    return 1 + arguments.stream().mapToInt(Formula::depth).max().orElse(0);
  }

  /// How many numbers it has.
  int width() {
    return width;
  }

  /// How many formulas lie below it, one in the other.
  int depth() {
    return depth;
  }

  /// What a formula begins with.
  sealed interface Source {}

  /// The first input of the graph.
  record Main() implements Source {}

  /// A row of a table, chosen by the first input.
  record Table(GraphTensor numbers) implements Source {}

  /// A state before the step.
  record Before(String name) implements Source {}

  /// What a layer puts out.
  record Output(Run run) implements Source {}

  /// One vector of a whole sequence.
  record Pooled(Pooling pooling, Formula of) implements Source {}

  /// A softmax over a vector, or its logarithm.
  record Shares(Formula of, boolean isLogarithm) implements Source {}

  /// What is not computed from anything here.
  static final class Leaf extends Formula {
    private final Source source;

    Leaf(Source source, int width) {
      super(width, 0);
      this.source = source;
    }

    Source source() {
      return source;
    }
  }

  /// Constants; a single one stands for all.
  static final class Numbers extends Formula {
    private final double[] numbers;

    Numbers(double... numbers) {
      super(numbers.length, 0);
      this.numbers = numbers;
    }

    double get(int i) {
      return numbers[numbers.length == 1 ? 0 : i];
    }
  }

  /// An operand times a matrix.
  record Term(Formula operand, Weights weights) {}

  /// A sum of products and constant vectors.
  static final class Linear extends Formula {
    private final List<Term> terms;
    private final List<Numbers> biases;

    Linear(List<Term> terms, List<Numbers> biases, int width) {
      super(width, above(terms.stream().map(Term::operand).toList()));
      this.terms = List.copyOf(terms);
      this.biases = List.copyOf(biases);
    }

    List<Term> terms() {
      return terms;
    }

    List<Numbers> biases() {
      return biases;
    }
  }

  /// A function of each number, or of two; one of a single argument has it on both sides.
  static final class Applied extends Formula {
    private final Op op;
    private final Formula left;
    private final Formula right;

    Applied(Op op, Formula left, Formula right) {
      super(Math.max(left.width(), right.width()), above(List.of(left, right)));
      this.op = op;
      this.left = left;
      this.right = right;
    }

    Op op() {
      return op;
    }

    Formula left() {
      return left;
    }

    Formula right() {
      return right;
    }
  }

  /// The mean of all numbers.
  static final class Mean extends Formula {
    private final Formula of;

    Mean(Formula of) {
      super(1, above(List.of(of)));
      this.of = of;
    }

    Formula of() {
      return of;
    }
  }

  /// Vectors one after the other.
  static final class Joined extends Formula {
    private final List<Formula> parts;

    Joined(List<Formula> parts) {
      super(parts.stream().mapToInt(Formula::width).sum(), above(parts));
      this.parts = List.copyOf(parts);
    }

    List<Formula> parts() {
      return parts;
    }
  }

  /// Some of the numbers of a leaf.
  static final class Part extends Formula {
    private final Formula of;
    private final int from;

    Part(Formula of, int from, int width) {
      super(width, above(List.of(of)));
      this.of = of;
      this.from = from;
    }

    Formula of() {
      return of;
    }

    int from() {
      return from;
    }
  }
}
