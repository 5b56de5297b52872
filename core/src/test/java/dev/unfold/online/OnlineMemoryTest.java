package dev.unfold.online;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.management.ThreadMXBean;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.RemoteKernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OnlineMemoryTest {
  private static final int RUNS = 200;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @ParameterizedTest
  @CsvSource({"rtrl, lstm, 1", "rtrl, gru, 2", "snap1, lstm, 1", "rflo, elman, 1"})
  void step_inTheLongRun_allocatesNothing(String rule, String cell, int layers) {
    Kernels kernels = TestBackends.best(Precision.FLOAT);
    assumeFalse(kernels.name().equals("scalar"), "its products keep sums in arrays");
    int batch = 2;
    // A softmax of fewer classes than a vector has lanes makes objects of its own.
    int classes = 16;
    NetworkSpec spec =
        new NetworkSpec(Cells.named(cell), new Encoder.Vectors(5), 6, layers, classes);
    Network network = Network.create(spec, kernels, 7);
    OnlineGradient online =
        OnlineGradient.of(network, Team.of(1), batch, OnlineRule.parse(rule, 1, classes));
    Matrix inputs = Matrix.allocate(kernels.type(), batch, 5);
    Batch step =
        Batch.of(1, batch, new Inputs.Vectors(inputs), new Targets.Classes(new int[] {0, 2}, 0));
    double[] counts = {1, 1};
    Parameters gradients = network.parameters().zeros();
    long least = Long.MAX_VALUE;
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (least > 0 && System.nanoTime() < patience) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < RUNS; i++) {
        online.step(step, counts, gradients);
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    assertEquals(0, least, rule + ": bytes in " + RUNS + " steps");
  }

  @Test
  void rules_onMemoryThatIsNotTheHosts_areRefused() {
    Kernels remote = RemoteKernels.of(Backends.named("scalar", Precision.DOUBLE));
    NetworkSpec spec = new NetworkSpec(Cells.named("elman"), new Encoder.Vectors(2), 3, 1, 2);
    Network network = Network.zeros(spec, remote);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> OnlineGradient.of(network, Team.of(1), 1, new OnlineRule.Immediate()))
            .getMessage();
    assertTrue(message.startsWith("network: expected one in the host's memory, got "), message);
  }
}
