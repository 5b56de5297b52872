package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import java.util.Arrays;

/// What is done with all traces of a sequence, by all threads: in chunks of a fixed size, whose sums are added in their
/// order, so that these are the same for any team.
final class TraceChunks {
  private static final int CHUNK = 1 << 14;

  private static final double[] NO_SCALARS = {};

  private final Kernels kernels;
  private final Team team;
  private final Matrix[] chunks;

  /// The same, each as what a program runs on.
  private final Matrix[][] operands;

  private final double[] sums;
  private final Team.Task squaresTask = this::square;
  private final Team.Task flushTask = this::flush;

  /// For each thread what lets numbers next to nothing become zero.
  private final PointwiseKernel[] flush;

  private long from;

  /// @param count how many numbers a sequence has
  TraceChunks(Kernels kernels, Team team, Buffer buffer, long count) {
    this.kernels = kernels;
    this.team = team;
    chunks = new Matrix[Math.toIntExact((count + CHUNK - 1) / CHUNK)];
    operands = new Matrix[chunks.length][];
    sums = new double[chunks.length];
    flush = new PointwiseKernel[team.size()];
    Arrays.setAll(flush, part -> kernels.prepare(Tiny.program(kernels.precision())));
    for (int i = 0; i < chunks.length; i++) {
      long at = (long) i * CHUNK;
      chunks[i] = Matrix.of(buffer, at, 1, (int) Math.min(CHUNK, count - at));
      operands[i] = new Matrix[] {chunks[i]};
    }
  }

  /// The sum of the squares of the numbers from `from` on.
  double sumOfSquares(long from) {
    this.from = from;
    team.run(squaresTask);
    double sum = 0;
    for (double own : sums) {
      sum += own;
    }
    return sum;
  }

  /// Lets those of the numbers from `from` on that are next to nothing become zero.
  void flush(long from) {
    this.from = from;
    team.run(flushTask);
  }

  private void flush(int part, int parts) {
    int until = Team.from(chunks.length, part + 1, parts);
    for (int i = Team.from(chunks.length, part, parts); i < until; i++) {
      chunks[i].moveTo(from + (long) i * CHUNK);
      flush[part].run(operands[i], NO_SCALARS);
    }
  }

  private void square(int part, int parts) {
    int until = Team.from(chunks.length, part + 1, parts);
    for (int i = Team.from(chunks.length, part, parts); i < until; i++) {
      chunks[i].moveTo(from + (long) i * CHUNK);
      sums[i] = kernels.sumOfSquares(chunks[i]);
    }
  }
}
