package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Accumulation;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.LearnedStudentT;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Losses that count more or less than others, for every head and engine.
final class WeightsTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261129L);
  private static final int I = 3;
  private static final int K = 4;
  private static final int[] LENGTHS = {5, 3, 6};
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  WeightsTest() {
    System.out.println("WeightsTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  static Stream<Head> heads() {
    return Stream.of(
        new Head.Classes(K),
        new FactoredClasses(K),
        new Head.Values(2, new ValueLoss.SquaredError()),
        new Head.Values(2, new ValueLoss.Gaussian()),
        new Head.Values(1, new LearnedStudentT()),
        new Head.Sets(K),
        new Head.Labels(K, 0),
        new Head.Tags(K),
        new PooledHead(new Head.Classes(K), Pooling.MEAN),
        new PooledHead(new Head.Classes(K), Pooling.ATTENTION),
        new PooledHead(new Head.Values(2, new ValueLoss.Huber(1)), Pooling.LAST));
  }

  static Stream<Arguments> reductions() {
    return heads().flatMap(head -> Stream.of(Reduction.values()).map(r -> Arguments.of(head, r)));
  }

  private static Network network(Head head) {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(I), 4, 2, head);
    Network network = Network.create(spec, KERNELS, SEED);
    if (head.pooled().equals(Optional.of(Pooling.ATTENTION))) {
      Matrix wanted = network.parameters().matrix(PooledHead.ATTENTION);
      for (int i = 0; i < wanted.cols(); i++) {
        Numbers.set(wanted, 0, i, i - 1);
      }
      network.parameters().changed();
    }
    return network;
  }

  private static boolean isOfSteps(Head head) {
    return head.pooled().isEmpty() && !(head instanceof Head.Labels || head instanceof Head.Tags);
  }

  private static Matrix drawn(Random random, int rows, int cols) {
    Matrix matrix = Matrix.allocate(ElementType.FLOAT64, rows, cols);
    for (int i = 0; i < rows * cols; i++) {
      matrix.set(i / cols, i % cols, random.nextDouble());
    }
    return matrix;
  }

  private static Example example(Head head, Random random, int steps) {
    Inputs inputs = new Inputs.Vectors(drawn(random, steps, I));
    if (head.pooled().isPresent()) {
      return head.valueLoss().isPresent()
          ? Example.ofValues(inputs, drawn(random, 1, 2))
          : Example.ofClass(inputs, random.nextInt(K));
    }
    return switch (head) {
      case Head.Labels _ -> Example.ofLabels(inputs, 2, 1);
      case Head.Tags _ -> Example.ofTags(inputs, random.ints(steps, 0, K).toArray());
      case Head.Values all -> {
        Matrix values = drawn(random, steps, all.numbers());
        values.set(1, 0, Double.NaN);
        yield new Example(inputs, new Targets.Values(values));
      }
      case Head.Sets _ -> new Example(inputs, new Targets.Values(drawn(random, steps, K)));
      default -> Example.ofClasses(inputs, random.ints(steps, -1, K).toArray());
    };
  }

  private static List<Example> examples(Head head) {
    Random random = new Random(SEED);
    return Arrays.stream(LENGTHS).mapToObj(steps -> example(head, random, steps)).toList();
  }

  private static List<Engine> engines(Head head) {
    List<Engine> engines = new ArrayList<>(List.of(new Engine.Full()));
    if (isOfSteps(head) || head.pooled().isPresent()) {
      engines.add(new Engine.Truncated(new Truncation(2, 3)));
      engines.add(new Engine.Budgeted(200_000));
    }
    return engines;
  }

  /// The loss, and behind it its gradient.
  private static double[] gradient(
      Network network, Batch batch, Reduction reduction, Engine engine) {
    Parameters gradients = network.parameters().zeros();
    Bptt bptt = Bptt.of(network, Team.of(2), batch.steps(), batch.batch(), engine);
    double loss = bptt.gradient(batch, reduction, gradients);
    double[] all = new double[(int) gradients.buffer().length() + 1];
    all[0] = loss;
    System.arraycopy(gradients.buffer().toArray(), 0, all, 1, all.length - 1);
    return all;
  }

  private static void same(double[] expected, double[] got, String place) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          expected[i], got[i], 1e-12 * Math.max(1, Math.abs(expected[i])), place + " " + i);
    }
  }

  @ParameterizedTest
  @MethodSource("reductions")
  void sequence_ofWeightTwo_isTheSequenceTwice(Head head, Reduction reduction) {
    List<Example> all = examples(head);
    Batch weighted = Batch.of(List.of(all.get(0), all.get(1).weighted(2), all.get(2)));
    Batch twice = Batch.of(List.of(all.get(0), all.get(1), all.get(1), all.get(2)));
    Network network = network(head);
    for (Engine engine : engines(head)) {
      same(
          gradient(network, twice, reduction, engine),
          gradient(network, weighted, reduction, engine),
          head.text() + " " + engine);
    }
    assertEquals(twice.amount(head), weighted.amount(head), 1e-12);
  }

  @ParameterizedTest
  @MethodSource("reductions")
  void sequence_ofWeightZero_isAbsent(Head head, Reduction reduction) {
    List<Example> all = examples(head);
    Batch weighted = Batch.of(List.of(all.get(0), all.get(1).weighted(0), all.get(2)));
    Batch without = Batch.of(List.of(all.get(0), all.get(2)));
    Network network = network(head);
    for (Engine engine : engines(head)) {
      same(
          gradient(network, without, reduction, engine),
          gradient(network, weighted, reduction, engine),
          head.text() + " " + engine);
    }
    assertEquals(without.losses(), weighted.losses());
  }

  @ParameterizedTest
  @MethodSource("reductions")
  void weights_thatAreAllOne_changeNoBit(Head head, Reduction reduction) {
    List<Example> all = examples(head);
    Network network = network(head);
    Batch weighted = Batch.of(all.stream().map(each -> each.weighted(1)).toList());
    for (Engine engine : engines(head)) {
      assertArrayEquals(
          gradient(network, Batch.of(all), reduction, engine),
          gradient(network, weighted, reduction, engine),
          head.text() + " " + engine);
    }
  }

  private static double[] stepWeights(Random random, int steps) {
    double[] weights = random.doubles(steps, 0.1, 3).toArray();
    weights[2] = 0;
    return weights;
  }

  @ParameterizedTest
  @MethodSource("reductions")
  void gradients_ofWeightedLosses_areCentralDifferences(Head head, Reduction reduction) {
    Random random = new Random(SEED);
    List<Example> weighted =
        examples(head).stream()
            .map(each ->
                isOfSteps(head)
                    ? each.weightedSteps(stepWeights(random, each.steps()))
                    : each.weighted(random.nextDouble(0.1, 3)))
            .toList();
    Batch batch = Batch.of(weighted);
    Network network = network(head);
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(network, Team.of(2), batch.steps(), batch.batch());
    Parameters gradients = network.parameters().zeros();
    unrolled.loss(batch, reduction);
    unrolled.backward(gradients);
    CentralDifferences differences =
        new CentralDifferences(() -> {
          network.parameters().changed();
          return new double[] {unrolled.loss(batch, reduction)};
        });
    for (Parameters.Tensor tensor : gradients.tensors()) {
      differences.compare(
          tensor.name(),
          network.parameters().matrix(tensor.name()),
          gradients.matrix(tensor.name()));
    }
    // The whole loss is one term of up to 50, whose rounding counts 1 / (h floor) = 1e7 times.
    assertTrue(differences.largest() < 1e-6, differences::place);
  }

  /// The formulas of [Reduction], from the losses of single steps.
  @Test
  void averages_ofWeightedSteps_areThoseOfTheFormulas() {
    Head head = new Head.Classes(K);
    Random random = new Random(SEED);
    Batch batch =
        Batch.of(
            examples(head).stream()
                .map(each -> each.weightedSteps(stepWeights(random, each.steps())))
                .toList());
    UnrolledNetwork unrolled =
        UnrolledNetwork.of(network(head), Team.of(1), batch.steps(), batch.batch());
    double sum = unrolled.loss(batch, Reduction.SUM);
    double[] losses = unrolled.losses().clone();
    double all = 0;
    double weights = 0;
    double sequences = 0;
    double ofSequences = 0;
    for (int b = 0; b < LENGTHS.length; b++) {
      double own = 0;
      double ownWeight = 0;
      int count = 0;
      for (int row = b; row < LENGTHS[b] * LENGTHS.length; row += LENGTHS.length) {
        if (batch.targets().has(row)) {
          own += batch.targets().weight(row) * losses[row];
          ownWeight += batch.targets().weight(row);
          count++;
        }
      }
      all += own;
      weights += ownWeight;
      sequences += own / count;
      ofSequences += ownWeight / count;
    }
    assertEquals(all, sum, 1e-12);
    assertEquals(all / weights, unrolled.loss(batch, Reduction.MEAN), 1e-12);
    assertEquals(sequences / ofSequences, unrolled.loss(batch, Reduction.MEAN_OF_SEQUENCES), 1e-12);
  }

  @ParameterizedTest
  @MethodSource("reductions")
  void batches_ofWeightedSequences_areOneBatchOfAll(Head head, Reduction reduction) {
    List<Example> weighted = new ArrayList<>();
    for (Example each : examples(head)) {
      weighted.add(each.weighted(0.5 + weighted.size()));
    }
    Network network = network(head);
    double[] whole = gradient(network, Batch.of(weighted), reduction, new Engine.Full());
    Accumulation accumulation = new Accumulation(head, reduction);
    Bptt bptt = Bptt.of(network, Team.of(2), 6, 2, new Engine.Full());
    Parameters gradients = network.parameters().zeros();
    double sum = 0;
    for (List<Example> part : List.of(weighted.subList(0, 1), weighted.subList(1, 3))) {
      Batch batch = Batch.of(part);
      sum += bptt.gradient(batch, accumulation.weights(batch), gradients);
    }
    assertEquals(whole[0], sum / accumulation.divisor(), 1e-12);
    double[] got = gradients.buffer().toArray();
    for (int i = 0; i < got.length; i++) {
      assertEquals(whole[i + 1], got[i] / accumulation.divisor(), 1e-12);
    }
  }

  @Test
  void steps_ofWholeSequences_cannotBeWeighedApart() {
    for (Head head : heads().filter(each -> !isOfSteps(each)).toList()) {
      List<Example> all = new ArrayList<>(examples(head));
      all.set(1, all.get(1).weightedSteps(1, 2, 2));
      UnrolledNetwork unrolled = UnrolledNetwork.of(network(head), Team.of(1), 6, 3);
      IllegalArgumentException error =
          assertThrows(
              IllegalArgumentException.class,
              () -> unrolled.loss(Batch.of(all), Reduction.MEAN),
              head.text());
      assertEquals(
          "weights: expected one for all steps of a sequence, as a head of %s has one loss of it,"
                  .formatted(head.text())
              + " got 1.0 and 2.0 in sequence 1",
          error.getMessage());
    }
  }

  @Test
  void weights_thatAreNone_areRefused() {
    Head head = new Head.Classes(K);
    List<Example> all = new ArrayList<>(examples(head));
    for (double bad : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      all.set(2, all.get(2).weightedSteps(1, 1, 1, bad, 1, 1));
      UnrolledNetwork unrolled = UnrolledNetwork.of(network(head), Team.of(1), 6, 3);
      IllegalArgumentException error =
          assertThrows(
              IllegalArgumentException.class, () -> unrolled.loss(Batch.of(all), Reduction.MEAN));
      assertEquals(
          "weights: expected finite numbers of 0 or more, got %s in sequence 2, step 3"
              .formatted(bad),
          error.getMessage());
    }
    Example first = all.getFirst();
    assertThrows(IllegalArgumentException.class, () -> first.weightedSteps(1, 2));
    assertThrows(IllegalArgumentException.class, () -> first.weightedClasses(1));
  }

  @Test
  void weights_ofClasses_areThoseOfTheirSteps() {
    Inputs inputs = new Inputs.Vectors(drawn(new Random(SEED), 4, I));
    Example example = Example.ofClasses(inputs, 2, 0, -1, 1).weightedClasses(0.5, 1, 3);
    double[] expected = {3, 0.5, 1, 1};
    for (int t = 0; t < 4; t++) {
      assertEquals(expected[t], example.targets().weight(t));
    }
    assertEquals(4.5, Batch.of(List.of(example)).amount(new Head.Classes(3)));
  }

  /// What makes other batches of a batch keeps its weights.
  @Test
  void batch_ofWeightedSequences_keepsThemInParts() {
    Random random = new Random(SEED);
    Head head = new Head.Classes(K);
    double[] weights = random.doubles(18, 0, 2).toArray();
    Batch batch = Batch.of(examples(head)).weighted(weights);
    assertEquals(weights[7], batch.part(2, 4).targets().weight(1));
    assertEquals(weights[7], batch.sequence(1).targets().weight(2));
    assertEquals(weights[7], batch.widened(5).targets().weight(11));
    Batch labels = Batch.of(examples(new Head.Labels(K, 0))).weighted(weights);
    assertEquals(weights[7], labels.sequence(1).targets().weight(2));
    Example plain = examples(head).getFirst();
    Batch mixed = Batch.of(List.of(plain, plain.weighted(3)));
    assertEquals(List.of(1.0, 3.0), List.of(mixed.targets().weight(0), mixed.targets().weight(1)));
  }
}
