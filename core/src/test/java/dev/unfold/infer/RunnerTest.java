package dev.unfold.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class RunnerTest {
  private static final long SEED = 20261129L;
  private static final int V = 7;
  private static final int T = 12;
  private static final int B = 3;
  private static final Kernels KERNELS = TestBackends.best(Precision.FLOAT);

  private final int[] tokens = new Random(SEED).ints((long) T * B, 0, V).toArray();

  static Stream<String> cells() {
    return Cells.names().stream();
  }

  private static Network network(String cell) {
    NetworkSpec spec = new NetworkSpec(Cells.named(cell), new Encoder.Embedding(V, 6), 6, 2, V);
    return Network.create(spec, KERNELS, SEED);
  }

  private Inputs steps(int from, int until) {
    return new Inputs.Tokens(Arrays.copyOfRange(tokens, from * B, until * B), 0);
  }

  private static double[] numbers(Matrix matrix) {
    double[] all = new double[matrix.rows() * matrix.cols()];
    for (int i = 0; i < all.length; i++) {
      all[i] = matrix.get(i / matrix.cols(), i % matrix.cols());
    }
    return all;
  }

  private static double[] numbers(State state) {
    return state.layers().stream()
        .flatMap(List::stream)
        .flatMapToDouble(matrix -> Arrays.stream(numbers(matrix)))
        .toArray();
  }

  @Test
  void network_withOutputAtEachStep_saysOfEachBeginningWhatThePooledOneSaysOfIt() {
    Head pooled = new PooledHead(new Head.Classes(3), Pooling.LAST);
    NetworkSpec spec = new NetworkSpec(Cells.lstm(), new Encoder.Embedding(V, 6), 6, 2, pooled);
    Network network = Network.create(spec, KERNELS, SEED);

    Network stepping = network.withOutputAtEachStep();

    Runner runner = new Runner(stepping);
    State state = stepping.zeroState(B);
    for (int t = 0; t < T; t++) {
      Outcome outcome = runner.run(steps(t, t + 1), state);
      state = outcome.state();
      int[] lengths = new int[B];
      Arrays.fill(lengths, t + 1);
      double[] whole = numbers(new Runner(network).runWhole(steps(0, T), lengths));
      assertArrayEquals(whole, numbers(outcome.outputs()), 1e-6, "step " + t);
    }
  }

  @Test
  void network_thatNeedsTheWholeSequence_hasNoOutputAtEachStep() {
    Head mean = new PooledHead(new Head.Classes(3), Pooling.MEAN);
    Head last = new PooledHead(new Head.Classes(3), Pooling.LAST);
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Embedding(V, 6), 6, 1, last);
    for (NetworkSpec other :
        List.of(spec.with(mean), spec.with(new Head.Classes(3)), spec.with(Wiring.BIDIRECTIONAL))) {
      Network network = Network.zeros(other, KERNELS);
      assertThrows(Refusal.class, network::withOutputAtEachStep, other::toString);
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void run_inParts_givesTheBitsOfTheWhole(String cell) {
    Network network = network(cell);
    Runner runner = new Runner(network);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(2), T, B);
    unrolled.forward(tokens, 0);
    Outcome whole = runner.run(steps(0, T), network.zeroState(B));
    assertArrayEquals(numbers(unrolled.logits()), numbers(whole.outputs()));
    assertArrayEquals(numbers(unrolled.finalState()), numbers(whole.state()));

    State state = network.zeroState(B);
    int place = 0;
    for (int t = 0; t < T; t++) {
      double[] before = numbers(state);
      Outcome step = runner.run(steps(t, t + 1), state);
      assertArrayEquals(before, numbers(state), "the state that was given is as it was");
      double[] outputs = numbers(step.outputs());
      assertArrayEquals(
          Arrays.copyOfRange(numbers(whole.outputs()), place, place + outputs.length), outputs);
      place += outputs.length;
      state = step.state();
    }
    assertArrayEquals(numbers(whole.state()), numbers(state));
  }

  @Test
  void states_forkedResetAndJoined_goOnByThemselves() {
    Network network = network("lstm");
    Runner runner = new Runner(network);
    State middle = runner.run(steps(0, 5), network.zeroState(B)).state();
    State forked = middle.rows(1, 1, 0);
    int[] same = {4, 4, 4};
    State next = runner.run(new Inputs.Tokens(same, 0), forked).state();
    assertArrayEquals(numbers(next.rows(0)), numbers(next.rows(1)));
    assertFalse(Arrays.equals(numbers(next.rows(0)), numbers(next.rows(2))));
    State alone = runner.run(new Inputs.Tokens(new int[] {4}, 0), middle.rows(1)).state();
    assertArrayEquals(numbers(alone), numbers(next.rows(0)));

    State reset = middle.reset(1);
    assertArrayEquals(numbers(network.zeroState(1)), numbers(reset.rows(1)));
    assertArrayEquals(numbers(middle.rows(2)), numbers(reset.rows(2)));
    assertFalse(Arrays.equals(numbers(network.zeroState(1)), numbers(middle.rows(1))));

    State joined = State.join(List.of(middle.rows(0), middle.rows(1, 2)));
    assertArrayEquals(numbers(middle), numbers(joined));
  }

  @Test
  void network_ofManyThreads_givesEachItsOwn() throws Exception {
    Network network = network("gru");
    Runner runner = new Runner(network);
    double[] expected = numbers(runner.run(steps(0, T), network.zeroState(B)).state());
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<double[]>> all = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        int first = 1 + i % (T - 1);
        all.add(
            threads.submit(() -> {
              State middle = runner.run(steps(0, first), network.zeroState(B)).state();
              return numbers(runner.run(steps(first, T), middle).state());
            }));
      }
      for (Future<double[]> one : all) {
        assertArrayEquals(expected, one.get());
      }
    }
  }

  private static Stream<Set<Wiring>> directions() {
    return Stream.of(Set.of(), Set.of(Wiring.BIDIRECTIONAL));
  }

  /// Each sequence has its outputs whatever is beside it and behind it, and nothing where it has no step; and the
  /// runner has run other sizes and lengths before.
  @ParameterizedTest
  @MethodSource("directions")
  void sequences_ofAnyLengths_haveTheOutputsOfEachAlone(Set<Wiring> wiring) {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Embedding(V, 6), 6, 2, V, wiring);
    Network network = Network.create(spec, KERNELS, SEED);
    Runner runner = new Runner(network);
    if (wiring.isEmpty()) {
      // Other states and steps than those of whole sequences.
      runner.run(steps(0, T), runner.run(steps(0, 1), network.zeroState(B)).state());
    }
    int[] lengths = {T, 5, 0};
    Matrix all = runner.runWhole(steps(0, T), lengths);
    assertEquals(T * B, all.rows());
    for (int b = 0; b < B; b++) {
      int length = lengths[b];
      int sequence = b;
      int[] own = IntStream.range(0, length).map(t -> tokens[t * B + sequence]).toArray();
      Matrix alone = length == 0 ? null : runner.runWhole(new Inputs.Tokens(own, 0), length);
      for (int t = 0; t < T; t++) {
        for (int k = 0; k < V; k++) {
          double expected = t < length ? alone.get(t, k) : 0;
          assertEquals(expected, all.get(t * B + b, k), "sequence " + b + ", step " + t);
        }
      }
    }
    // Its last step differs from that of the whole only where the sequence is read from its end,
    // too.
    Matrix cut = runner.runWhole(steps(0, 4), 4, 4, 4);
    boolean isSame = cut.get(0, 0) == all.get(0, 0);
    assertEquals(wiring.isEmpty(), isSame);
    refused("lengths[1]: expected 0 to T=4, got 5", () -> runner.runWhole(steps(0, 4), 4, 5, 4));
    refused("lengths: expected B of 1 or more, got 0", () -> runner.runWhole(steps(0, 4)));
  }

  /// More sizes than are kept, each after sequences of other lengths.
  @Test
  void run_ofManySizes_givesTheBitsOfANewRunner() {
    Network network = network("lstm");
    Runner runner = new Runner(network);
    for (int round = 0; round < 2; round++) {
      for (int steps = 1; steps <= T; steps++) {
        runner.runWhole(steps(0, steps), 0, 1, 0);
        assertArrayEquals(
            numbers(new Runner(network).run(steps(0, steps), network.zeroState(B)).outputs()),
            numbers(runner.run(steps(0, steps), network.zeroState(B)).outputs()));
      }
    }
  }

  @Test
  void run_ofWhatDoesNotFit_saysSo() {
    Network network = network("gru");
    Runner runner = new Runner(network);
    State state = network.zeroState(B);
    refused(
        "inputs: expected a multiple of B=3 rows, got 4",
        () -> runner.run(new Inputs.Tokens(new int[4], 0), state));
    refused("rows: expected 0 to B-1=2, got 3", () -> state.rows(3));
    refused("rows: expected 0 to B-1=2, got -1", () -> state.reset(-1));
    State other = network("lstm").zeroState(B);
    refused("state: expected states=1, got 2", () -> runner.run(steps(0, 1), other));
    refused(
        "states: expected those of one network, got another's as states[1]",
        () -> State.join(List.of(state, small())));
    refused(
        "states: expected those of one network, got another's as states[1]",
        () -> State.join(List.of(small(), state)));
    refused("state: expected B of 1 or more, got 0", () -> runner.run(steps(0, 1), state.rows()));
    refused(
        "state: expected FLOAT32, got FLOAT64",
        () -> runner.run(steps(0, 1), State.zeros(network.spec(), Precision.DOUBLE, B)));
    refused(
        "tokens[1]: expected 0 to V-1=6, got -1",
        () -> runner.run(new Inputs.Tokens(new int[] {0, -1, 0}, 0), state));
    refused(
        "inputs: expected tokens, got vectors",
        () -> runner.run(new Inputs.Vectors(Matrix.allocate(ElementType.FLOAT32, B, 6)), state));
    Network both =
        Network.create(
            new NetworkSpec(
                Cells.gru(), new Encoder.Embedding(V, 6), 6, 1, V, Set.of(Wiring.BIDIRECTIONAL)),
            KERNELS,
            SEED);
    refused(
        "network: expected layers of one direction to run step by step, got both",
        () -> new Runner(both).run(steps(0, 1), both.zeroState(B)));
    // After a refusal it runs as ever.
    assertEquals(B, runner.run(steps(0, 1), state).state().batch());
  }

  private static State small() {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Embedding(V, 6), 5, 2, V);
    return State.zeros(spec, Precision.FLOAT, 1);
  }

  private static void refused(String message, Runnable call) {
    IllegalArgumentException error = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(message, error.getMessage());
  }
}
