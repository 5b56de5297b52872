package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Back-propagation through long sequences in little memory.
@Tag("slow")
final class LongSequenceTest {
  private static final long SEED = 20261127L;
  private static final int V = 32;
  private static final int H = 128;
  private static final Team TEAM = Team.of(2);

  private static Network network(Cell cell) {
    System.out.println("LongSequenceTest: seed " + SEED);
    NetworkSpec spec = NetworkSpec.tokens(cell, V, H, H);
    return Network.create(spec, TestBackends.best(Precision.FLOAT), SEED);
  }

  private static Batch batch(int steps, int batch) {
    int[] tokens = new Random(SEED).ints((long) steps * batch + batch, 0, V).toArray();
    return Batch.of(steps, batch, new Inputs.Tokens(tokens, 0), new Targets.Classes(tokens, batch));
  }

  @Test
  void gradient_ofAMillionSteps_fitsIntoItsBudget() {
    Network network = network(Cells.elman(Activation.TANH));
    int steps = 1_000_000;
    Batch batch = batch(steps, 1);
    Engine engine = new Engine.Budgeted(64L << 20);
    Bptt bptt = Bptt.of(network, TEAM, steps, 1, engine);
    Parameters gradients = network.parameters().zeros();
    long start = System.nanoTime();
    double loss = bptt.gradient(batch, Reduction.MEAN, gradients);
    System.out.printf(
        "elman H=%d B=1 T=%d in 64 MiB: %.1f s, %d bytes, predicted %.2f times, loss %.6f, heap %d"
            + " MiB%n",
        H,
        steps,
        (System.nanoTime() - start) / 1e9,
        bptt.bytes(),
        bptt.relativeTime(),
        loss,
        Runtime.getRuntime().maxMemory() >> 20);
    assertEquals(Math.log(V), loss, 0.1);
    assertTrue(gradients.firstNonFinite() == null);
  }

  @Test
  void gradient_ofAThousandStepsInATwentiethOfTheMemory_isThatOfTheWhole() {
    for (Cell cell : new Cell[] {Cells.elman(Activation.TANH), Cells.lstm()}) {
      for (int batch : new int[] {1, 8, 32}) {
        compare(cell, batch);
      }
    }
  }

  private static void compare(Cell cell, int size) {
    Network network = network(cell);
    int steps = 1000;
    Batch batch = batch(steps, size);
    Bptt full = Bptt.of(network, TEAM, steps, size, new Engine.Full());
    Engine engine = new Engine.Budgeted(full.bytes() / 20);
    Bptt budgeted = Bptt.of(network, TEAM, steps, size, engine);
    Parameters expected = network.parameters().zeros();
    Parameters got = network.parameters().zeros();
    full.gradient(batch, Reduction.MEAN, expected);
    budgeted.gradient(batch, Reduction.MEAN, got);
    assertTrue(budgeted.bytes() <= full.bytes() / 20);
    assertEquals(0, Arrays.compare(expected.buffer().toArray(), got.buffer().toArray()));
  }
}
