package dev.unfold.infer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// What a network is used with is refused where it enters, by name, if it cannot be used.
final class InferenceArgumentTest {
  private static final Kernels KERNELS = TestBackends.scalar(Precision.FLOAT);
  private static final NetworkSpec SPEC = NetworkSpec.tokens(Cells.lstm(), 5, 3, 4);

  @Test
  void null_asAnyArgument_isNamed() {
    Network network = Network.create(SPEC, KERNELS, 1);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 2, 1);
    State state = network.zeroState(1);
    Inputs one = new Inputs.Tokens(new int[1], 0);
    Encoder vectors = new Encoder.Vectors(2);
    Map<Executable, String> calls =
        Map.ofEntries(
            Map.entry(() -> new NetworkSpec(null, vectors, 1, 1, 1), "cell"),
            Map.entry(() -> new NetworkSpec(Cells.gru(), null, 1, 1, 1), "encoder"),
            Map.entry(() -> new NetworkSpec(Cells.gru(), vectors, 1, 1, 1, null), "wiring"),
            Map.entry(
                () ->
                    new NetworkSpec(
                        Cells.gru(), vectors, 1, 1, new Head.Classes(1), Set.of(), null),
                "noise"),
            Map.entry(() -> SPEC.with((Wiring) null), "wiring"),
            Map.entry(() -> SPEC.with((Noise) null), "noise"),
            Map.entry(() -> Network.zeros(null, KERNELS), "spec"),
            Map.entry(() -> Network.zeros(SPEC, null), "kernels"),
            Map.entry(() -> Network.create(null, KERNELS, 1), "spec"),
            Map.entry(() -> Network.create(SPEC, KERNELS, 1, null), "initialization"),
            Map.entry(() -> Network.shapes(null), "spec"),
            Map.entry(() -> UnrolledNetwork.of(network, null, 1, 1), "team"),
            Map.entry(() -> new Runner(network).run(null, state), "inputs"),
            Map.entry(() -> new Runner(network).run(one, null), "state"),
            Map.entry(() -> new Runner(network).stepper(1, 1).start(null), "state"),
            Map.entry(() -> new Runner(network).stepper(1, 1).copyState(null), "state"),
            Map.entry(() -> new Inputs.Tokens(null, 0), "tokens"),
            Map.entry(() -> new Inputs.Vectors(null), "inputs"),
            Map.entry(() -> one.select((int[]) null), "rows"),
            Map.entry(() -> new State(null), "layers"),
            Map.entry(() -> state.rows((int[]) null), "rows"),
            Map.entry(() -> state.reset((int[]) null), "rows"),
            Map.entry(() -> State.names(null), "spec"),
            Map.entry(() -> State.join(null), "states"),
            Map.entry(() -> State.join(Arrays.asList(state, null)), "states[1]"),
            Map.entry(() -> unrolled.start(null), "state"),
            Map.entry(() -> unrolled.startAfter(null), "previous"),
            Map.entry(() -> unrolled.lengths((int[]) null), "lengths"),
            Map.entry(() -> unrolled.present((boolean[]) null), "present"),
            Map.entry(() -> unrolled.forward(null, 0), "tokens"),
            Map.entry(() -> new Sampler(null, 1, 1, 1), "network"),
            Map.entry(() -> new Sampler(network, 1, 1, 1, null), "state"));
    calls.forEach((call, name) -> {
      NullPointerException e = assertThrows(NullPointerException.class, call, name);
      assertTrue(String.valueOf(e.getMessage()).startsWith(name + ": expected "), e.getMessage());
    });
  }

  @Test
  void argument_outOfRange_isNamed() {
    Network network = Network.create(SPEC, KERNELS, 1);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 2, 1);
    refused("layer: expected 0 to L-1=0, got 1", () -> unrolled.output(1));
    refused("tokens[1]: expected 0 to V-1=4, got 5", () -> unrolled.forward(new int[] {0, 5}, 0));
    refused(
        "tokens: expected T*B=2 from 1 on, got a length of 2",
        () -> unrolled.forward(new int[] {0, 4}, 1));
    Inputs tokens = new Inputs.Tokens(new int[3], 0);
    Inputs vectors = new Inputs.Vectors(Matrix.allocate(ElementType.FLOAT32, 3, 2));
    for (Inputs inputs : List.of(tokens, vectors)) {
      refused("rows: expected 0 to 2, got 3", () -> inputs.select(0, 3));
      refused("rows: expected 0 to 2, got -1", () -> inputs.select(-1));
      refused("part: expected some of 3 rows, got 2 from 2 on", () -> inputs.part(2, 2));
      refused("part: expected some of 3 rows, got 1 from -1 on", () -> inputs.part(-1, 1));
    }
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(3), 4, 1, 5);
    Network reading = Network.create(spec, KERNELS, 1);
    refused(
        "inputs: expected I=3, got 2",
        () -> new Runner(reading).run(vectors, reading.zeroState(1)));
    refused(
        "inputs: expected vectors, got tokens",
        () -> new Runner(reading).run(tokens, reading.zeroState(1)));
    refused(
        "inputs: expected FLOAT32, got FLOAT64",
        () ->
            new Runner(reading)
                .run(
                    new Inputs.Vectors(Matrix.allocate(ElementType.FLOAT64, 3, 3)),
                    reading.zeroState(1)));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
