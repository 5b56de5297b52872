package dev.unfold.unroll.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.flow.ErrorFlow;
import dev.unfold.flow.Reach;
import dev.unfold.gradient.Accumulation;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.infer.Runner;
import dev.unfold.infer.Sampler;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.proof.Bits;
import dev.unfold.proof.Identity;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.Budget;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.SequenceData;
import dev.unfold.train.update.UpdateRule;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// One output for each sequence, of all its steps.
final class PoolTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261204L);
  private static final int K = 3;
  private static final int I = 2;
  private static final Kernels DOUBLES = TestBackends.scalar(Precision.DOUBLE);
  private static final Kernels FLOATS = TestBackends.best(Precision.FLOAT);

  private final Random random = new Random(SEED);

  PoolTest() {
    System.out.println("PoolTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private static Network network(Kernels kernels, Pooling pooling, Set<Wiring> wiring) {
    Head head = new PooledHead(new Head.Classes(K), pooling);
    NetworkSpec spec = new NetworkSpec(Cells.lstm(), new Encoder.Vectors(I), 5, 2, head, wiring);
    return attending(Network.create(spec, kernels, SEED));
  }

  /// The network, which does not begin with the mean if it has attention.
  private static Network attending(Network network) {
    if (network.spec().head().pooled().equals(Optional.of(Pooling.ATTENTION))) {
      Matrix wanted = network.parameters().matrix(PooledHead.ATTENTION);
      Random drawn = new Random(SEED);
      for (int i = 0; i < wanted.cols(); i++) {
        Numbers.set(wanted, 0, i, drawn.nextDouble(-3, 3));
      }
      network.parameters().changed();
    }
    return network;
  }

  private Inputs vectors(Kernels kernels, int steps) {
    Matrix vectors = Matrix.allocate(kernels.type(), steps, I);
    for (int i = 0; i < steps * I; i++) {
      vectors.set(i / I, i % I, random.nextDouble(-2, 2));
    }
    return new Inputs.Vectors(vectors);
  }

  private Batch batch(Kernels kernels, int size, int... lengths) {
    List<Example> examples = new ArrayList<>();
    for (int length : lengths) {
      examples.add(Example.ofClass(vectors(kernels, length), random.nextInt(K)));
    }
    return Batch.of(examples, size);
  }

  /// The same batch without some of its steps, none of them the last of a sequence.
  private Batch gapped(Batch batch) {
    boolean[] present = batch.present().orElseThrow().clone();
    for (int row = 0; row < present.length; row++) {
      present[row] = present[row] && (batch.targets().has(row) || random.nextInt(4) > 0);
    }
    return new Batch(
        batch.steps(), batch.batch(), batch.inputs(), batch.targets(), Optional.of(present));
  }

  private static Map<String, double[]> run(Network network, Batch batch, Team team, Engine engine) {
    return run(network, batch, Bptt.of(network, team, batch.steps(), batch.batch(), engine));
  }

  private static Map<String, double[]> run(Network network, Batch batch, Bptt bptt) {
    Parameters gradients = network.parameters().zeros();
    Map<String, double[]> numbers = new LinkedHashMap<>();
    numbers.put("loss", new double[] {bptt.gradient(batch, Reduction.MEAN, gradients)});
    numbers.put("losses", bptt.losses().clone());
    numbers.put("initial", toArray(bptt.initialStateGradient()));
    numbers.put("final", toArray(bptt.finalState()));
    for (Parameters.Tensor tensor : gradients.tensors()) {
      numbers.put(tensor.name(), Bits.toArray(gradients.matrix(tensor.name())));
    }
    return numbers;
  }

  private static double[] toArray(State state) {
    return state.layers().stream()
        .flatMap(List::stream)
        .flatMapToDouble(matrix -> Arrays.stream(Bits.toArray(matrix)))
        .toArray();
  }

  private static void assertSame(Map<String, double[]> expected, Map<String, double[]> got) {
    expected.forEach((name, numbers) -> assertArrayEquals(numbers, got.get(name), name));
  }

  /// By its definition, from the outputs of the layer below the readout.
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void outputs_ofSequences_areThoseOfTheirPooledSteps(Pooling pooling) {
    for (Kernels kernels : List.of(DOUBLES, FLOATS)) {
      Network network = network(kernels, pooling, Set.of(Wiring.BIDIRECTIONAL));
      Batch batch = gapped(batch(kernels, 5, 6, 1, 9, 3));
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(2), 9, 5);
      unrolled.present(batch.present().orElseThrow());
      unrolled.forward(batch.inputs());
      Matrix below = unrolled.output(1);
      Matrix outputs = unrolled.logits();
      assertEquals(5, outputs.rows());
      Matrix weight = network.parameters().matrix(Head.WEIGHT);
      Matrix bias = network.parameters().matrix(Head.BIAS);
      for (int b = 0; b < 5; b++) {
        double[] pooled = pooled(network, pooling, below, b, batch.present().orElseThrow());
        for (int k = 0; k < K; k++) {
          double sum = b == 4 ? 0 : Numbers.get(bias, 0, k);
          for (int i = 0; i < pooled.length && b < 4; i++) {
            sum += Numbers.get(weight, k, i) * pooled[i];
          }
          assertEquals(
              sum, outputs.get(b, k), kernels.precision() == Precision.DOUBLE ? 1e-14 : 1e-6);
        }
      }
    }
  }

  private static double[] pooled(
      Network network, Pooling pooling, Matrix below, int b, boolean... present) {
    if (pooling == Pooling.ATTENTION) {
      return attended(network, below, b, present);
    }
    double[] pooled = new double[below.cols()];
    int count = 0;
    for (int row = b; row < present.length; row += 5) {
      if (!present[row]) {
        continue;
      }
      for (int i = 0; i < pooled.length; i++) {
        double h = below.get(row, i);
        pooled[i] =
            switch (pooling) {
              case LAST -> h;
              case MEAN -> pooled[i] + h;
              case MAX -> count == 0 ? h : Math.max(pooled[i], h);
              case ATTENTION -> throw new AssertionError(pooling);
            };
      }
      count++;
    }
    double share = pooling == Pooling.MEAN ? 1.0 / count : 1;
    return Arrays.stream(pooled).map(p -> p * share).toArray();
  }

  private static double[] attended(Network network, Matrix below, int b, boolean... present) {
    Matrix wanted = network.parameters().matrix(PooledHead.ATTENTION);
    double[] pooled = new double[below.cols()];
    double all = 0;
    for (int row = b; row < present.length; row += 5) {
      double e = 0;
      for (int i = 0; i < pooled.length; i++) {
        e += Numbers.get(wanted, 0, i) * below.get(row, i);
      }
      double share = present[row] ? Math.exp(e) : 0;
      all += share;
      for (int i = 0; i < pooled.length && present[row]; i++) {
        pooled[i] += share * below.get(row, i);
      }
    }
    double sum = all;
    return Arrays.stream(pooled).map(p -> p / sum).toArray();
  }

  /// Shares of steps far apart, one of which is all, and of equal ones.
  @Test
  void attention_ofAnyNumbers_isTheirSoftmax() {
    Head head = new PooledHead(new Head.Values(2, new ValueLoss.SquaredError()), Pooling.ATTENTION);
    for (Kernels kernels : List.of(DOUBLES, FLOATS)) {
      Network network = Identity.network(kernels, head);
      Matrix wanted = network.parameters().matrix(PooledHead.ATTENTION);
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 3, 1);
      double[][] steps = {{1, 5}, {2, 7}, {3, -1}};
      for (int t = 0; t < 3; t++) {
        unrolled.input().set(t, 0, steps[t][0]);
        unrolled.input().set(t, 1, steps[t][1]);
      }
      unrolled.forward();
      assertEquals(2, unrolled.logits().get(0, 0), 1e-6, "begins as the mean");
      Numbers.set(wanted, 0, 0, 1000);
      network.parameters().changed();
      unrolled.forward();
      assertEquals(-1, unrolled.logits().get(0, 1));
      Numbers.set(wanted, 0, 0, -1000);
      network.parameters().changed();
      unrolled.forward();
      assertEquals(5, unrolled.logits().get(0, 1));
    }
  }

  /// Of a network whose output is its input the gradient shows which steps are meant.
  @Test
  void maximum_atSeveralSteps_isThatOfTheFirst() {
    Head head = new PooledHead(new Head.Values(2, new ValueLoss.SquaredError()), Pooling.MAX);
    Network network = Identity.network(DOUBLES, head);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 5, 1);
    double[][] inputs = {{1, -7}, {3, -2}, {3, -5}, {-1, -2}, {3, -9}};
    for (int t = 0; t < 5; t++) {
      unrolled.input().set(t, 0, inputs[t][0]);
      unrolled.input().set(t, 1, inputs[t][1]);
    }
    Matrix values = Matrix.allocate(DOUBLES.type(), 5, 2);
    for (int t = 0; t < 4; t++) {
      values.set(t, 0, Double.NaN);
      values.set(t, 1, Double.NaN);
    }
    unrolled.forward();
    assertEquals(3, unrolled.logits().get(0, 0));
    assertEquals(-2, unrolled.logits().get(0, 1));
    assertEquals((9 + 4) / 2.0, unrolled.loss(new Targets.Values(values), Reduction.SUM));
    unrolled.backward(network.parameters().zeros());
    assertArrayEquals(
        new double[] {0, 0, 3, -2, 0, 0, 0, 0, 0, 0}, Bits.toArray(unrolled.inputGradient()));
  }

  @ParameterizedTest
  @EnumSource(Pooling.class)
  void gradients_ofAnyNumberOfThreads_areTheSameBits(Pooling pooling) {
    for (Kernels kernels : List.of(DOUBLES, FLOATS)) {
      for (Set<Wiring> wiring : List.of(Set.<Wiring>of(), Set.of(Wiring.BIDIRECTIONAL))) {
        Network network = network(kernels, pooling, wiring);
        Batch batch = gapped(batch(kernels, 6, 5, 9, 1, 7, 3));
        Map<String, double[]> one = run(network, batch, Team.of(1), new Engine.Full());
        for (int threads = 2; threads <= 4; threads++) {
          assertSame(one, run(network, batch, Team.of(threads), new Engine.Full()));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Pooling.class)
  void sequence_besideOthers_hasItsOwnBits(Pooling pooling) {
    for (Kernels kernels : List.of(DOUBLES, FLOATS)) {
      Network network = network(kernels, pooling, Set.of(Wiring.BIDIRECTIONAL));
      Example own = Example.ofClass(vectors(kernels, 6), 1);
      UnrolledNetwork alone = UnrolledNetwork.of(network, Team.of(1), 6, 1);
      alone.loss(Batch.of(List.of(own)), Reduction.SUM);
      List<Example> all =
          List.of(
              Example.ofClass(vectors(kernels, 11), 0),
              own,
              Example.ofClass(vectors(kernels, 2), 2));
      Batch batch = Batch.of(all, 4);
      UnrolledNetwork beside = UnrolledNetwork.of(network, Team.of(2), 13, 4);
      beside.loss(batch, Reduction.SUM);
      assertEquals(alone.losses()[5], beside.losses()[5 * 4 + 1]);
      Matrix outputs = new Runner(network).runWhole(own.inputs(), 6);
      Matrix many = new Runner(network).runWhole(batch.inputs(), 11, 6, 2, 0);
      assertEquals(1, outputs.rows());
      assertEquals(4, many.rows());
      for (int k = 0; k < K; k++) {
        assertEquals(outputs.get(0, k), many.get(1, k));
        assertEquals(0, many.get(3, k));
      }
    }
  }

  /// A budget of memory cuts the batch into segments, in which sequences end at different steps.
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void budgeted_ofAnyMemory_givesTheBitsOfTheWhole(Pooling pooling) {
    int budgets = 0;
    for (Kernels kernels : List.of(DOUBLES, FLOATS)) {
      for (Noise noise : List.of(Noise.NONE, Noise.dropout(0.3))) {
        NetworkSpec spec = network(kernels, pooling, Set.of(Wiring.RESIDUAL)).spec().with(noise);
        Network network = attending(Network.create(spec, kernels, SEED));
        Batch plain = batch(kernels, 4, 300, 120, 7, 259);
        for (Batch batch : List.of(plain, gapped(plain), batch(kernels, 4, 90, 31))) {
          Bptt full = Bptt.of(network, Team.of(2), 300, 4, new Engine.Full());
          Map<String, double[]> first = run(network, batch, full);
          full.startAfterLast();
          Map<String, double[]> second = run(network, batch, full);
          long least = Footprint.leastBudget(spec, kernels.precision(), 300, 4);
          for (double share : new double[] {1.2, 0.5, 0.25, 0}) {
            long bytes = Math.max(least, (long) (share * full.bytes()));
            Bptt budgeted = Bptt.of(network, Team.of(2), 300, 4, new Engine.Budgeted(bytes));
            assertTrue(budgeted.bytes() <= bytes);
            budgets += bytes < full.bytes() ? 1 : 0;
            assertSame(first, run(network, batch, budgeted));
            budgeted.startAfterLast();
            assertSame(second, run(network, batch, budgeted));
          }
        }
      }
    }
    assertTrue(budgets >= 24, "budgets: " + budgets);
  }

  /// The last step's output is what the head of each step has there: the same gradients, cut or not.
  @Test
  void lastStep_pooled_isThatOfTheHeadOfEachStep() {
    Network pooled = network(DOUBLES, Pooling.LAST, Set.of());
    Network plain = Network.create(pooled.spec().with(new Head.Classes(K)), DOUBLES, SEED);
    Batch batch = batch(DOUBLES, 4, 9, 2, 6, 9);
    for (Engine engine :
        List.of(
            new Engine.Full(),
            new Engine.Truncated(new Truncation(2, 5)),
            new Engine.Truncated(new Truncation(4, 4)))) {
      Map<String, double[]> own = run(pooled, batch, Team.of(1), engine);
      run(plain, batch, Team.of(1), engine)
          .forEach((name, numbers) -> assertArrayEquals(numbers, own.get(name), 1e-15, name));
    }
    Batch whole = Batch.of(4, 2, vectors(DOUBLES, 8), lasts(4, 1, 2));
    ErrorFlow flow = ErrorFlow.of(pooled, Team.of(1), whole, 3);
    ErrorFlow other = ErrorFlow.of(plain, Team.of(1), whole, 3);
    assertArrayEquals(
        other.layers().getFirst().norms()[0], flow.layers().getFirst().norms()[0], 1e-16);
    assertTrue(flow.layers().getFirst().norms()[0][0] > 0);
  }

  private static Targets lasts(int steps, int... classes) {
    int[] all = new int[steps * classes.length];
    Arrays.fill(all, Targets.NO_TARGET);
    System.arraycopy(classes, 0, all, (steps - 1) * classes.length, classes.length);
    return new Targets.Classes(all, 0);
  }

  /// Windows cut the ways of what enters at each step: those of one window are the whole, and with windows of one step
  /// nothing goes back, but each step's own gradient is there.
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void truncated_ofAllSteps_givesTheBitsOfTheWhole(Pooling pooling) {
    Network network = network(FLOATS, pooling, Set.of());
    Batch batch = gapped(batch(FLOATS, 3, 9, 4, 6));
    Map<String, double[]> full = run(network, batch, Team.of(1), new Engine.Full());
    assertSame(full, run(network, batch, Team.of(1), new Engine.Truncated(new Truncation(9, 9))));
    Map<String, double[]> cut =
        run(network, batch, Team.of(1), new Engine.Truncated(new Truncation(3, 9)));
    for (Map.Entry<String, double[]> entry : full.entrySet()) {
      assertArrayEquals(entry.getValue(), cut.get(entry.getKey()), 1e-6, entry.getKey());
    }
    Map<String, double[]> one =
        run(network, batch, Team.of(1), new Engine.Truncated(new Truncation(1, 1)));
    assertArrayEquals(full.get(Head.WEIGHT), one.get(Head.WEIGHT));
    assertTrue(Arrays.stream(one.get("weight_ih_l0")).anyMatch(g -> g != 0));
    assertTrue(!Arrays.equals(full.get("weight_ih_l0"), one.get("weight_ih_l0")));
  }

  @ParameterizedTest
  @EnumSource(Pooling.class)
  void tokens_pooledInABudget_giveTheBitsOfTheWhole(Pooling pooling) {
    Head head = new PooledHead(new Head.Classes(6), pooling);
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Embedding(6, 4), 4, 1, head);
    assertRefused(
        "head: expected classes of each step for tied weights, got classes,pooling="
            + pooling.text(),
        () -> spec.with(Wiring.TIED));
    Network network = attending(Network.create(spec, FLOATS, SEED));
    int[] tokens = random.ints(800, 0, 6).toArray();
    Batch batch = Batch.of(400, 2, new Inputs.Tokens(tokens, 0), lasts(400, 3, 5));
    long least = Footprint.leastBudget(spec, Precision.FLOAT, 400, 2);
    assertSame(
        run(network, batch, Team.of(2), new Engine.Full()),
        run(network, batch, Team.of(2), new Engine.Budgeted(least)));
  }

  @Test
  void batches_ofAnUpdate_areOneLargeBatch() {
    Network network = network(DOUBLES, Pooling.MEAN, Set.of());
    List<Example> examples =
        Stream.of(3, 7, 1, 5, 4).map(n -> Example.ofClass(vectors(DOUBLES, n), n % K)).toList();
    Parameters whole = network.parameters().zeros();
    double loss =
        Bptt.of(network, Team.of(1), 7, 5, new Engine.Full())
            .gradient(Batch.of(examples), Reduction.MEAN, whole);
    Parameters parts = network.parameters().zeros();
    Bptt small = Bptt.of(network, Team.of(1), 7, 2, new Engine.Full());
    Accumulation accumulation = new Accumulation(network.spec().head(), Reduction.MEAN);
    double sum = 0;
    for (int i = 0; i < 5; i += 2) {
      Batch batch = Batch.of(examples.subList(i, Math.min(5, i + 2)));
      sum += small.gradient(batch, accumulation.weights(batch), parts);
    }
    assertEquals(loss, sum / accumulation.divisor(), 1e-14);
    double[] expected = Bits.toArray(whole.all());
    double[] got = Bits.toArray(parts.all());
    for (int i = 0; i < got.length; i++) {
      assertEquals(expected[i], got[i] / accumulation.divisor(), 1e-14);
    }
  }

  @Test
  void memory_ofPooledOutputs_doesNotGrowWithTheSteps() {
    NetworkSpec pooled = network(FLOATS, Pooling.MAX, Set.of()).spec();
    NetworkSpec many = pooled.with(new PooledHead(new Head.Classes(1000), Pooling.MAX));
    for (int steps : new int[] {10, 1000}) {
      long few = Footprint.of(pooled, Precision.FLOAT, steps, 2, new Engine.Full());
      long all = Footprint.of(many, Precision.FLOAT, steps, 2, new Engine.Full());
      assertEquals((1000 - K) * 2 * Float.BYTES, all - few);
    }
  }

  /// The class is that of one step that stands out, wherever it is.
  @ParameterizedTest
  @EnumSource(Pooling.class)
  void training_onSequencesWithOneMark_learnsTheirClass(Pooling pooling) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      int steps = 3 + random.nextInt(5);
      Matrix vectors = Matrix.allocate(FLOATS.type(), steps, I);
      int mark = random.nextInt(steps);
      int label = i % K;
      vectors.set(mark, 0, label == 1 ? 1 : -1);
      vectors.set(mark, 1, label == 2 ? 1 : -1);
      examples.add(Example.ofClass(new Inputs.Vectors(vectors), label));
    }
    Head head = new PooledHead(new Head.Classes(K), pooling);
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(I), 8, 1, head);
    SequenceData data = new SequenceData(examples, 8, OptionalLong.of(SEED));
    TrainingOptions options =
        TrainingOptions.defaults()
            .withSteps(data.steps())
            .withBatch(8)
            .withRule(UpdateRule.defaults().withRate(0.03))
            .withBudget(new Budget.Epochs(25));
    List<double[]> trained = new ArrayList<>();
    for (int threads : new int[] {1, 3}) {
      Network network = Network.create(spec, FLOATS, SEED);
      new Trainer(network, options, Team.of(threads), event -> {})
          .run(data, new DataValidator(data, 7));
      double after = new DataValidator(data, 7).evaluate(network, Team.of(1)).mean();
      assertTrue(after < 0.3, pooling + ": " + after);
      trained.add(Bits.toArray(network.parameters().all()));
    }
    assertArrayEquals(trained.getFirst(), trained.getLast());
  }

  @Test
  void whatCannotBeCombined_isRefused() {
    Network network = network(DOUBLES, Pooling.MEAN, Set.of());
    assertRefused(
        "pooling: expected a head of classes, values or sets, got labels,blank=0: these need the"
            + " outputs of all steps",
        () -> new PooledHead(new Head.Labels(K, 0), Pooling.MAX));
    assertRefused(
        "pooling: expected a head of classes, values or sets, got tags: these need the outputs of"
            + " all steps",
        () -> new PooledHead(new Head.Tags(K), Pooling.MAX));
    assertRefused(
        "pooling: expected a head of classes, values or sets, got factored: factors save nothing"
            + " with one output a sequence",
        () -> new PooledHead(new FactoredClasses(K), Pooling.MAX));
    assertRefused(
        "pooling: expected a head of classes, values or sets, got classes,pooling=mean: it is"
            + " pooled once",
        () -> new PooledHead(network.spec().head(), Pooling.MAX));
    Inputs inputs = vectors(DOUBLES, 6);
    Batch eachStep =
        Batch.of(3, 2, inputs, new Targets.Classes(new int[] {-1, -1, -1, 2, 1, 1}, 0));
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 3, 2);
    assertRefused(
        "targets: expected one for each sequence, at its last step, for a head of"
            + " classes,pooling=mean, got one at step 1 of sequence 1",
        () -> unrolled.loss(eachStep, Reduction.SUM));
    assertRefused(
        "targets: expected those of a head of classes,pooling=mean, got Sampled",
        () ->
            unrolled.loss(
                new Batch(
                    3,
                    2,
                    inputs,
                    new Targets.Sampled(
                        (Targets.Classes) lasts(3, 1, 2), new int[] {1, 2}, new double[2]),
                    Optional.empty()),
                Reduction.SUM));
    assertRefused(
        "network: expected an output at each step to run step by step, got a head of"
            + " classes,pooling=mean",
        () -> new Runner(network).run(inputs, network.zeroState(2)));
    assertRefused(
        "network: expected an output at each step to run step by step, got a head of"
            + " classes,pooling=mean",
        () -> new Runner(network).stepper(1, 1));
    Head tokens = new PooledHead(new Head.Classes(6), Pooling.LAST);
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Embedding(6, 4), 4, 1, tokens);
    assertRefused(
        "network: expected an output at each step to run step by step, got a head of"
            + " classes,pooling=last",
        () -> new Sampler(Network.create(spec, DOUBLES, 1), 1, 6, 1));
    assertRefused(
        "batch: expected a loss of each step, got one of sequences",
        () -> Reach.of(network, Team.of(1), List.of(Batch.of(3, 2, inputs, lasts(3, 0, 1)))));
    assertRefused(
        "sampled: expected 0 for one output a sequence, got 2",
        () ->
            TrainingMemory.of(
                spec, Precision.FLOAT, TrainingOptions.defaults().withSampled(2), 4, 0));
    unrolled.loss(Batch.of(3, 2, inputs, lasts(3, 0, 1)), Reduction.SUM);
    assertThrows(IllegalStateException.class, unrolled::errorSignals);
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
