package dev.unfold.run.learn;

import dev.unfold.cell.Activation;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.head.Head;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.run.session.SessionOptions;
import dev.unfold.run.session.Sessions;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.UpdateRule;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Small models, and streams to learn from.
final class Streams {
  static final InstantSource CLOCK = InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));
  static final int TOKENS = 5;

  private Streams() {}

  static Kernels kernels() {
    return Backends.named("scalar", Precision.DOUBLE);
  }

  /// A model that reads two numbers and foresees one.
  static ModelVersion sensor(long seed) {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.gru(),
            new Encoder.Vectors(2),
            6,
            1,
            new Head.Values(1, new ValueLoss.SquaredError()));
    return new ModelVersion(
        "sensor", "original", NetworkModel.of(Network.create(spec, kernels(), seed)));
  }

  /// One whose states have no bounds.
  static ModelVersion unbounded() {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.elman(Activation.RELU),
            new Encoder.Vectors(2),
            6,
            1,
            new Head.Values(1, new ValueLoss.SquaredError()));
    Network network = Network.create(spec, kernels(), 1);
    Matrix parameters = network.parameters().all();
    for (int i = 0; i < parameters.cols(); i++) {
      parameters.set(0, i, 1);
    }
    network.parameters().changed();
    return new ModelVersion("sensor", "original", NetworkModel.of(network));
  }

  /// A step of numbers whose sum is too large to be one.
  static Row huge() {
    return new Row(1e308, 1e308, 1);
  }

  /// What is right at so many steps.
  static Targets targets(int count) {
    Matrix targets = Matrix.onHeap(ElementType.FLOAT64, count, 1);
    return new Targets.Values(targets);
  }

  /// A model of texts of five letters.
  static ModelVersion text(long seed) {
    return text(seed, "abcde");
  }

  /// One of texts of other letters, with states of the same sizes.
  static ModelVersion text(long seed, String letters) {
    Network network =
        Network.create(NetworkSpec.tokens(Cells.gru(), letters.length(), 4, 6), kernels(), seed);
    return new ModelVersion(
        "letters", "original", LanguageModel.of(network, "CHAR", List.of(letters.split(""))));
  }

  static Sessions sessions(ModelVersion version) {
    return Sessions.of(version, SessionOptions.defaults(), CLOCK);
  }

  /// Plain gradient descent once in 10 steps, and a window of 400 steps.
  static LearnOptions options(double rate) {
    return LearnOptions.defaults()
        .with(UpdateRule.defaults().with(OptimizerSpec.parse("sgd")).withRate(rate))
        .withSegment(10)
        .with(new ContestOptions(400, 0.02, 3, 0.5));
  }

  /// A step of a sensor.
  record Row(double first, double second, double target) {
    Inputs inputs() {
      return new Inputs.Vectors(matrix(first, second));
    }

    Targets targets() {
      return new Targets.Values(matrix(target));
    }
  }

  /// Steps whose target is `gain` times the first number, with noise.
  static List<Row> steps(int count, double gain, double noise, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Row> rows = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      double first = random.nextBoolean() ? 1 : -1;
      rows.add(new Row(first, random.nextDouble(), gain * first + noise * random.nextGaussian()));
    }
    return rows;
  }

  /// Tokens of equal chance: nobody foresees them with less than ln V.
  static int[] random(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return IntStream.range(0, count).map(_ -> random.nextInt(TOKENS)).toArray();
  }

  static Inputs tokens(int... tokens) {
    return new Inputs.Tokens(tokens, 0);
  }

  /// A stream that is foreseen well after some hundred steps.
  static List<Row> sane(int count, long seed) {
    return steps(count, 0.5, 0.05, seed);
  }

  /// What nobody can foresee.
  static List<Row> poison(int count, long seed) {
    return steps(count, 0, 0.7, seed);
  }

  /// Tells of rows and what was right, one after the other.
  static void tell(ServedLearner learner, String session, long from, List<Row> rows) {
    for (int t = 0; t < rows.size(); t++) {
      learner.read(session, from + t, rows.get(t).inputs());
      learner.label(session, from + t, rows.get(t).targets());
    }
  }

  private static Matrix matrix(double... row) {
    Matrix matrix = Matrix.onHeap(ElementType.FLOAT64, 1, row.length);
    for (int c = 0; c < row.length; c++) {
      matrix.set(0, c, row[c]);
    }
    return matrix;
  }

  /// The numbers of a matrix.
  static double[] numbers(Matrix matrix) {
    return IntStream.range(0, matrix.rows() * matrix.cols())
        .mapToDouble(i -> matrix.get(i / matrix.cols(), i % matrix.cols()))
        .toArray();
  }
}
