package dev.unfold.infer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.management.ThreadMXBean;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Inputs;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StepperTest {
  private static final long SEED = 20261202L;
  private static final int V = 7;
  private static final int B = 3;
  private static final int RUNS = 200;
  private static final Kernels KERNELS = TestBackends.best(Precision.FLOAT);
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static Network network(String cell, Kernels kernels) {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.named(cell),
            new Encoder.Embedding(V, 6),
            6,
            2,
            V,
            Set.of(Wiring.TIED, Wiring.RESIDUAL));
    return Network.create(spec, kernels, SEED);
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

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void run_again_givesTheBitsOfNetworkRun(int steps) {
    for (String cell : List.of("elman", "lstm", "gru")) {
      Network network = network(cell, KERNELS);
      Random random = new Random(SEED);
      int[] tokens = new int[steps * B];
      Inputs inputs = new Inputs.Tokens(tokens, 0);
      Stepper stepper = new Runner(network).stepper(steps, B);
      State state = network.zeroState(B);
      State kept = network.zeroState(B);
      for (int i = 0; i < 20; i++) {
        Arrays.setAll(tokens, place -> random.nextInt(V));
        if (i == 7) {
          // Both start anew, from what the runner gave away.
          stepper.start(kept);
          state = kept;
        }
        if (i == 13) {
          stepper.startFromZero();
          state = network.zeroState(B);
        }
        assertArrayEquals(numbers(state), numbers(stepper.state()));
        Outcome expected = new Runner(network).run(inputs, state);
        assertArrayEquals(numbers(expected.outputs()), numbers(stepper.run(inputs)), cell);
        assertArrayEquals(numbers(expected.state()), numbers(stepper.state()), cell);
        state = expected.state();
        if (i == 3) {
          stepper.copyState(kept);
        }
      }
    }
  }

  @Test
  void run_refused_leavesTheStateAsItWas() {
    Network network = network("lstm", KERNELS);
    Stepper stepper = new Runner(network).stepper(1, B);
    Inputs good = new Inputs.Tokens(new int[] {1, 2, 3}, 0);
    stepper.run(good);
    State before = stepper.state();
    assertEquals(
        "tokens[1]: expected 0 to V-1=6, got 7",
        assertThrows(
                IllegalArgumentException.class,
                () -> stepper.run(new Inputs.Tokens(new int[] {1, 7, 3}, 0)))
            .getMessage());
    assertArrayEquals(numbers(before), numbers(stepper.state()));
    assertArrayEquals(
        numbers(new Runner(network).run(good, before).outputs()),
        numbers(stepper.run(good)),
        "and it goes on");
  }

  @Test
  void run_afterTheFirst_allocatesNothing() {
    for (String cell : List.of("elman", "lstm")) {
      for (Kernels kernels :
          List.of(
              TestBackends.scalar(Precision.FLOAT),
              TestBackends.scalar(Precision.DOUBLE),
              KERNELS)) {
        Network network = network(cell, kernels);
        Stepper stepper = new Runner(network).stepper(1, 1);
        int[] token = new int[1];
        Inputs inputs = new Inputs.Tokens(token, 0);
        State state = network.zeroState(1);
        allocatesNothing(
            cell + " on " + kernels.name(),
            () -> {
              token[0] = (token[0] + 1) % V;
              stepper.start(state);
              stepper.run(inputs);
              stepper.run(inputs);
              stepper.copyState(state);
            });
      }
    }
  }

  @Test
  void run_ofVectors_allocatesNothing() {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(5), 6, 1, 4);
    Stepper stepper = new Runner(Network.create(spec, KERNELS, SEED)).stepper(2, B);
    Inputs inputs = new Inputs.Vectors(Matrix.allocate(ElementType.FLOAT32, 2 * B, 5));
    allocatesNothing("vectors", () -> stepper.run(inputs));
  }

  @Test
  void run_ofColumns_allocatesNothing() {
    Encoder encoder =
        new Encoder.Columns(2, List.of(new Encoder.Embedding(V, 3), new Encoder.Embedding(4, 2)));
    NetworkSpec spec = new NetworkSpec(Cells.gru(), encoder, 6, 1, 4);
    Stepper stepper = new Runner(Network.create(spec, KERNELS, SEED)).stepper(2, B);
    Matrix numbers = Matrix.allocate(ElementType.FLOAT32, 2 * B, 2);
    Inputs inputs = new Inputs.Columns(numbers, new int[2 * B], new int[2 * B]);
    allocatesNothing("columns", () -> stepper.run(inputs));
  }

  @Test
  void next_ofASampler_allocatesNothing() {
    Sampler sampler = new Sampler(network("gru", KERNELS), 0.8, 4, SEED);
    sampler.read(1);
    allocatesNothing("sampler", sampler::next);
  }

  /// Not one byte in the quietest of some rounds: the first ones are interpreted, and vectors are objects until the
  /// optimising compiler, which has threads of its own, is done with all that runs.
  private static void allocatesNothing(String what, Runnable action) {
    assumeFalse(TestBackends.REMOTE, "what is not the host's is copied to be read");
    long least = Long.MAX_VALUE;
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (least > 0 && System.nanoTime() < patience) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < RUNS; i++) {
        action.run();
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    assertEquals(0, least, what + ": bytes in " + RUNS + " runs");
  }

  @Test
  void stepper_ofWhatDoesNotFit_saysSo() {
    Network network = network("gru", KERNELS);
    Stepper stepper = new Runner(network).stepper(2, B);
    refused("steps: expected T of 1 or more, got 0", () -> new Runner(network).stepper(0, 1));
    refused("batch: expected B of 1 or more, got -1", () -> new Runner(network).stepper(1, -1));
    refused(
        "inputs: expected T*B=6 rows, got 5", () -> stepper.run(new Inputs.Tokens(new int[5], 0)));
    refused(
        "inputs: expected tokens, got vectors",
        () -> stepper.run(new Inputs.Vectors(Matrix.allocate(ElementType.FLOAT32, 6, 6))));
    refused("state: expected B=3, got 1", () -> stepper.start(network.zeroState(1)));
    refused(
        "state: expected states=1, got 2",
        () -> stepper.copyState(network("lstm", KERNELS).zeroState(B)));
    refused(
        "state: expected FLOAT32, got FLOAT64",
        () -> stepper.start(State.zeros(network.spec(), Precision.DOUBLE, B)));
    NullPointerException none = assertThrows(NullPointerException.class, () -> stepper.run(null));
    assertTrue(none.getMessage().startsWith("inputs: expected"), none.getMessage());
    NetworkSpec spec =
        new NetworkSpec(Cells.gru(), new Encoder.Vectors(5), 6, 1, 4, Set.of(Wiring.BIDIRECTIONAL));
    refused(
        "network: expected layers of one direction to run step by step, got both",
        () -> new Runner(Network.create(spec, KERNELS, 1)).stepper(1, 1));
  }

  private static void refused(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
