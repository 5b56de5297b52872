package dev.unfold.measure;

import com.sun.management.ThreadMXBean;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Phase;
import dev.unfold.layer.PhaseClock;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// How long a [LayerStep] takes. Steps and the machine's peak take turns, so that both see the same
/// machine.
///
/// @param forward seconds, with laying out the weights
/// @param backward seconds
/// @param whole seconds
/// @param peak seconds for one floating-point operation at the machine's peak
/// @param operations of a step's products
/// @param allocated bytes of heap that a step allocates
/// @param phases seconds of a step that one thread spends in each phase
public record LayerMeasurement(
    Times forward,
    Times backward,
    Times whole,
    Times peak,
    double operations,
    double allocated,
    Map<Phase, Double> phases) {
  private static final int FEWEST = 11;
  private static final double PEAK_WARM_UP_SECONDS = 2;
  private static final double NANOS = 1e9;

  public double gigaflops() {
    return operations / whole.median() / 1e9;
  }

  public double peakGigaflops() {
    return 1 / peak.median() / 1e9;
  }

  /// Measures for `seconds`, after a warm-up of as long.
  public static LayerMeasurement of(
      LayerStep step, LayerStep.Sizes sizes, Kernels kernels, Team team, double seconds) {
    fill(step, sizes);
    Run run = new Run(step, new Peak(kernels, team));
    run.warmUp(seconds);
    List<double[]> times = run.repeat(seconds);
    return new LayerMeasurement(
        column(times, 0),
        column(times, 1),
        column(times, 2),
        column(times, 3),
        step.operations(),
        run.allocated().median(),
        run.phases());
  }

  private static void fill(LayerStep step, LayerStep.Sizes sizes) {
    SplittableRandom random = new SplittableRandom(1);
    double bound = 1 / Math.sqrt(sizes.hidden());
    step.parameters().forEach(parameter -> fill(parameter, random, bound));
    fill(step.input(), random, 1);
    fill(step.outputGradient(), random, 1.0 / sizes.rows());
  }

  private static void fill(Matrix matrix, SplittableRandom random, double bound) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        matrix.set(r, c, random.nextDouble(-bound, bound));
      }
    }
  }

  private static Times column(List<double[]> times, int column) {
    return new Times(times.stream().mapToDouble(row -> row[column]).toArray());
  }

  private static final class Run {
    private final LayerStep step;
    private final Peak peak;

    Run(LayerStep step, Peak peak) {
      this.step = step;
      this.peak = peak;
    }

    /// Runs steps alone, and multiply-adds alone, until both are surely compiled.
    void warmUp(double seconds) {
      long start = System.nanoTime();
      while (System.nanoTime() - start < seconds * NANOS) {
        step.layOut();
        step.forward();
        step.backward();
      }
      peak.warmUp(PEAK_WARM_UP_SECONDS);
    }

    List<double[]> repeat(double seconds) {
      List<double[]> times = new ArrayList<>();
      long start = System.nanoTime();
      while (times.size() < FEWEST || System.nanoTime() - start < seconds * NANOS) {
        times.add(once());
      }
      return times;
    }

    private double[] once() {
      long begin = System.nanoTime();
      step.layOut();
      step.forward();
      long middle = System.nanoTime();
      step.backward();
      long end = System.nanoTime();
      return new double[] {
        (middle - begin) / NANOS,
        (end - middle) / NANOS,
        (end - begin) / NANOS,
        peak.secondsPerOperation()
      };
    }

    /// The bytes that all threads together allocate in each of some steps, without what asking for them takes.
    Times allocated() {
      ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
      double[] bytes = new double[FEWEST];
      for (int i = 0; i < bytes.length; i++) {
        long first = threads.getTotalThreadAllocatedBytes();
        long second = threads.getTotalThreadAllocatedBytes();
        step.layOut();
        step.forward();
        step.backward();
        long third = threads.getTotalThreadAllocatedBytes();
        bytes[i] = (third - second) - (second - first);
      }
      return new Times(bytes);
    }

    /// The medians of some steps: one that another process held up does not count.
    Map<Phase, Double> phases() {
      PhaseClock[] clocks = new PhaseClock[FEWEST];
      for (int i = 0; i < clocks.length; i++) {
        clocks[i] = new PhaseClock();
        step.unrolled().watch(clocks[i]);
        step.layOut();
        step.forward();
        step.backward();
      }
      step.unrolled().watch(null);
      Map<Phase, Double> seconds = new EnumMap<>(Phase.class);
      for (Phase phase : Phase.values()) {
        double[] each =
            Arrays.stream(clocks).mapToDouble(clock -> clock.nanos(phase) / NANOS).toArray();
        seconds.put(phase, new Times(each).median());
      }
      return seconds;
    }
  }
}
