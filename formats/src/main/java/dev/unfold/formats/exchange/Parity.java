package dev.unfold.formats.exchange;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.ValueLoss;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;

/// Whether two networks are the same function: what their layers put out and what they say, on the same input. They
/// may have other cells, biases or names, as long as they read the same.
public final class Parity {
  /// Up to here a difference, of the largest number, comes from rounding floats: 1e-5.
  public static final double ROUNDING = 1e-5;

  private static final long SEED = 64;

  /// One place at which they are compared.
  ///
  /// @param place `l0` for the output of the first layer, `output` for net_y
  /// @param absolute the largest difference
  /// @param relative the same, of the largest number of the first network there
  /// @param firstStep the first step with a difference of more than [#ROUNDING] of that number; empty if there is none,
  ///     or if there is one output a sequence
  public record Row(String place, double absolute, double relative, OptionalInt firstStep) {
    /// How far `b` is from `a`.
    ///
    /// @param perStep how many numbers a step has; empty if there are no steps
    public static Row of(String place, double[] a, double[] b, Optional<Integer> perStep) {
      double largest = Arrays.stream(a).map(Math::abs).max().orElse(0);
      double absolute = 0;
      OptionalInt first = OptionalInt.empty();
      for (int i = 0; i < a.length; i++) {
        double difference = difference(a[i], b[i]);
        absolute = Math.max(absolute, difference);
        if (perStep.isPresent() && first.isEmpty() && difference > ROUNDING * largest) {
          first = OptionalInt.of(i / perStep.get());
        }
      }
      return new Row(place, absolute, absolute == 0 ? 0 : absolute / largest, first);
    }

    /// Infinite where one is no number and the other is.
    private static double difference(double a, double b) {
      double difference = Double.compare(a, b) == 0 ? 0 : Math.abs(a - b);
      return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
    }

    /// Whether they agree up to rounding.
    public boolean isClose() {
      return relative <= ROUNDING;
    }
  }

  private Parity() {}

  /// Compares them over the `steps` steps of the sequences of `inputs`, which begin at zero.
  ///
  /// @return a row for each layer, if there are as many of the same sizes, and one for the output
  ///
  /// **Errors**: [IllegalArgumentException] if their outputs are not as many, or if they read other inputs.
  public static List<Row> of(Network a, Network b, Inputs inputs, int steps) {
    Expect.given("a", a);
    Expect.given("b", b);
    Expect.given("inputs", inputs);
    Expect.positive("steps", "T", steps);
    expectAlike(a.spec(), b.spec());
    Inputs same = typed(as(b.spec().encoder(), inputs), b.kernels().type());
    int batch = inputs.rows() / steps;
    int[] lengths = new int[batch];
    Arrays.fill(lengths, steps);
    List<Row> rows = new ArrayList<>();
    if (haveLayersOfOneSize(a.spec(), b.spec())) {
      for (int l = 0; l < a.spec().layers(); l++) {
        Matrix own = new Runner(upTo(a, l)).runWhole(inputs, lengths);
        Matrix other = new Runner(upTo(b, l)).runWhole(same, lengths);
        rows.add(row("l" + l, own, other, batch, steps > 1));
      }
    }
    Matrix own = new Runner(a).runWhole(inputs, lengths);
    Matrix other = new Runner(b).runWhole(same, lengths);
    rows.add(row("output", own, other, batch, own.rows() > batch));
    return rows;
  }

  /// Numbers uniform in (-1, 1), or tokens, the same each time: `steps` steps of `batch` sequences.
  public static Inputs input(Encoder encoder, Kernels kernels, int steps, int batch) {
    Expect.given("encoder", encoder);
    int rows = Math.multiplyExact(steps, batch);
    Random random = new Random(SEED);
    return switch (encoder) {
      case Encoder.Embedding tokens ->
          new Inputs.Tokens(random.ints(rows, 0, tokens.vocabulary()).toArray(), 0);
      case Encoder.Vectors vectors ->
          new Inputs.Vectors(numbers(kernels, random, rows, vectors.width()));
      case Encoder.Columns columns ->
          new Inputs.Columns(
              columns.numbers() == 0
                  ? Optional.empty()
                  : Optional.of(numbers(kernels, random, rows, columns.numbers())),
              columns.categories().stream()
                  .map(each -> random.ints(rows, 0, each.vocabulary()).toArray())
                  .toArray(int[][]::new),
              0);
    };
  }

  private static Matrix numbers(Kernels kernels, Random random, int rows, int cols) {
    Matrix all = kernels.allocate(rows, cols);
    for (int row = 0; row < rows; row++) {
      for (int col = 0; col < cols; col++) {
        all.set(row, col, (float) (2 * random.nextDouble() - 1));
      }
    }
    return all;
  }

  private static void expectAlike(NetworkSpec a, NetworkSpec b) {
    if (!a.encoder().equals(b.encoder()) && !readSame(a.encoder(), b.encoder())) {
      throw new Refusal(
          "models",
          "two that read the same",
          "%d numbers and categories %s, %d numbers and categories %s"
              .formatted(
                  a.encoder().numbers(),
                  vocabularies(a.encoder()),
                  b.encoder().numbers(),
                  vocabularies(b.encoder())));
    }
    boolean isOfSteps = a.head().isOfSteps();
    if (a.outputs() != b.outputs() || isOfSteps != b.head().isOfSteps()) {
      throw new Refusal(
          "models",
          "two with the same outputs",
          "K=%d of %s and K=%d of %s"
              .formatted(a.outputs(), a.head().text(), b.outputs(), b.head().text()));
    }
  }

  /// Embeddings may be of another width.
  private static boolean readSame(Encoder a, Encoder b) {
    return a.numbers() == b.numbers() && vocabularies(a).equals(vocabularies(b));
  }

  /// The same rows as another kind of encoder takes them: numbers alone are vectors, one category alone is tokens.
  private static Inputs as(Encoder encoder, Inputs inputs) {
    return switch (encoder) {
      case Encoder.Embedding _ ->
          inputs instanceof Inputs.Columns columns
              ? new Inputs.Tokens(columns.categories()[0], columns.from())
              : inputs;
      case Encoder.Vectors _ ->
          inputs instanceof Inputs.Columns columns
              ? new Inputs.Vectors(columns.numbers().orElseThrow())
              : inputs;
      case Encoder.Columns _ ->
          switch (inputs) {
            case Inputs.Tokens tokens ->
                new Inputs.Columns(Optional.empty(), new int[][] {tokens.tokens()}, tokens.from());
            case Inputs.Vectors vectors ->
                new Inputs.Columns(Optional.of(vectors.values()), new int[0][], 0);
            case Inputs.Columns columns -> columns;
          };
    };
  }

  /// The same numbers as a network of another precision takes them.
  private static Inputs typed(Inputs inputs, ElementType type) {
    return switch (inputs) {
      case Inputs.Vectors vectors -> new Inputs.Vectors(typed(vectors.values(), type));
      case Inputs.Tokens _ -> inputs;
      case Inputs.Columns columns ->
          new Inputs.Columns(
              columns.numbers().map(numbers -> typed(numbers, type)),
              columns.categories(),
              columns.from());
    };
  }

  private static Matrix typed(Matrix values, ElementType type) {
    if (values.buffer().type() == type) {
      return values;
    }
    Matrix from = values.toHost();
    Matrix all = Matrix.onHeap(type, from.rows(), from.cols());
    for (int row = 0; row < from.rows(); row++) {
      for (int col = 0; col < from.cols(); col++) {
        all.set(row, col, from.get(row, col));
      }
    }
    return all;
  }

  private static List<Integer> vocabularies(Encoder encoder) {
    return encoder.categories().stream().map(Encoder.Embedding::vocabulary).toList();
  }

  private static boolean haveLayersOfOneSize(NetworkSpec a, NetworkSpec b) {
    boolean same = a.layers() == b.layers();
    for (int l = 0; same && l < a.layers(); l++) {
      same = a.outputSize(l) == b.outputSize(l);
    }
    return same;
  }

  /// The network that ends with layer `last`, and says what that puts out.
  private static Network upTo(Network network, int last) {
    NetworkSpec spec = network.spec();
    int width = spec.outputSize(last);
    NetworkSpec part =
        new NetworkSpec(
            spec.encoder(),
            spec.stack().subList(0, last + 1),
            new Head.Values(width, new ValueLoss.SquaredError()),
            Set.of(),
            spec.noise());
    Network shorter = Network.zeros(part, network.kernels());
    Set<String> names = Network.shapes(spec).keySet();
    for (Parameters.Tensor tensor : shorter.parameters().tensors()) {
      Matrix to = shorter.parameters().matrix(tensor.name());
      if (tensor.name().equals(Head.WEIGHT)) {
        for (int i = 0; i < width; i++) {
          to.set(i, i, 1);
        }
      } else if (!tensor.name().equals(Head.BIAS) && names.contains(tensor.name())) {
        to.copy(network.parameters().matrix(tensor.name()));
      }
    }
    shorter.parameters().changed();
    return shorter;
  }

  /// The numbers of a matrix, row by row.
  static double[] numbers(Matrix of) {
    Matrix here = of.toHost();
    double[] all = new double[Math.multiplyExact(here.rows(), here.cols())];
    Arrays.setAll(all, i -> here.get(i / here.cols(), i % here.cols()));
    return all;
  }

  private static Row row(String place, Matrix a, Matrix b, int batch, boolean hasSteps) {
    return Row.of(
        place, numbers(a), numbers(b), hasSteps ? Optional.of(batch * a.cols()) : Optional.empty());
  }
}
