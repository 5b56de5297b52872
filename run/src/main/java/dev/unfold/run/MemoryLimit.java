package dev.unfold.run;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.model.Network;
import dev.unfold.run.output.Wording;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import java.lang.management.ManagementFactory;
import java.util.function.Function;

/// Refuses a training run that would not fit, before it starts.
public final class MemoryLimit {
  private static final String LIMIT = "MaxDirectMemorySize";

  private MemoryLimit() {}

  /// Checks that training fits.
  ///
  /// @param memoryOf what training takes as options say; refuses what cannot be
  /// @return what it takes
  ///
  /// **Errors**: [IllegalArgumentException] that names the budget that would fit, if there is one, and as `memoryOf`.
  public static TrainingMemory check(
      Function<TrainingOptions, TrainingMemory> memoryOf,
      Network network,
      TrainingOptions options,
      int batch) {
    return check(memoryOf, network, options, batch, bytes());
  }

  public static TrainingMemory check(
      Function<TrainingOptions, TrainingMemory> memoryOf,
      Network network,
      TrainingOptions options,
      int batch,
      long limit) {
    // A budget that is too small is refused with the least that is not: which has to fit as well.
    TrainingOptions possible = possible(options, network, batch);
    checkFit(
        memoryOf, network, possible, batch, limit, possible.equals(options) ? "" : said(possible));
    return memoryOf.apply(options);
  }

  /// `options` with a budget that is large enough, if there is one.
  private static TrainingOptions possible(TrainingOptions options, Network network, int batch) {
    if (!(options.engine() instanceof Engine.Budgeted budget)) {
      return options;
    }
    long least =
        Footprint.leastBudget(
            network.spec(),
            network.kernels().precision(),
            options.steps(),
            options.sequences(batch));
    return options.withEngine(new Engine.Budgeted(Math.max(budget.bytes(), least)));
  }

  private static String said(TrainingOptions options) {
    return options.engine() instanceof Engine.Budgeted budget
        ? " with --memory " + budget.bytes()
        : "";
  }

  /// @param changed what the user has to say besides, if these are not the user's options
  private static void checkFit(
      Function<TrainingOptions, TrainingMemory> memoryOf,
      Network network,
      TrainingOptions options,
      int batch,
      long limit,
      String changed) {
    TrainingMemory memory = memoryOf.apply(options);
    if (memory.total() <= limit) {
      return;
    }
    throw new IllegalArgumentException(
        "memory: training takes %s, %s of it for %s, and Java may use %s outside its heap; %s"
            .formatted(
                Wording.bytes(memory.total()),
                Wording.bytes(memory.propagation()),
                Wording.propagation(options.engine()),
                Wording.bytes(limit),
                advice(memoryOf, network, options, batch, limit) + changed));
  }

  /// Refuses `bytes` that back-propagation of `what` takes, if there are not as many.
  public static void check(long bytes, String what) {
    long limit = bytes();
    if (bytes > limit) {
      throw new IllegalArgumentException(
          "memory: back-propagation of %s takes %s, and Java may use %s outside its heap; reduce hidden, batch or steps"
              .formatted(what, Wording.bytes(bytes), Wording.bytes(limit)));
    }
  }

  private static String advice(
      Function<TrainingOptions, TrainingMemory> memoryOf,
      Network network,
      TrainingOptions options,
      int batch,
      long limit) {
    TrainingMemory memory = memoryOf.apply(options);
    String more =
        "give Java more by JDK_JAVA_OPTIONS=-XX:"
            + LIMIT
            + "="
            + Math.ceilDiv(memory.total() + memory.total() / 10, 1 << 20)
            + "m";
    // Whole megabytes, so that what the user types is no more than what fits.
    long megabytes = (limit - memory.total() + memory.propagation()) / 1_000_000;
    String less =
        options.sampled() > 0 ? "hidden, batch, steps or sampled" : "hidden, batch or steps";
    if (options.engine() instanceof Engine.Online) {
      return "reduce hidden or batch, take an engine that keeps less, or " + more;
    }
    if (options.engine() instanceof Engine.Truncated || megabytes < 1) {
      return "reduce " + less + ", or " + more;
    }
    Engine budget = new Engine.Budgeted(megabytes * 1_000_000);
    if (!fits(memoryOf, options.withEngine(budget), limit)) {
      return "reduce " + less + ", or " + more;
    }
    double time =
        Footprint.relativeTime(
            network.spec(),
            network.kernels().precision(),
            options.steps(),
            options.sequences(batch),
            budget);
    return "--memory %dMB would fit and take about %.2f times the time, or %s"
        .formatted(megabytes, time, more);
  }

  /// Whether options would be accepted.
  private static boolean fits(
      Function<TrainingOptions, TrainingMemory> memoryOf, TrainingOptions options, long limit) {
    try {
      return memoryOf.apply(options).total() <= limit;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /// How much Java may use outside its heap: as much as the heap may have, unless it was told.
  private static long bytes() {
    HotSpotDiagnosticMXBean virtualMachine =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    long told = Long.parseLong(virtualMachine.getVMOption(LIMIT).getValue());
    return told > 0 ? told : Runtime.getRuntime().maxMemory();
  }
}
