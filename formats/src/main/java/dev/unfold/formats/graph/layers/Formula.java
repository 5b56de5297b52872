package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.head.Pooling;
import dev.unfold.kernels.Pointwise.Op;
import java.util.List;

/// How a vector is computed. Two of the same [Formulas] that are made alike are one object, so that they are compared
/// as objects.
sealed interface Formula {
  /// How many numbers it has.
  int width();

  /// How many formulas lie below it, one in the other.
  int depth();

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
  final class Leaf implements Formula {
    private final Source source;
    private final int width;

    Leaf(Source source, int width) {
      this.source = source;
      this.width = width;
    }

    Source source() {
      return source;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public int depth() {
      return 0;
    }
  }

  /// Constants; a single one stands for all.
  final class Numbers implements Formula {
    private final double[] numbers;

    Numbers(double... numbers) {
      this.numbers = numbers;
    }

    double get(int i) {
      return numbers[numbers.length == 1 ? 0 : i];
    }

    @Override
    public int width() {
      return numbers.length;
    }

    @Override
    public int depth() {
      return 0;
    }
  }

  /// An operand times a matrix.
  record Term(Formula operand, Weights weights) {}

  /// A sum of products and constant vectors.
  final class Linear implements Formula {
    private final List<Term> terms;
    private final List<Numbers> biases;
    private final int width;
    private final int depth;

    Linear(List<Term> terms, List<Numbers> biases, int width) {
      this.terms = List.copyOf(terms);
      this.biases = List.copyOf(biases);
      this.width = width;
      depth = 1 + terms.stream().mapToInt(term -> term.operand().depth()).max().orElse(0);
    }

    List<Term> terms() {
      return terms;
    }

    List<Numbers> biases() {
      return biases;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public int depth() {
      return depth;
    }
  }

  /// A function of each number, or of two; one of a single argument has it on both sides.
  final class Applied implements Formula {
    private final Op op;
    private final Formula left;
    private final Formula right;
    private final int width;
    private final int depth;

    Applied(Op op, Formula left, Formula right) {
      this.op = op;
      this.left = left;
      this.right = right;
      // Kept: an argument may stand on both sides, and so on downwards.
      width = Math.max(left.width(), right.width());
      depth = 1 + Math.max(left.depth(), right.depth());
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

    @Override
    public int width() {
      return width;
    }

    @Override
    public int depth() {
      return depth;
    }
  }

  /// The mean of all numbers.
  final class Mean implements Formula {
    private final Formula of;
    private final int depth;

    Mean(Formula of) {
      this.of = of;
      depth = 1 + of.depth();
    }

    Formula of() {
      return of;
    }

    @Override
    public int width() {
      return 1;
    }

    @Override
    public int depth() {
      return depth;
    }
  }

  /// Vectors one after the other.
  final class Joined implements Formula {
    private final List<Formula> parts;
    private final int width;
    private final int depth;

    Joined(List<Formula> parts) {
      this.parts = List.copyOf(parts);
      width = parts.stream().mapToInt(Formula::width).sum();
      depth = 1 + parts.stream().mapToInt(Formula::depth).max().orElse(0);
    }

    List<Formula> parts() {
      return parts;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public int depth() {
      return depth;
    }
  }

  /// Some of the numbers of a leaf.
  final class Part implements Formula {
    private final Formula of;
    private final int from;
    private final int width;
    private final int depth;

    Part(Formula of, int from, int width) {
      this.of = of;
      this.from = from;
      this.width = width;
      depth = 1 + of.depth();
    }

    Formula of() {
      return of;
    }

    int from() {
      return from;
    }

    @Override
    public int width() {
      return width;
    }

    @Override
    public int depth() {
      return depth;
    }
  }
}
