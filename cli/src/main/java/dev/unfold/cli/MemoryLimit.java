package dev.unfold.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.unfold.kernels.Precision;
import dev.unfold.net.Engine;
import dev.unfold.net.Footprint;
import dev.unfold.net.Network;
import dev.unfold.net.NetworkSpec;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import java.lang.management.ManagementFactory;

/// Refuses a training run that would not fit, before it starts.
final class MemoryLimit {
  private static final String LIMIT = "MaxDirectMemorySize";

  private MemoryLimit() {}

  /// **Errors**: [IllegalArgumentException] that names the budget that would fit, if there is one.
  static void check(TrainingMemory memory, Network network, TrainingOptions options, int batch) {
    check(memory, network, options, batch, bytes());
  }

  static void check(
      TrainingMemory memory, Network network, TrainingOptions options, int batch, long limit) {
    if (memory.total() <= limit) {
      return;
    }
    throw new IllegalArgumentException(
        "memory: training takes %s, %s of it for back-propagation through time, and Java may use %s outside its heap; %s"
            .formatted(
                Wording.bytes(memory.total()),
                Wording.bytes(memory.propagation()),
                Wording.bytes(limit),
                advice(memory, network, options, batch, limit)));
  }

  /// Refuses `bytes` that back-propagation of `what` takes, if there are not as many.
  static void check(long bytes, String what) {
    long limit = bytes();
    if (bytes > limit) {
      throw new IllegalArgumentException(
          "memory: back-propagation of %s takes %s, and Java may use %s outside its heap; reduce hidden, batch or steps"
              .formatted(what, Wording.bytes(bytes), Wording.bytes(limit)));
    }
  }

  private static String advice(
      TrainingMemory memory, Network network, TrainingOptions options, int batch, long limit) {
    String more = "give Java more by JDK_JAVA_OPTIONS=-XX:" + LIMIT + "=";
    // Whole megabytes, so that what the user types is no more than what fits.
    long megabytes = (limit - memory.total() + memory.propagation()) / 1_000_000;
    if (options.engine() instanceof Engine.Truncated || megabytes < 1) {
      return "reduce hidden, batch or steps, or " + more + needed(memory);
    }
    try {
      NetworkSpec spec = network.spec();
      Precision precision = network.kernels().precision();
      Engine budget = new Engine.Budgeted(megabytes * 1_000_000);
      double time = Footprint.relativeTime(spec, precision, options.steps(), batch, budget);
      return "--memory %dMB would fit and take about %.2f times the time, or %s%s"
          .formatted(megabytes, time, more, needed(memory));
    } catch (IllegalArgumentException e) {
      return "reduce hidden, batch or steps, or " + more + needed(memory);
    }
  }

  private static String needed(TrainingMemory memory) {
    return Math.ceilDiv(memory.total() + memory.total() / 10, 1 << 20) + "m";
  }

  /// How much Java may use outside its heap: as much as the heap may have, unless it was told.
  private static long bytes() {
    HotSpotDiagnosticMXBean virtualMachine =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    long told = Long.parseLong(virtualMachine.getVMOption(LIMIT).getValue());
    return told > 0 ? told : Runtime.getRuntime().maxMemory();
  }
}
