package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;

/// The sum of the squares of some numbers of a buffer, by all threads: of chunks of a fixed size, which are added in
/// their order, so it is the same for any team.
final class ChunkedSquares {
  private static final int CHUNK = 1 << 14;

  private final Kernels kernels;
  private final Team team;
  private final Matrix[] chunks;
  private final double[] sums;
  private final Team.Task task = this::run;
  private long from;

  /// @param count how many numbers
  ChunkedSquares(Kernels kernels, Team team, Buffer buffer, long count) {
    this.kernels = kernels;
    this.team = team;
    chunks = new Matrix[Math.toIntExact((count + CHUNK - 1) / CHUNK)];
    sums = new double[chunks.length];
    for (int i = 0; i < chunks.length; i++) {
      long at = (long) i * CHUNK;
      chunks[i] = Matrix.of(buffer, at, 1, (int) Math.min(CHUNK, count - at));
    }
  }

  /// The sum of the numbers from `from` on.
  double sum(long from) {
    this.from = from;
    team.run(task);
    double sum = 0;
    for (double own : sums) {
      sum += own;
    }
    return sum;
  }

  private void run(int part, int parts) {
    int until = Team.from(chunks.length, part + 1, parts);
    for (int i = Team.from(chunks.length, part, parts); i < until; i++) {
      chunks[i].moveTo(from + (long) i * CHUNK);
      sums[i] = kernels.sumOfSquares(chunks[i]);
    }
  }
}
