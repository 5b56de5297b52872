package dev.unfold.bench.allocation;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.measure.LayerStep;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// A training step of a layer, with the weights laid out anew, and a step of inference.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LayerBenchmark {
  private static final int WIDTH = 128;
  private static final int STEPS = 32;
  private static final int BATCH = 8;

  /// The recurrence.
  @Param({"elman", "lstm", "slstm"})
  public String cell;

  private LayerStep training;
  private LayerStep inference;

  /// For JMH.
  public LayerBenchmark() {}

  /// Makes the layers.
  @Setup
  public void open() {
    training = layer(BATCH, STEPS);
    inference = layer(1, 1);
    inference.layOut();
  }

  private LayerStep layer(int batch, int steps) {
    return new LayerStep(
        Cells.named(cell),
        new LayerStep.Sizes(WIDTH, WIDTH, batch, steps),
        Backends.best(Precision.FLOAT),
        Team.of(2));
  }

  /// Forward and backward.
  @Benchmark
  public void training() {
    training.layOut();
    training.forward();
    training.backward();
  }

  /// One step of one sequence.
  @Benchmark
  public void inference() {
    inference.forward();
  }
}
