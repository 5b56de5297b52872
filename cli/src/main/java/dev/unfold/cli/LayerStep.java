package dev.unfold.cli;

import dev.unfold.bptt.Layer;
import dev.unfold.bptt.Sequence;
import dev.unfold.bptt.UnrolledLayer;
import dev.unfold.cell.Cell;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Team;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/// A training step of one layer, to be measured.
///
/// It is what a training loop does to a layer with each update: lay out the changed weights, forward,
/// backward with the gradients of the input, the initial state and all parameters.
final class LayerStep {
  private static final int FEWEST = 10;
  private static final double PEAK_SECONDS = 0.005;
  private static final double NANOS = 1e9;

  private final Kernels kernels;
  private final Team team;
  private final Layer layer;
  private final UnrolledLayer unrolled;
  private final List<Matrix> gradients;
  private final double operations;
  private long version;
  private long peakRounds = 1000;

  /// I, H, B, T
  record Sizes(int input, int hidden, int batch, int steps) {
    /// Checks the sizes.
    Sizes {
      expectPositive("input", "I", input);
      expectPositive("hidden", "H", hidden);
      expectPositive("batch", "B", batch);
      expectPositive("steps", "T", steps);
      if ((long) steps * batch > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "steps: expected T*B below 2^31, got T=" + steps + " and B=" + batch);
      }
    }

    private static void expectPositive(String name, String letter, int size) {
      if (size < 1) {
        throw new IllegalArgumentException(
            name + ": expected " + letter + " of 1 or more, got " + size);
      }
    }
  }

  /// Medians.
  ///
  /// @param spread the distance between the quartiles of the whole step's times, as a share of the median
  record Measurement(
      double forwardMillis,
      double backwardMillis,
      double gigaflops,
      double peakGigaflops,
      double spread,
      int repetitions) {}

  LayerStep(Cell cell, Sizes sizes, Kernels kernels, Team team) {
    this.kernels = kernels;
    this.team = team;
    SplittableRandom random = new SplittableRandom(1);
    double bound = 1 / Math.sqrt(sizes.hidden());
    layer =
        Layer.of(
            cell,
            sizes.input(),
            sizes.hidden(),
            kernels,
            shape -> fill(allocate(shape.rows(), shape.cols()), random, bound));
    gradients = layer.shapes().stream().map(shape -> allocate(shape.rows(), shape.cols())).toList();
    int rows = sizes.steps() * sizes.batch();
    Sequence input = Sequence.allocate(kernels.precision(), rows, sizes.input());
    Sequence inputGradient = Sequence.allocate(kernels.precision(), rows, sizes.input());
    unrolled = new UnrolledLayer(layer, team, input, inputGradient, sizes.steps(), sizes.batch());
    fill(input.rows(rows), random, 1);
    fill(unrolled.outputGradient().rows(rows), random, 1.0 / rows);
    operations = 3.0 * layer.productOperations() * rows;
  }

  private Matrix allocate(int rows, int cols) {
    return Matrix.allocate(kernels.precision(), rows, cols);
  }

  private static Matrix fill(Matrix matrix, SplittableRandom random, double bound) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        matrix.set(r, c, random.nextDouble(-bound, bound));
      }
    }
    return matrix;
  }

  /// Measures for `seconds`, after a warm-up of as long. Steps and the machine's peak take turns, so that
  /// both see the same machine.
  Measurement measure(double seconds) {
    run(seconds);
    List<double[]> times = run(seconds);
    double[] forward = sorted(times, 0);
    double[] backward = sorted(times, 1);
    double[] whole = sorted(times, 2);
    double[] peak = sorted(times, 3);
    int last = whole.length - 1;
    double spread = (whole[last * 3 / 4] - whole[last / 4]) / median(whole);
    return new Measurement(
        median(forward) * 1e3,
        median(backward) * 1e3,
        operations / median(whole) / 1e9,
        median(peak) / 1e9,
        spread,
        whole.length);
  }

  private List<double[]> run(double seconds) {
    List<double[]> times = new ArrayList<>();
    long start = System.nanoTime();
    while (times.size() < FEWEST || System.nanoTime() - start < seconds * NANOS) {
      times.add(once());
    }
    return times;
  }

  /// Seconds forward, backward and both; operations a second at the peak.
  private double[] once() {
    version++;
    long begin = System.nanoTime();
    layer.refresh(version);
    unrolled.forward();
    long middle = System.nanoTime();
    gradients.forEach(LayerStep::clear);
    unrolled.backward(gradients);
    long end = System.nanoTime();
    return new double[] {
      (middle - begin) / NANOS, (end - middle) / NANOS, (end - begin) / NANOS, peak()
    };
  }

  private static void clear(Matrix matrix) {
    matrix.buffer().clear(matrix.offset(), (long) matrix.rows() * matrix.cols());
  }

  /// Counts over some milliseconds, so that starting the threads does not count.
  private double peak() {
    while (true) {
      AtomicLong counted = new AtomicLong();
      long begin = System.nanoTime();
      team.run((part, parts) -> counted.addAndGet(kernels.multiplyAdds(peakRounds)));
      double seconds = (System.nanoTime() - begin) / NANOS;
      if (seconds >= PEAK_SECONDS) {
        return counted.get() / seconds;
      }
      peakRounds *= 2;
    }
  }

  private static double[] sorted(List<double[]> times, int column) {
    return times.stream().mapToDouble(row -> row[column]).sorted().toArray();
  }

  private static double median(double[] sorted) {
    return (sorted[(sorted.length - 1) / 2] + sorted[sorted.length / 2]) / 2;
  }
}
