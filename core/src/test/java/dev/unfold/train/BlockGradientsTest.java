package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.data.SampledClasses;
import dev.unfold.train.data.TextData;
import dev.unfold.train.data.TrainingData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The gradients of blocks are, added up, those of the batch; and the same bits however many workers have them.
final class BlockGradientsTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261130L);

  BlockGradientsTest() {
    System.out.println("BlockGradientsTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  static Stream<String> cases() {
    return BlockCase.all(SEED).keySet().stream();
  }

  static Stream<String> casesWithoutMasks() {
    return BlockCase.all(SEED).entrySet().stream()
        .filter(entry -> entry.getValue().spec().noise().equals(Noise.NONE))
        .map(entry -> entry.getKey());
  }

  private static Network network(NetworkSpec spec) {
    Network network = Network.create(spec, TestBackends.scalar(Precision.DOUBLE), SEED);
    Random random = new Random(SEED);
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      Matrix all = network.parameters().matrix(tensor.name());
      for (int i = 0; i < all.rows() * all.cols(); i++) {
        Numbers.set(all, i / all.cols(), i % all.cols(), random.nextDouble(-0.7, 0.7));
      }
    }
    network.parameters().changed();
    return network;
  }

  /// Those that follow the error back through all steps.
  private static List<Engine> engines(NetworkSpec spec) {
    List<Engine> all = new ArrayList<>(List.of(new Engine.Full()));
    boolean isOfSequences =
        Stream.concat(Stream.of(spec.head()), spec.heads().stream().map(NetworkHead::head))
            .anyMatch(head -> head instanceof Head.Labels || head instanceof Head.Tags);
    if (spec.directions() == 1 && !isOfSequences) {
      long least = Footprint.leastBudget(spec, Precision.DOUBLE, BlockCase.T, BlockCase.B);
      all.add(new Engine.Budgeted(least * 3 / 2));
    }
    return all;
  }

  private static TrainingOptions options(Engine engine, int blocks, int accumulation) {
    TrainingOptions usual = TrainingOptions.defaults();
    return usual
        .withEngine(engine)
        .withBlocks(blocks)
        .withRule(usual.rule().withAccumulation(accumulation));
  }

  private static double[] numbers(State state) {
    return state.layers().stream()
        .flatMap(List::stream)
        .flatMapToDouble(all -> Arrays.stream(all.buffer().toArray()))
        .toArray();
  }

  /// The gradients, losses and states of the updates of an epoch.
  private record Epoch(
      List<double[]> gradients, List<GradientSource.Losses> losses, List<double[]> states) {
    static Epoch of(GradientSource source, Network network, TrainingData data) {
      Epoch epoch = new Epoch(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
      Parameters gradients = network.parameters().zeros();
      long place = 0;
      while (place < data.places()) {
        Numbers.set(gradients.buffer(), 0, 1e9);
        GradientSource.Losses losses = source.gradient(place, gradients);
        epoch.gradients.add(gradients.buffer().toArray());
        epoch.losses.add(losses);
        epoch.states.add(numbers(source.state()));
        place = losses.next();
      }
      return epoch;
    }

    static Epoch of(NetworkSpec spec, TrainingData data, TrainingOptions options, Workers workers) {
      Network network = network(spec);
      return of(
          GradientSource.of(network, options, data, SEED, Team.of(2), workers), network, data);
    }

    /// Of sums of up to 54 losses in another order, of numbers below 100.
    void expectNear(Epoch other, String what) {
      for (int i = 0; i < gradients.size(); i++) {
        assertArrayEquals(gradients.get(i), other.gradients.get(i), 1e-12, what);
        assertArrayEquals(states.get(i), other.states.get(i), 1e-14, what);
        GradientSource.Losses own = losses.get(i);
        GradientSource.Losses others = other.losses.get(i);
        assertEquals(own.sum(), others.sum(), 1e-12, what);
        assertEquals(
            new GradientSource.Losses(
                others.sum(), own.divisor(), own.weight(), own.rows(), own.next()),
            others,
            what);
      }
      assertEquals(gradients.size(), other.gradients.size(), what);
    }

    void expectSame(Epoch other, String what) {
      assertEquals(losses, other.losses, what);
      for (int i = 0; i < gradients.size(); i++) {
        assertArrayEquals(gradients.get(i), other.gradients.get(i), what);
        assertArrayEquals(states.get(i), other.states.get(i), what);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("casesWithoutMasks")
  void gradient_ofBlocks_isThatOfTheWholeBatch(String name) {
    BlockCase data = BlockCase.all(SEED).get(name);
    for (Engine engine : engines(data.spec())) {
      for (int accumulation : new int[] {1, 2}) {
        Epoch whole =
            Epoch.of(data.spec(), data, options(engine, 1, accumulation), Workers.alone());
        assertTrue(Arrays.stream(whole.gradients.getFirst()).anyMatch(g -> Math.abs(g) > 1e-3));
        for (int blocks : new int[] {2, 4, 9, 12}) {
          Epoch cut =
              Epoch.of(data.spec(), data, options(engine, blocks, accumulation), Workers.alone());
          whole.expectNear(
              cut, "%s, %d blocks, %d batches".formatted(engine, blocks, accumulation));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradient_ofAnyNumberOfWorkers_isTheSameBits(String name) throws Exception {
    BlockCase data = BlockCase.all(SEED).get(name);
    List<Engine> engines = new ArrayList<>(engines(data.spec()));
    if (data.spec().directions() == 1) {
      engines.add(new Engine.Truncated(new Truncation(2, 3)));
    }
    for (Engine engine : engines) {
      for (int blocks : new int[] {4, 7}) {
        int accumulation = blocks == 4 ? 1 : 2;
        TrainingOptions how = options(engine, blocks, accumulation);
        Epoch alone = Epoch.of(data.spec(), data, how, Workers.alone());
        for (int count : new int[] {2, 3, 4}) {
          for (Epoch own :
              ThreadWorkers.all(
                  count, false, workers -> Epoch.of(data.spec(), data, how, workers))) {
            alone.expectSame(own, "%s, %d of %d".formatted(engine, blocks, count));
          }
        }
      }
    }
  }

  /// With more blocks than sequences, some workers have none, and no state to add to a checkpoint.
  @Test
  void gradient_ofWorkersWithoutASequence_isTheSameBits() throws Exception {
    BlockCase data = BlockCase.all(SEED).get("masks, going on");
    TrainingOptions how = options(new Engine.Full(), 12, 1);
    Epoch alone = Epoch.of(data.spec(), data, how, Workers.alone());
    for (Epoch own :
        ThreadWorkers.all(12, false, workers -> Epoch.of(data.spec(), data, how, workers))) {
      alone.expectSame(own, "12 of 12");
    }
  }

  /// The windows of sequences of one length are the same in all blocks.
  @Test
  void gradient_withTruncation_isThatOfTheWholeBatch() {
    NetworkSpec spec = TinyText.network("gru", Precision.DOUBLE).spec();
    TrainingData data = new TextData(TinyText.tokens(300, 1), 9, 5);
    Engine cut = new Engine.Truncated(new Truncation(2, 3));
    Epoch whole = Epoch.of(spec, data, options(cut, 1, 1), Workers.alone());
    whole.expectNear(Epoch.of(spec, data, options(cut, 3, 1), Workers.alone()), "truncated");
  }

  /// A sample of the classes is that of the whole batch in every block.
  @Test
  void gradient_withASampleOfTheClasses_isThatOfTheWholeBatch() {
    int[] text = TinyText.tokens(300, 1);
    NetworkSpec spec = TinyText.network("gru", Precision.DOUBLE).spec();
    long[] counts = SampledClasses.counts(text, TinyText.VOCABULARY);
    TrainingData data = new SampledClasses(new TextData(text, 9, 5), counts, 2, 3);
    TrainingOptions how = TrainingOptions.defaults().withSampled(2);
    Epoch whole = Epoch.of(spec, data, how, Workers.alone());
    whole.expectNear(Epoch.of(spec, data, how.withBlocks(3), Workers.alone()), "sampled");
  }

  /// One sequence in two blocks has other masks in each, and so not twice the gradient of one block.
  @Test
  void masks_ofEachBlock_areItsOwn() {
    NetworkSpec spec = BlockCase.all(SEED).get("masks").spec();
    double[] one = ofOneSequence(spec, 1);
    double[] two = ofOneSequence(spec, 2);
    double most = 0;
    for (int i = 0; i < one.length; i++) {
      most = Math.max(most, Math.abs(2 * one[i] - two[i]));
    }
    assertTrue(most > 1e-3, "the gradients differ by at most " + most);
    double[] plain = ofOneSequence(spec.with(Noise.NONE), 1);
    double[] both = ofOneSequence(spec.with(Noise.NONE), 2);
    Arrays.setAll(plain, i -> 2 * plain[i]);
    assertArrayEquals(plain, both);
  }

  /// The gradient of two blocks, of which each has the same sequence, or the second has none.
  private static double[] ofOneSequence(NetworkSpec spec, int times) {
    Example example =
        Example.ofClasses(
            new Inputs.Vectors(Matrix.allocate(ElementType.FLOAT64, 4, spec.encoder().width())),
            1,
            2,
            0,
            3);
    Batch batch = Batch.of(Collections.nCopies(times, example));
    TrainingData data = new BlockCase("one", spec, List.of(batch), Reduction.SUM, false);
    Network network = network(spec);
    Parameters gradients = network.parameters().zeros();
    TrainingOptions how = options(new Engine.Full(), BlockCase.B, 1);
    GradientSource.of(network, how, data, SEED, Team.of(1)).gradient(0, gradients);
    return gradients.buffer().toArray();
  }

  /// What a checkpoint has does not say how many workers wrote it.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void start_fromAState_goesOnAsBefore(int count) throws Exception {
    BlockCase data = BlockCase.all(SEED).get("masks, going on");
    TrainingOptions how = options(new Engine.Full(), 4, 1);
    Network network = network(data.spec());
    Parameters gradients = network.parameters().zeros();
    GradientSource whole = GradientSource.of(network, how, data, SEED, Team.of(1));
    whole.gradient(0, gradients);
    State between = whole.state();
    whole.gradient(1, gradients);
    for (double[] again :
        ThreadWorkers.all(
            count,
            false,
            workers -> {
              Network own = network(data.spec());
              GradientSource other = GradientSource.of(own, how, data, SEED, Team.of(1), workers);
              other.start(between);
              assertArrayEquals(numbers(between), numbers(other.state()));
              Parameters theirs = own.parameters().zeros();
              other.gradient(1, theirs);
              return theirs.buffer().toArray();
            })) {
      assertArrayEquals(gradients.buffer().toArray(), again);
    }
    assertFalse(Arrays.equals(numbers(between), numbers(whole.state())));
  }

  @Test
  void start_fromAStateOfAnotherBatch_isRefused() {
    BlockCase data = BlockCase.all(SEED).get("classes, going on");
    GradientSource source =
        GradientSource.of(
            network(data.spec()), options(new Engine.Full(), 4, 1), data, SEED, Team.of(1));
    State other = State.zeros(data.spec(), Precision.DOUBLE, BlockCase.B + 1);
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> source.start(other));
    assertEquals("state: expected B=9, got 10", refused.getMessage());
  }

  @Test
  void state_ofWorkersWithOtherParameters_isRefusedInAll() throws Exception {
    BlockCase data = BlockCase.all(SEED).get("classes");
    List<String> messages =
        ThreadWorkers.all(
            2,
            false,
            workers -> {
              Network network = network(data.spec());
              if (workers.rank() == 1) {
                Numbers.set(network.parameters().buffer(), 3, 0.5);
              }
              GradientSource source =
                  GradientSource.of(
                      network, options(new Engine.Full(), 2, 1), data, SEED, Team.of(1), workers);
              return assertThrows(WorkerException.class, source::state).getMessage();
            });
    for (String message : messages) {
      assertEquals(
          "workers: expected the same parameters in all, got others in worker 1 than in worker 0",
          message);
    }
  }

  @Test
  void workers_moreThanBlocks_areRefused() throws Exception {
    BlockCase data = BlockCase.all(SEED).get("classes");
    List<String> messages =
        ThreadWorkers.all(
            3,
            false,
            workers ->
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                            GradientSource.of(
                                network(data.spec()),
                                options(new Engine.Full(), 2, 1),
                                data,
                                SEED,
                                Team.of(1),
                                workers))
                    .getMessage());
    assertEquals("blocks: expected 1 or more for each of 3 workers, got 2", messages.getFirst());
  }

  @Test
  void options_ofSeveralWorkers_withABudgetOfMinutes_areRefused() {
    TrainingOptions how = TrainingOptions.defaults().withBlocks(2);
    how.expectUsable(2);
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> how.withBudget(new Budget.Minutes(3)).expectUsable(2));
    assertEquals(
        "minutes: expected epochs for several workers, whose clocks differ, got 3.0",
        refused.getMessage());
  }

  @Test
  void options_ofAnOnlineEngine_haveOneBlock() {
    TrainingOptions online = TrainingOptions.defaults().withEngine(new Engine.Online("rflo", 1));
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> online.withBlocks(2));
    assertEquals("blocks: expected 1 with an online engine, got 2", refused.getMessage());
  }

  /// A sum of a budget, of the numbers of the parameters once more, and of states.
  @Test
  void memory_ofBlocks_isThatOfOneBlockAndItsSum() {
    NetworkSpec spec = BlockCase.all(SEED).get("classes").spec();
    TrainingOptions one = TrainingOptions.defaults();
    TrainingMemory whole = TrainingMemory.of(spec, Precision.DOUBLE, one, 32, 0);
    TrainingMemory cut = TrainingMemory.of(spec, Precision.DOUBLE, one.withBlocks(4), 32, 0);
    long numbers = Network.zeros(spec, TestBackends.scalar(Precision.DOUBLE)).parameters().count();
    assertEquals(whole.parameters() + 8 * numbers, cut.parameters());
    assertEquals(
        Footprint.of(spec, Precision.DOUBLE, one.steps(), 8, new Engine.Full())
            + 4 * Footprint.ofState(spec, Precision.DOUBLE, 8),
        cut.propagation());
    assertTrue(cut.propagation() < whole.propagation() / 3);
  }
}
