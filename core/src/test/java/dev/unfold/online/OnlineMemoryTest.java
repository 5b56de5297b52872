package dev.unfold.online;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OnlineMemoryTest {
  private static final int RUNS = 200;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /// Not one byte beside those of the backend in the quietest of some rounds: the first ones are interpreted. How soon
  /// there is such a round depends on what the compiler has seen before.
  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "rtrl, elman, 1",
    "rtrl, lstm, 1",
    "rtrl, gru, 2",
    "rtrl, indrnn, 1",
    "rtrl-layerwise, gru, 2",
    "snap1, lstm, 2",
    "eprop, lstm, 1",
    "rflo, elman, 1",
    "immediate, elman, 1"
  })
  void step_inTheLongRun_allocatesNothing(String rule, String cell, int layers) {
    CountedKernels counted = new CountedKernels(Backends.named("scalar", Precision.FLOAT));
    int batch = 2;
    NetworkSpec spec = new NetworkSpec(Cells.named(cell), new Encoder.Vectors(2), 3, layers, 3);
    Network network = Network.create(spec, counted, 7);
    OnlineGradient online =
        OnlineGradient.of(network, Team.of(1), batch, OnlineRule.parse(rule, 1, 3));
    Matrix inputs = Matrix.allocate(counted.type(), batch, 2);
    Batch step =
        Batch.of(1, batch, new Inputs.Vectors(inputs), new Targets.Classes(new int[] {0, 2}, 0));
    double[] counts = {1, 1};
    Parameters gradients = network.parameters().zeros();
    long least = Long.MAX_VALUE;
    long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (least > 0 && System.nanoTime() < patience) {
      long before = THREADS.getCurrentThreadAllocatedBytes() - counted.bytes();
      for (int i = 0; i < RUNS; i++) {
        online.step(step, counts, gradients);
      }
      long after = THREADS.getCurrentThreadAllocatedBytes() - counted.bytes();
      least = Math.min(least, after - before);
    }
    assertEquals(0, least, rule + " of " + cell + ": bytes in " + RUNS + " steps");
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
