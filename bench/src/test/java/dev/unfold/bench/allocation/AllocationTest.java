package dev.unfold.bench.allocation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/// After the warm-up, neither a training step nor a step of inference of a layer allocates.
@Tag("slow")
final class AllocationTest {
  /// What JMH itself allocates in an iteration, spread over its operations.
  private static final double JMH_BYTES = 8;

  @Test
  void step_afterWarmUp_allocatesNothing() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include(LayerBenchmark.class.getName())
                    .addProfiler(GCProfiler.class)
                    .forks(1)
                    .jvmArgsAppend(
                        "--add-modules",
                        "jdk.incubator.vector",
                        "--enable-native-access=ALL-UNNAMED")
                    .warmupIterations(8)
                    .warmupTime(TimeValue.seconds(2))
                    .measurementIterations(3)
                    .measurementTime(TimeValue.seconds(2))
                    .build())
            .run();
    assertEquals(6, results.size());
    for (RunResult result : results) {
      double bytes = result.getSecondaryResults().get("gc.alloc.rate.norm").getScore();
      assertTrue(bytes < JMH_BYTES, () -> result.getParams() + ": " + bytes + " bytes");
    }
  }
}
