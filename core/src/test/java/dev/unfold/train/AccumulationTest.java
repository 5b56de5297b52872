package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Accumulation;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.data.TrainingData;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.UpdateRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Several batches in an update are one large batch, and a batch may be smaller than the others.
final class AccumulationTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261130L);
  private static final int T = 7;
  private static final int I = 3;
  private static final int K = 4;
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  AccumulationTest() {
    System.out.println("AccumulationTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  /// One sequence: its vectors, and its classes, some of which are missing.
  private record Sequence(double[][] vectors, int[] classes) {
    static Sequence of(Random random, int length) {
      double[][] vectors = new double[length][I];
      Arrays.stream(vectors).forEach(v -> Arrays.setAll(v, i -> random.nextGaussian()));
      int[] classes = random.ints(length, -1, K).toArray();
      return new Sequence(vectors, classes);
    }
  }

  /// Sequences 0 to 11 of any length, the third batch of four without any target.
  private static List<Sequence> sequences(Random random) {
    List<Sequence> all = new ArrayList<>();
    for (int s = 0; s < 12; s++) {
      Sequence one = Sequence.of(random, random.nextInt(T + 1));
      if (s / 3 == 2) {
        Arrays.fill(one.classes, -1);
      }
      all.add(one);
    }
    return all;
  }

  private static Batch batch(List<Sequence> sequences) {
    int count = sequences.size();
    Matrix inputs = Matrix.allocate(ElementType.FLOAT64, T * count, I);
    int[] classes = new int[T * count];
    boolean[] present = new boolean[T * count];
    for (int row = 0; row < classes.length; row++) {
      Sequence own = sequences.get(row % count);
      present[row] = row / count < own.classes.length;
      for (int i = 0; present[row] && i < I; i++) {
        inputs.set(row, i, own.vectors[row / count][i]);
      }
      classes[row] = present[row] ? own.classes[row / count] : 0;
    }
    Targets targets = new Targets.Classes(classes, 0);
    return new Batch(T, count, new Inputs.Vectors(inputs), targets, Optional.of(present));
  }

  private static Network network() {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(I), 5, 2, K);
    return Network.create(spec, KERNELS, SEED);
  }

  /// Batches of `sizes` sequences, all in one epoch.
  private record Batches(List<Sequence> sequences, Reduction reduction, int... sizes)
      implements TrainingData {
    @Override
    public int steps() {
      return T;
    }

    @Override
    public int batch() {
      return Arrays.stream(sizes).max().orElseThrow();
    }

    @Override
    public int updatesPerEpoch() {
      return sizes.length;
    }

    @Override
    public Batch batch(long place) {
      int from = Arrays.stream(sizes, 0, (int) (place % sizes.length)).sum();
      int size = sizes[(int) (place % sizes.length)];
      return AccumulationTest.batch(sequences.subList(from, from + size));
    }

    @Override
    public boolean goesOn(long place) {
      return false;
    }
  }

  /// The parameters after one update, and its loss and norm.
  private static double[] update(TrainingData data, Clip clip, Engine engine) {
    Network network = network();
    int batches = data.updatesPerEpoch();
    UpdateRule rule =
        UpdateRule.defaults()
            .with(OptimizerSpec.parse("sgd"))
            .withRate(1)
            .with(clip)
            .withAccumulation(batches);
    TrainingOptions options =
        TrainingOptions.defaults()
            .withRule(rule)
            .withEngine(engine)
            .withBudget(new Budget.Epochs(1));
    double[] numbers = new double[3];
    new Trainer(
            network,
            options,
            Team.of(2),
            event -> {
              if (event instanceof TrainingEvent.Updated updated) {
                numbers[0] = updated.loss();
                numbers[1] = updated.gradientNorm();
              } else if (event instanceof TrainingEvent.Validated validated) {
                numbers[2] = validated.trainingLoss();
              }
            })
        .run(data, (trained, team) -> new Evaluation(1, 1));
    double[] parameters = network.parameters().buffer().toArray();
    double[] all = Arrays.copyOf(numbers, numbers.length + parameters.length);
    System.arraycopy(parameters, 0, all, numbers.length, parameters.length);
    return all;
  }

  @ParameterizedTest
  @EnumSource
  void update_ofSeveralBatches_isThatOfOneWithAllTheirSequences(Reduction reduction) {
    Random random = new Random(SEED);
    for (int round = 0; round < 10; round++) {
      List<Sequence> all = sequences(random);
      for (Clip clip : List.of(new Clip.None(), new Clip.Norm(0.01), new Clip.Value(0.01))) {
        double[] whole = update(new Batches(all, reduction, 12), clip, new Engine.Full());
        for (Engine engine :
            List.of(
                new Engine.Full(),
                new Engine.Truncated(new Truncation(T, T)),
                new Engine.Budgeted(1 << 20))) {
          double[] parts = update(new Batches(all, reduction, 3, 3, 3, 3), clip, engine);
          // Up to 84 losses added in another order, of a gradient whose numbers are below 100.
          assertArrayEquals(whole, parts, 1e-12, round + " " + clip + " " + engine);
          double[] uneven = update(new Batches(all, reduction, 5, 1, 4, 2), clip, engine);
          assertArrayEquals(whole, uneven, 1e-12, round + " " + clip + " " + engine);
        }
      }
    }
  }

  /// So what was right before is the same bits.
  @ParameterizedTest
  @EnumSource(names = {"MEAN", "MEAN_OF_SEQUENCES"})
  void batches_withAsManyLosses_areAveraged(Reduction reduction) {
    Random random = new Random(SEED);
    Network network = network();
    Bptt bptt = Bptt.of(network, Team.of(1), T, 3, new Engine.Full());
    Parameters average = network.parameters().zeros();
    Parameters accumulated = network.parameters().zeros();
    Accumulation accumulation = new Accumulation(network.spec().head(), reduction);
    for (int i = 0; i < 3; i++) {
      List<Sequence> own = new ArrayList<>();
      for (int s = 0; s < 3; s++) {
        Sequence one = Sequence.of(random, T);
        Arrays.setAll(one.classes, t -> random.nextInt(K));
        own.add(one);
      }
      bptt.gradient(batch(own), reduction, average);
      bptt.gradient(batch(own), accumulation.weights(batch(own)), accumulated);
    }
    assertArrayEquals(average.buffer().toArray(), accumulated.buffer().toArray());
    assertEquals(3, accumulation.divisor());
  }

  @Test
  void gradient_ofASmallerBatch_isThatOfAnEngineOfItsSize() {
    Random random = new Random(SEED);
    List<Sequence> few = sequences(random).subList(0, 3);
    Network network = network();
    long bytes = Footprint.leastBudget(network.spec(), Precision.DOUBLE, T, 3);
    for (Engine engine :
        List.of(
            new Engine.Full(),
            new Engine.Truncated(new Truncation(2, 3)),
            new Engine.Budgeted(3 * bytes))) {
      Bptt large = Bptt.of(network, Team.of(2), T, 5, engine);
      Bptt exact = Bptt.of(network, Team.of(2), T, 3, engine);
      Parameters own = network.parameters().zeros();
      Parameters expected = network.parameters().zeros();
      double loss = large.gradient(batch(few), Reduction.MEAN, own);
      assertEquals(exact.gradient(batch(few), Reduction.MEAN, expected), loss, 1e-14);
      assertArrayEquals(expected.buffer().toArray(), own.buffer().toArray(), 1e-14);
      for (int t = 0; t < T; t++) {
        for (int b = 0; b < 5; b++) {
          double known = b < 3 ? exact.losses()[t * 3 + b] : 0;
          assertEquals(known, large.losses()[t * 5 + b], 1e-14);
        }
      }
      Matrix state = large.finalState().layers().getFirst().getFirst();
      assertEquals(0, state.get(4, 0), 0);
    }
  }

  @Test
  void validation_withASmallerLastBatch_countsEachLossOnce() {
    List<Sequence> all = sequences(new Random(SEED));
    Network network = network();
    Evaluation uneven =
        new DataValidator(new Batches(all, Reduction.MEAN, 5, 5, 2), 3)
            .evaluate(network, Team.of(1));
    Evaluation whole =
        new DataValidator(new Batches(all, Reduction.MEAN, 12), 1).evaluate(network, Team.of(1));
    assertEquals(whole.count(), uneven.count());
    assertEquals(whole.sum(), uneven.sum(), 1e-13 * whole.sum());
  }
}
