package dev.unfold.sequence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.train.Budget;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.SequenceData;
import dev.unfold.train.update.UpdateRule;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class ExampleTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261129);
  private static final int[] LENGTHS = {4, 1, 7, 3, 6};
  private static final int K = 3;

  private static Matrix drawn(Random random, int rows, int cols) {
    Matrix matrix = Matrix.allocate(ElementType.FLOAT64, rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        matrix.set(r, c, random.nextDouble(-1, 1));
      }
    }
    return matrix;
  }

  private static Inputs vectors(Random random, int steps) {
    return new Inputs.Vectors(drawn(random, steps, 2));
  }

  static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of(
            "a class for a sequence",
            new Head.Classes(K),
            kind((random, steps) -> Example.ofClass(vectors(random, steps), random.nextInt(K)))),
        Arguments.of(
            "a class for each step",
            new Head.Classes(K),
            kind((random, steps) ->
                Example.ofClasses(vectors(random, steps), random.ints(steps, -1, K).toArray()))),
        Arguments.of(
            "a class for a pooled sequence",
            new PooledHead(new Head.Classes(K), Pooling.MEAN),
            kind((random, steps) -> Example.ofClass(vectors(random, steps), random.nextInt(K)))),
        Arguments.of(
            "a distribution for a pooled sequence",
            new PooledHead(new Head.Classes(K), Pooling.LAST),
            kind((random, steps) ->
                Example.ofDistribution(vectors(random, steps), drawn(random, 1, K)))),
        Arguments.of(
            "values for a pooled sequence",
            new PooledHead(new Head.Values(K, new ValueLoss.SquaredError()), Pooling.MAX),
            kind((random, steps) -> Example.ofValues(vectors(random, steps), drawn(random, 1, K)))),
        Arguments.of(
            "tags",
            new Head.Tags(K),
            kind((random, steps) ->
                Example.ofTags(vectors(random, steps), random.ints(steps, 0, K).toArray()))),
        Arguments.of(
            "labels",
            new Head.Labels(K, 0),
            kind((random, steps) ->
                Example.ofLabels(vectors(random, steps), 1 + random.nextInt(K - 1)))),
        Arguments.of(
            "values",
            new Head.Values(2, new ValueLoss.Huber(1)),
            kind((random, steps) -> Example.ofNext(drawn(random, steps + 1, 2)))),
        Arguments.of(
            "distributions",
            new Head.Classes(K),
            kind((random, steps) -> {
              Matrix shares = Matrix.allocate(ElementType.FLOAT64, steps, K);
              shares.set(steps - 1, random.nextInt(K), 1);
              return new Example(vectors(random, steps), new Targets.Distributions(shares));
            })));
  }

  private static BiFunction<Random, Integer, Example> kind(
      BiFunction<Random, Integer, Example> kind) {
    return kind;
  }

  /// What stands beside a sequence changes nothing: the gradient of a batch is the sum of those of its sequences alone.
  @ParameterizedTest(name = "{0}")
  @MethodSource("kinds")
  void gradient_ofExamplesSideBySide_isTheSumOfEachAlone(
      String what, Head head, BiFunction<Random, Integer, Example> kind) {
    System.out.println("ExampleTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
    Random random = new Random(SEED);
    List<Example> examples = new ArrayList<>();
    for (int length : LENGTHS) {
      examples.add(kind.apply(random, length));
    }
    NetworkSpec spec = new NetworkSpec(Cells.lstm(), new Encoder.Vectors(2), 4, 1, head);
    Network network = Network.create(spec, TestBackends.scalar(Precision.DOUBLE), SEED);
    // One row more than there are examples, as in the last batch of an epoch.
    Parameters together = gradient(network, Batch.of(examples, LENGTHS.length + 1));
    double[] sum = new double[(int) together.buffer().length()];
    for (Example example : examples) {
      double[] alone = gradient(network, Batch.of(List.of(example))).buffer().toArray();
      for (int i = 0; i < sum.length; i++) {
        sum[i] += alone[i];
      }
    }
    // Sums of up to 21 steps in another order.
    assertArrayEquals(sum, together.buffer().toArray(), 64 * 0x1p-53, what);
    assertTrue(Math.abs(Numbers.get(together.matrix("head.bias"), 0, 0)) > 1e-3, what);
  }

  private static Parameters gradient(Network network, Batch batch) {
    Parameters gradients = network.parameters().zeros();
    Bptt.of(network, Team.of(2), batch.steps(), batch.batch(), new Engine.Full())
        .gradient(batch, Reduction.SUM, gradients);
    return gradients;
  }

  /// Whether the last token of a sequence is that of its first step.
  @Test
  void classifier_ofSequencesOfAnyLength_learnsWhatTheFirstTokenSays() {
    Random random = new Random(SEED);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 83; i++) {
      int[] tokens = random.ints(2 + random.nextInt(6), 0, 2).toArray();
      examples.add(Example.ofClass(new Inputs.Tokens(tokens, 0), tokens[0]));
    }
    SequenceData training = new SequenceData(examples, 8, OptionalLong.of(1));
    SequenceData all = new SequenceData(examples, 16, OptionalLong.empty());
    NetworkSpec spec =
        new NetworkSpec(Cells.lstm(), new Encoder.Embedding(2, 3), 8, 1, new Head.Classes(2));
    Network network = Network.create(spec, TestBackends.best(Precision.FLOAT), 1);
    TrainingOptions options =
        TrainingOptions.defaults()
            .withBudget(new Budget.Epochs(40))
            .withRule(UpdateRule.defaults().withRate(0.02));
    DataValidator validator = DataValidator.of(all);
    new Trainer(network, options, Team.of(1), event -> {}).run(training, validator);
    double loss = validator.evaluate(network, Team.of(1)).mean();
    assertTrue(loss < 0.1, "nats: " + loss);
  }

  @Test
  void examples_thatDoNotFit_areRefusedByTheirPlace() {
    Random random = new Random(SEED);
    Example vectors = Example.ofClass(vectors(random, 3), 1);
    Example tokens = Example.ofClass(new Inputs.Tokens(new int[] {1, 2}, 0), 1);
    Example wide = Example.ofClass(new Inputs.Vectors(drawn(random, 3, 5)), 1);
    Example values = Example.ofNext(drawn(random, 3, 2));
    refused(
        "examples[1]: expected vectors of 2 FLOAT64 with classes, as the first, got tokens with"
            + " classes",
        () -> new SequenceData(List.of(vectors, tokens), 2, OptionalLong.empty()));
    refused(
        "examples[1]: expected vectors of 2 FLOAT64 with classes, as the first, got vectors of 5"
            + " FLOAT64 with classes",
        () -> new SequenceData(List.of(vectors, wide), 2, OptionalLong.empty()));
    refused(
        "examples[1]: expected Vectors, as the first has, got Tokens",
        () -> Batch.of(List.of(vectors, tokens)));
    refused(
        "examples[1]: expected 2 columns of FLOAT64, as the first has, got 5 of FLOAT64",
        () -> Batch.of(List.of(vectors, wide)));
    refused(
        "examples[1]: expected Classes, as the first has, got Values",
        () -> Batch.of(List.of(vectors, values)));
    refused("examples: expected 1 to B=1, got 2", () -> Batch.of(List.of(vectors, vectors), 1));
    refused(
        "examples: expected one or more, got none",
        () -> new SequenceData(List.of(), 2, OptionalLong.empty()));
    refused("targets: expected T=3 rows, got 2", () -> Example.ofClasses(vectors(random, 3), 1, 2));
    refused(
        "inputs: expected T of 1 or more rows, got 0",
        () -> Example.ofClass(new Inputs.Tokens(new int[0], 0), 1));
    Example floats = Example.ofClass(new Inputs.Vectors(Matrix.of(new float[] {1, 2})), 1);
    refused(
        "inputs: expected FLOAT64, got FLOAT32",
        () -> Batch.of(List.of(floats)).expectFinite(TestBackends.scalar(Precision.DOUBLE)));
    refused("label: expected 0 or more, got -1", () -> Example.ofClass(vectors(random, 3), -1));
    refused(
        "targets: expected labels of one sequence, got those of 2",
        () -> new Example(vectors(random, 6), new Targets.Labels(new int[][] {{1}, {2}}, 3)));
    refused(
        "sequence: expected two steps or more, got 1", () -> Example.ofNext(drawn(random, 1, 2)));
    Targets.Classes classes = new Targets.Classes(new int[3], 0);
    refused(
        "targets: expected right classes, distributions, values, labels or tags, got"
            + " SmoothedClasses",
        () -> new Example(vectors(random, 3), new Targets.SmoothedClasses(classes, 0.1)));
  }

  private static void refused(String message, Runnable action) {
    assertEquals(message, assertThrows(Refusal.class, action::run).getMessage());
  }
}
